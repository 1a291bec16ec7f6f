-- The log: every fact, its place, who may be alone at what, and how far each reader has got.

create table event (
    tenant_id      uuid not null,
    aggregate_type text not null,
    aggregate_id   text not null,
    version        integer not null,
    event_id       uuid not null,
    event_type     text not null,
    schema_version smallint not null,
    event_data     jsonb not null,
    metadata       jsonb not null,
    recorded_at    timestamptz not null default now(),
    transaction    xid8 not null default pg_current_xact_id(),
    sequence       bigint generated always as identity,
    primary key (transaction, sequence),
    -- Deferrable, and so checked last: an append repeated whole meets `event_id_once` first.
    constraint event_version_once
        unique (tenant_id, aggregate_type, aggregate_id, version) deferrable,
    constraint event_id_once unique (event_id)
);

create table event_position (
    position    bigint primary key,
    transaction xid8 not null,
    sequence    bigint not null,
    unique (transaction, sequence)
);
insert into event_position values (0, '0', 0); -- Before the first event.

create table checkpoint (name text primary key, position bigint not null);

-- The highest position that the relay has published in each partition.
create table topic_head (
    topic     text not null,
    partition integer not null,
    position  bigint not null,
    primary key (topic, partition)
);

-- The highest position that each consumer group has finished there.
create table consumer_progress (
    consumer  text not null,
    topic     text not null,
    partition integer not null,
    position  bigint not null,
    primary key (consumer, topic, partition)
);

create table lease (
    name       text primary key,
    epoch      bigint not null,
    holder     text not null,
    expires_at timestamptz not null
);

-- Where a poller has got, and when it is due again.
create table poll_mark (
    name   text primary key,
    mark   jsonb not null,
    due_at timestamptz not null
);

-- What an operator wants of a post, and how the post is.
create table post (
    name      text primary key,
    wanted    text not null default 'run' check (wanted in ('run', 'pause', 'drain')),
    reason    text,
    restarts  bigint not null default 0, -- As often as one was asked for.
    status    jsonb,
    status_at timestamptz
);

create table dead_letter (
    id         bigint generated always as identity primary key,
    consumer   text not null,
    topic      text not null,
    partition  integer not null,
    kafka_offset bigint not null,
    position   bigint,
    event_id   text,
    event_type text,
    error      text not null,
    count      integer not null default 1,
    state      text not null default 'parked' check (state in ('parked', 'retry', 'done', 'dropped')),
    key        bytea,
    value      bytea not null,
    headers    jsonb not null,
    at         timestamptz not null default now(),
    unique (consumer, topic, partition, kafka_offset)
);
create index dead_letter_retry on dead_letter (consumer, id) where state = 'retry';

-- One call is one round trip. Appends `n` events to `streams` many places: each event carries its
-- stream and version. A version other than the first must follow one that is there.
create function append_events(
    tenant uuid, aggregate_types text[], aggregate_ids text[], versions integer[],
    event_ids uuid[], event_types text[], schema_versions smallint[], event_datas text[],
    metadatas text[], which integer[]
) returns timestamptz
language plpgsql as $$
declare
    missing text;
begin
    select asked.aggregate_id into missing
    from (
        select aggregate_type, aggregate_id, min(version) - 1 as version
        from unnest(aggregate_types, aggregate_ids, versions)
            as each (aggregate_type, aggregate_id, version)
        group by aggregate_type, aggregate_id
        having min(version) > 1
    ) as asked
    where not exists (
        select from event where (tenant_id, event.aggregate_type, event.aggregate_id, event.version)
            = (tenant, asked.aggregate_type, asked.aggregate_id, asked.version)
    )
    limit 1;
    if found then
        raise unique_violation using constraint = 'event_version_once', detail = missing;
    end if;
    insert into event (tenant_id, aggregate_type, aggregate_id, version,
                       event_id, event_type, schema_version, event_data, metadata)
    select tenant, aggregate_type, aggregate_id, version,
           event_id, event_type, schema_version, event_data::jsonb, metadatas[cause]::jsonb
    from unnest(aggregate_types, aggregate_ids, versions, event_ids, event_types, schema_versions,
                event_datas, which)
        as new (aggregate_type, aggregate_id, version, event_id, event_type, schema_version,
                event_data, cause);
    return now();
end $$;

-- Where no tenant is set, the cast fails: an error, not an empty answer.
alter table event enable row level security;
alter table event force row level security;
create policy readable on event for select to mch_app
    using (tenant_id in (current_setting('mch.tenant_id')::uuid,
                         '00000000-0000-0000-0000-000000000000'));
create policy tenant on event to mch_app
    using (tenant_id = current_setting('mch.tenant_id')::uuid)
    with check (tenant_id = current_setting('mch.tenant_id')::uuid);
create policy relay on event for select to mch_relay using (true);

grant select, insert on event to mch_app;
grant select on event to mch_relay;
grant select, insert on event_position to mch_relay;
grant select, insert, update on checkpoint, topic_head, consumer_progress, lease, poll_mark, post,
    dead_letter to mch_relay;
grant delete on consumer_progress to mch_relay;
grant select on checkpoint, topic_head, consumer_progress, post to mch_app;
