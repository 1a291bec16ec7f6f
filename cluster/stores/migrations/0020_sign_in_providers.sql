-- Companies' own providers of identity (OpenID Connect), and whom their subjects stand for.

create table sign_in_provider (
    tenant_id     uuid primary key,
    name          text not null unique, -- What members type to be led to it.
    issuer        text not null,
    client_id     text not null,
    client_secret text not null, -- Sealed for the company.
    domains       text[] not null, -- Of addresses whose owners may join.
    role          text not null, -- What they join as.
    set_at        timestamptz not null default now()
);

create table sign_in_link (
    tenant_id uuid not null,
    issuer    text not null,
    subject   text not null,
    person_id uuid not null,
    linked_at timestamptz not null default now(),
    primary key (tenant_id, issuer, subject),
    unique (tenant_id, issuer, person_id) -- An address that was given to another is not linked twice.
);

do $$
declare
    tenant_table text;
begin
    foreach tenant_table in array array['sign_in_provider', 'sign_in_link'] loop
        execute format('alter table %I enable row level security', tenant_table);
        execute format('alter table %I force row level security', tenant_table);
        execute format(
            'create policy tenant on %I to mch_app
                using (tenant_id = current_setting(''mch.tenant_id'')::uuid)
                with check (tenant_id = current_setting(''mch.tenant_id'')::uuid)', tenant_table);
        execute format('grant select, insert, update, delete on %I to mch_app', tenant_table);
    end loop;
end $$;

-- Before it is known for which company someone asks.
create policy holder on sign_in_provider for select to mch_app
    using (name = current_setting('mch.provider_name', true));
-- Sealing anew walks every company's.
create policy relay on sign_in_provider for select to mch_relay using (true);
grant select on sign_in_provider to mch_relay;
