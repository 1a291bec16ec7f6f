-- Accounts of jobs and services: tokens of the hub's own issuer name one, which may be revoked.

create table service_account (
    tenant_id   uuid not null,
    name        text not null,
    permissions text[] not null, -- The most that a token of it may have.
    made_by     text not null,
    made_at     timestamptz not null default now(),
    expires_at  timestamptz not null,
    revoked_at  timestamptz, -- For good: the name is not given again.
    primary key (tenant_id, name)
);
alter table service_account enable row level security;
alter table service_account force row level security;
create policy tenant on service_account to mch_app
    using (tenant_id = current_setting('mch.tenant_id')::uuid)
    with check (tenant_id = current_setting('mch.tenant_id')::uuid);
grant select, insert, update, delete on service_account to mch_app;
