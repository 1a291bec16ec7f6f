-- Attachments of notices: what a company asked for and what became of it, and which public files
-- were fetched already. Work that must wait says until when.

create table attachment (
    tenant_id    uuid not null,
    notice_id    text not null,
    url          text not null, -- As the notice links it.
    state        text not null default 'waiting', -- waiting, fetched, failed
    document_id  uuid,          -- What it became.
    reason       text,          -- Why it failed, or waits: a code, and a sentence for people.
    detail       text,
    tries        integer not null default 0, -- In vain, since it was asked for last.
    asked_by     text not null, -- A user's id, or the post that acts by the company's wish.
    asked_at     timestamptz not null default now(),
    ended_at     timestamptz,
    primary key (tenant_id, notice_id, url)
);
create index attachment_notice on attachment (notice_id);

alter table attachment enable row level security;
alter table attachment force row level security;
create policy tenant on attachment to mch_app
    using (tenant_id = current_setting('mch.tenant_id')::uuid)
    with check (tenant_id = current_setting('mch.tenant_id')::uuid);
-- An amended notice is followed for all who asked for its files.
create policy relay on attachment for select to mch_relay using (true);
grant select, insert, update, delete on attachment to mch_app;
grant select on attachment to mch_relay;

-- An amendment on SAM.gov is a new notice of the same solicitation.
create policy relay on solicitation_notice for select to mch_relay using (true);
grant select on solicitation_notice to mch_relay;

create table notice_file (
    url        text primary key,
    tenant_id  uuid not null, -- The public one's: the bytes lie in S3 under its name.
    digest     text not null,
    name       text not null,
    size_bytes bigint not null,
    fetched_at timestamptz not null default now()
);

alter table notice_file enable row level security;
alter table notice_file force row level security;
create policy tenant on notice_file to mch_app
    using (tenant_id = current_setting('mch.tenant_id')::uuid)
    with check (tenant_id = current_setting('mch.tenant_id')::uuid);
grant select, insert, update, delete on notice_file to mch_app;

alter table work add column due_at timestamptz not null default now(); -- Not to be taken before.
