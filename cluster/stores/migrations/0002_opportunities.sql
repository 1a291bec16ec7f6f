-- Opportunities: the inline read model, texts by digest, and what syncing and importing remember.

create table text (
    digest text primary key check (digest ~ '^[0-9a-f]{64}$'),
    body   text not null
);

create table opportunity (
    notice_id           text primary key,
    tenant_id           uuid not null,
    version             int not null,
    form                smallint not null,
    notice              jsonb not null,
    is_closed           boolean not null,
    close_reason        text,
    award               jsonb, -- As last told by `OpportunityAwarded`.
    title               text not null,
    solicitation_number text,
    type                text,
    posted_at           timestamptz,
    deadline_at         timestamptz, -- Null where only a day, or no offset, is known.
    deadline_date       date,
    closes_at           timestamptz, -- When it closes by itself: the end of the deadline or archive day.
    naics               text,
    psc                 text,
    set_aside           text,
    department          text,
    sub_tier            text,
    office              text,
    state               text,
    country             text,
    is_medical          boolean not null,
    is_active           boolean not null,
    description_digest  text,
    discovered_at       timestamptz not null,
    updated_at          timestamptz not null,
    search              tsvector not null
);
create index opportunity_posted on opportunity (posted_at desc, notice_id);
create index opportunity_deadline on opportunity (deadline_date, notice_id);
create index opportunity_updated on opportunity (updated_at desc, notice_id);
create index opportunity_closes on opportunity (closes_at) where not is_closed;
create index opportunity_undescribed on opportunity (is_medical desc, posted_at desc)
    where description_digest is null;
create index opportunity_solicitation on opportunity (solicitation_number);
create index opportunity_naics on opportunity (naics text_pattern_ops);
create index opportunity_psc on opportunity (psc text_pattern_ops);
create index opportunity_set_aside on opportunity (set_aside);
create index opportunity_state on opportunity (state);
create index opportunity_department on opportunity (department);
create index opportunity_medical on opportunity (posted_at desc) where is_medical;
create index opportunity_search on opportunity using gin (search);

-- People, firms and streets that a notice names. Never in events, so that erasing needs no replay.
create table notice_contact (
    notice_id text not null,
    kind      text not null check (kind in ('primary', 'secondary', 'awardee', 'place')),
    details   jsonb not null,
    primary key (notice_id, kind)
);

-- What a source last told of a notice, as a digest: telling the same again needs no work.
create table notice_source (
    source    text not null,
    notice_id text not null,
    digest    text not null,
    primary key (source, notice_id)
);

-- Records that could not be read, with the reason; the raw one lies in S3 under its digest.
create table notice_rejected (
    source     text not null,
    record_key text not null,
    digest     text not null,
    reason     text not null,
    seen_at    timestamptz not null default now(),
    primary key (source, record_key)
);

-- One row for each thing that is synced: what the system page tells, and where to go on.
create table sync_state (
    name             text primary key,
    synced_to        date,
    started_at       timestamptz,
    last_success_at  timestamptz,
    last_error       text,
    last_error_kind  text,
    last_error_at    timestamptz,
    next_try_at      timestamptz,
    quota_left       int,
    quota_resets_at  timestamptz,
    seen             int not null default 0,
    rejected         int not null default 0
);

-- Calls to an API on one day of its calendar. `blocked_until` is the API's own word.
create table api_quota (
    api           text primary key,
    day           date not null,
    used          int not null,
    blocked_until timestamptz
);

alter table opportunity enable row level security;
alter table opportunity force row level security;
create policy readable on opportunity for select to mch_app
    using (tenant_id in (current_setting('mch.tenant_id')::uuid,
                         '00000000-0000-0000-0000-000000000000'));
create policy tenant on opportunity to mch_app
    using (tenant_id = current_setting('mch.tenant_id')::uuid)
    with check (tenant_id = current_setting('mch.tenant_id')::uuid);

grant select, insert on text to mch_app;
grant select, insert, update on opportunity to mch_app;
grant select, insert, update, delete on notice_contact, notice_source, notice_rejected to mch_app;
grant select, insert, update on sync_state, api_quota to mch_app;
