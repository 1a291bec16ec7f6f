-- Uploads that arrive in pieces and may be taken up again. Their bytes lie in S3 until they are whole.

create table upload (
    tenant_id    uuid not null,
    upload_id    uuid not null,
    name         text not null,
    notice_id    text,
    length_bytes bigint not null,
    received     bigint not null default 0,
    pieces       text[] not null default '{}', -- Their names in S3, in their order.
    document_id  uuid, -- What it became.
    touched_at   timestamptz not null default now(),
    primary key (tenant_id, upload_id)
);

alter table upload enable row level security;
alter table upload force row level security;
create policy tenant on upload to mch_app
    using (tenant_id = current_setting('mch.tenant_id')::uuid)
    with check (tenant_id = current_setting('mch.tenant_id')::uuid);

grant select, insert, update, delete on upload to mch_app;
