-- Documents, what became of each of their pages, and the rows of work that read them.

create table document (
    tenant_id   uuid not null,
    document_id uuid not null,
    digest      text not null, -- Of its bytes: where the file lies in S3.
    name        text not null, -- As it was uploaded: erasable, so in no event.
    media_type  text not null,
    size_bytes  bigint not null,
    source      text not null, -- upload, attachment, archive
    parent_id   uuid,          -- The archive that held it.
    uploaded_by text not null,
    uploaded_at timestamptz not null default now(),
    run         integer not null default 0, -- Which reading of it the pages are of; 0 before its first event.
    mode        text not null default 'auto',
    state       text not null default 'waiting', -- waiting, reading, processed, failed
    pages       integer,       -- Null until somebody has looked.
    engine      text,
    characters  bigint,
    reason      text,          -- Why it failed: a code, and a sentence for people.
    detail      text,
    started_at  timestamptz,
    ended_at    timestamptz,
    primary key (tenant_id, document_id),
    unique (tenant_id, digest)
);
create index document_newest on document (tenant_id, uploaded_at desc, document_id desc);

create table document_notice (
    tenant_id   uuid not null,
    document_id uuid not null,
    notice_id   text not null,
    linked_at   timestamptz not null default now(),
    primary key (tenant_id, document_id, notice_id),
    foreign key (tenant_id, document_id) references document on delete cascade
);
create index document_notice_notice on document_notice (tenant_id, notice_id);

-- Pages in = done + failed: a page that was counted has a row, from the first moment on.
create table document_page (
    tenant_id   uuid not null,
    document_id uuid not null,
    run         integer not null,
    number      integer not null,
    state       text not null default 'waiting', -- waiting, done, failed
    reason      text,
    engine      text,
    characters  integer,
    confidence  real,
    width       real,
    height      real,
    ended_at    timestamptz,
    primary key (tenant_id, document_id, run, number),
    foreign key (tenant_id, document_id) references document on delete cascade
);

-- What takes long: taken one by one by who holds the lease on it, deleted when its subject is done.
create table work (
    tenant_id    uuid not null,
    kind         text not null,
    key          text not null,
    payload      jsonb not null,
    state        text not null default 'waiting', -- waiting, running, done, failed
    holder       uuid,
    leased_until timestamptz,
    attempts     integer not null default 0,
    progress     integer not null default 0,
    reason       text,
    created_at   timestamptz not null default now(),
    taken_at     timestamptz,
    primary key (tenant_id, kind, key)
);
create index work_open on work (kind, state, created_at) where state in ('waiting', 'running');
create index work_taken on work (kind, tenant_id, taken_at desc);

do $$
declare relation text;
begin
    foreach relation in array array['document', 'document_notice', 'document_page', 'work'] loop
        execute format('alter table %I enable row level security', relation);
        execute format('alter table %I force row level security', relation);
        execute format($policy$
            create policy tenant on %I to mch_app
                using (tenant_id = current_setting('mch.tenant_id')::uuid)
                with check (tenant_id = current_setting('mch.tenant_id')::uuid)
            $policy$, relation);
        execute format('grant select, insert, update, delete on %I to mch_app', relation);
    end loop;
end $$;

-- Who takes work chooses fairly among all tenants; what the work is about it reads as the tenant.
create policy relay on work to mch_relay using (true) with check (true);
grant select, update on work to mch_relay;
