-- Which document is taken for a new version of which: guessed, and for people to undo.

create table document_version (
    tenant_id      uuid not null,
    document_id    uuid not null,
    predecessor_id uuid not null,
    why            text not null, -- notice, solicitation
    alike          real not null, -- Share of requirements that both have, some in other words.
    linked_at      timestamptz not null default now(),
    undone_by      text,
    undone_at      timestamptz,
    primary key (tenant_id, document_id)
);

alter table document_version enable row level security;
alter table document_version force row level security;
create policy tenant on document_version to mch_app
    using (tenant_id = current_setting('mch.tenant_id')::uuid)
    with check (tenant_id = current_setting('mch.tenant_id')::uuid);
grant select, insert, update, delete on document_version to mch_app;
