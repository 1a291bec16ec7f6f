-- Up to where a company's audit chain was found whole, so that a look at it begins there.

create table audit_verified (
    tenant_id uuid primary key,
    sequence  bigint not null,
    hash      bytea not null,
    walked_at timestamptz not null -- When all of it was walked last, from the first entry on.
);
alter table audit_verified enable row level security;
alter table audit_verified force row level security;
create policy tenant on audit_verified to mch_app
    using (tenant_id = current_setting('mch.tenant_id')::uuid)
    with check (tenant_id = current_setting('mch.tenant_id')::uuid);

grant select, insert, update, delete on audit_verified to mch_app;
