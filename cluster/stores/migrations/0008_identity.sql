-- People, their companies, and who is what to which.

-- A person belongs to no tenant: she can be a member of several. All that is personal stands here,
-- in `company_document` and in `invitation`, and can be erased; events name people by `person_id`.
create table person (
    person_id     uuid primary key,
    email         text not null unique check (email = lower(email)),
    name          text not null,
    password_hash text not null,
    totp_secret   text, -- Of the second factor. None: there is none.
    totp_offered  text, -- Shown, and not yet proved to be kept.
    totp_step     bigint not null default 0, -- The last one used: a code works once.
    created_at    timestamptz not null default now()
);

create table recovery_code (
    person_id uuid not null references person on delete cascade,
    digest    text not null,
    primary key (person_id, digest)
);

-- Someone who says that an address is theirs, until they have read the mail.
create table sign_up (
    digest        text primary key, -- Of the link's secret.
    email         text not null,
    name          text not null,
    password_hash text not null,
    company       text not null,
    expires_at    timestamptz not null
);

create table password_reset (
    digest     text primary key,
    person_id  uuid not null references person on delete cascade,
    expires_at timestamptz not null
);

grant select, insert, update, delete on person, recovery_code, sign_up, password_reset to mch_app;

-- Who is what to which company: the read model of the `Company` streams.
create table membership (
    tenant_id uuid not null,
    person_id uuid not null,
    role      text not null,
    joined_at timestamptz not null,
    primary key (tenant_id, person_id)
);
create index membership_person on membership (person_id);

create table company (
    tenant_id uuid primary key,
    name      text not null
);

-- A profile as it was, by the digest that its event tells. Erasable.
create table company_document (
    tenant_id uuid not null,
    digest    text not null,
    body      text not null,
    primary key (tenant_id, digest)
);

create table invitation (
    tenant_id     uuid not null,
    invitation_id uuid not null,
    digest        text not null unique, -- Of the link's secret.
    email         text not null,
    role          text not null,
    state         text not null default 'prepared'
        check (state in ('prepared', 'open', 'accepted', 'withdrawn')),
    expires_at    timestamptz not null,
    primary key (tenant_id, invitation_id)
);

create table api_key (
    tenant_id    uuid not null,
    prefix       text primary key,
    digest       text not null,
    name         text not null,
    scopes       text[] not null,
    made_by      text not null,
    made_at      timestamptz not null default now(),
    expires_at   timestamptz not null,
    revoked_at   timestamptz,
    last_used_at timestamptz
);
create index api_key_tenant on api_key (tenant_id, made_at);

do $$
declare
    name text;
begin
    foreach name in array array['membership', 'company', 'company_document', 'invitation', 'api_key'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format(
            'create policy tenant on %I to mch_app
                using (tenant_id = current_setting(''mch.tenant_id'')::uuid)
                with check (tenant_id = current_setting(''mch.tenant_id'')::uuid)', name);
        execute format('grant select, insert, update, delete on %I to mch_app', name);
    end loop;
end $$;

-- Before it is known for which company someone asks.
create policy person on membership for select to mch_app
    using (person_id = nullif(current_setting('mch.person_id', true), '')::uuid);
create policy person on company for select to mch_app
    using (tenant_id in (
        select membership.tenant_id from membership
        where person_id = nullif(current_setting('mch.person_id', true), '')::uuid
    ));
create policy holder on api_key for select to mch_app
    using (prefix = current_setting('mch.key_prefix', true));
-- Whoever tells of matches must learn whom to tell.
create policy relay on membership for select to mch_relay using (true);
grant select on membership to mch_relay;
