-- What is drawn from a document's pages: requirements, key facts, line items, chunks for search.
-- Text of a tenant: erased with the tenant, never in the log.

create table extraction (
    tenant_id    uuid not null,
    document_id  uuid not null,
    digest       text not null,
    facts        jsonb not null,
    items        jsonb not null,
    extracted_at timestamptz not null default now(),
    primary key (tenant_id, document_id)
);

create table requirement (
    tenant_id   uuid not null,
    document_id uuid not null,
    row_key     text not null, -- Of its words: the same in every version of the document.
    number      integer not null,
    requirement jsonb not null,
    primary key (tenant_id, document_id, row_key)
);
create index requirement_number on requirement (tenant_id, document_id, number);

create table document_chunk (
    tenant_id   uuid not null,
    document_id uuid not null,
    chunk       integer not null,
    heading     text not null,
    body        text not null,
    starts      integer not null, -- Characters of the document's text.
    ends        integer not null,
    places      jsonb not null,
    primary key (tenant_id, document_id, chunk)
);

alter table extraction enable row level security;
alter table extraction force row level security;
create policy tenant on extraction to mch_app
    using (tenant_id = current_setting('mch.tenant_id')::uuid)
    with check (tenant_id = current_setting('mch.tenant_id')::uuid);

alter table requirement enable row level security;
alter table requirement force row level security;
create policy tenant on requirement to mch_app
    using (tenant_id = current_setting('mch.tenant_id')::uuid)
    with check (tenant_id = current_setting('mch.tenant_id')::uuid);

alter table document_chunk enable row level security;
alter table document_chunk force row level security;
create policy tenant on document_chunk to mch_app
    using (tenant_id = current_setting('mch.tenant_id')::uuid)
    with check (tenant_id = current_setting('mch.tenant_id')::uuid);

grant select, insert, update, delete on extraction, requirement, document_chunk to mch_app;
