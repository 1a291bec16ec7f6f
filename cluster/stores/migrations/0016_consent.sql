-- For what, and by whom, a company lets its texts be worked on outside of this hub: the read model
-- of `ConsentChanged`. Who has no row was not asked, and has not consented.
create table consent (
    tenant_id uuid not null,
    purpose   text not null,
    provider  text not null,
    given     boolean not null,
    told_by   text not null, -- A person's id.
    told_at   timestamptz not null,
    primary key (tenant_id, purpose)
);

alter table consent enable row level security;
alter table consent force row level security;
create policy tenant on consent to mch_app
    using (tenant_id = current_setting('mch.tenant_id')::uuid)
    with check (tenant_id = current_setting('mch.tenant_id')::uuid);
grant select, insert, update, delete on consent to mch_app;
