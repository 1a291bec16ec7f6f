-- Which notices are of one solicitation, and what each is in it: the read model beside the streams
-- of solicitations, written in the transaction that appends to them.

create table solicitation_notice (
    notice_id    text primary key, -- A notice is of one solicitation at a time.
    tenant_id    uuid not null,
    solicitation text not null, -- The number in its normal form.
    reason       text not null,
    linked_at    timestamptz not null
);
create index solicitation_notice_solicitation on solicitation_notice (solicitation);

alter table solicitation_notice enable row level security;
alter table solicitation_notice force row level security;
-- Deleting asks only `using`: so what is public is for others to read and no more.
create policy readable on solicitation_notice for select to mch_app
    using (tenant_id in (current_setting('mch.tenant_id')::uuid,
                         '00000000-0000-0000-0000-000000000000'));
create policy tenant on solicitation_notice to mch_app
    using (tenant_id = current_setting('mch.tenant_id')::uuid)
    with check (tenant_id = current_setting('mch.tenant_id')::uuid);

grant select, insert, update, delete on solicitation_notice to mch_app;
