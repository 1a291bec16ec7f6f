-- The compliance matrix as it stands: the read model beside the streams of matrices, written in the
-- transaction that appends to them, and the free text that events know by its digest.

create table matrix (
    tenant_id   uuid not null,
    matrix_id   uuid not null, -- The id of the first version of its document.
    document_id uuid not null, -- The version that it stands at.
    version     integer not null,
    primary key (tenant_id, matrix_id)
);
create index matrix_document on matrix (tenant_id, document_id);

create table matrix_row (
    tenant_id   uuid not null,
    matrix_id   uuid not null,
    row_key     text not null,
    document_id uuid not null, -- Whose requirement it is: of a removed one, the version before.
    number      integer not null, -- Its place in the matrix.
    label       integer not null, -- What people call it: never given again.
    status      text not null default 'open',
    assignee    text,
    note        text, -- Digests.
    answer      text,
    section     text, -- Of a proposal: nothing sets it yet.
    touched     text,
    before_key  text, -- Of a changed row: the requirement in the version before.
    before_document_id uuid,
    version     integer not null,
    edited_by   text,
    edited_at   timestamptz,
    primary key (tenant_id, matrix_id, row_key)
);

create table matrix_change (
    tenant_id   uuid not null,
    matrix_id   uuid not null,
    version     integer not null,
    row_key     text not null,
    field       text not null,
    old         text,
    new         text,
    by_user     text,
    at          timestamptz not null,
    primary key (tenant_id, matrix_id, version, row_key, field)
);
create index matrix_change_row on matrix_change (tenant_id, matrix_id, row_key);

create table matrix_link (
    tenant_id   uuid not null,
    matrix_id   uuid not null,
    source_key  text not null,
    target_key  text not null,
    score       real, -- None where a person made the link.
    state       text not null, -- proposed, confirmed, rejected
    decided_by  text,
    decided_at  timestamptz,
    primary key (tenant_id, matrix_id, source_key, target_key)
);

create table matrix_text (
    tenant_id   uuid not null,
    digest      text not null,
    body        text not null,
    primary key (tenant_id, digest)
);

do $$
declare
    relation text;
begin
    foreach relation in array array['matrix', 'matrix_row', 'matrix_change', 'matrix_link',
                                    'matrix_text'] loop
        execute format('alter table %I enable row level security', relation);
        execute format('alter table %I force row level security', relation);
        execute format('create policy tenant on %I to mch_app
            using (tenant_id = current_setting(''mch.tenant_id'')::uuid)
            with check (tenant_id = current_setting(''mch.tenant_id'')::uuid)', relation);
        execute format('grant select, insert, update, delete on %I to mch_app', relation);
    end loop;
end $$;
