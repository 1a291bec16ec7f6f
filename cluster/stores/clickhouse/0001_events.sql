-- One generation of the analytics: every event, and what is counted of them as they arrive.
-- `{generation}` is its database. A repeated position changes no count: rows replace each other,
-- states are sets (`uniqExact`) or keep the newest (`argMax`).

create table if not exists {generation}.events (
    position       UInt64,
    topic          LowCardinality(String),
    partition      UInt16 materialized kafkaMurmurHash(aggregate_id) % 12,
    tenant_id      UUID,
    aggregate_type LowCardinality(String),
    aggregate_id   String,
    event_id       UUID,
    event_type     LowCardinality(String),
    version        UInt32,
    schema_version UInt16,
    origin         LowCardinality(String),
    at             DateTime64(6, 'UTC'),
    data           String codec(ZSTD),
    -- What an event tells of a notice; `tells_notice` says whether it tells all of it.
    tells_notice   Bool,
    type           LowCardinality(String),
    agency         LowCardinality(String),
    naics          LowCardinality(String),
    psc            LowCardinality(String),
    set_aside      LowCardinality(String),
    state          LowCardinality(String),
    posted_on      Nullable(Date32),
    deadline_at    Nullable(DateTime64(0, 'UTC')),
    is_medical     Bool,
    closes         Nullable(Bool), -- True where it closes, false where it opens.
    score          Nullable(UInt8)
) engine = ReplacingMergeTree order by position
-- What Kafka is told to be done must outlast a power cut.
settings fsync_after_insert = 1, fsync_part_directory = 1;

-- The newest that is known of each opportunity. An amendment can change what it is counted under,
-- so counts by agency, code or place come from here.
create table if not exists {generation}.opportunity_states (
    notice_id String,
    told      AggregateFunction(argMax, Tuple(
        type String, agency String, naics String, psc String, set_aside String, state String,
        posted_on Nullable(Date32), deadline_at Nullable(DateTime64(0, 'UTC')), is_medical Bool
    ), UInt64),
    closed    AggregateFunction(argMax, Bool, UInt64),
    first_at  AggregateFunction(min, DateTime64(6, 'UTC'))
) engine = AggregatingMergeTree order by notice_id
settings fsync_after_insert = 1, fsync_part_directory = 1;

create materialized view if not exists {generation}.opportunities_told
to {generation}.opportunity_states as
select aggregate_id as notice_id,
       argMaxState(
           cast((type, agency, naics, psc, set_aside, state, posted_on, deadline_at, is_medical),
                'Tuple(type String, agency String, naics String, psc String, set_aside String,
                       state String, posted_on Nullable(Date32),
                       deadline_at Nullable(DateTime64(0, \'UTC\')), is_medical Bool)'),
           position) as told,
       minState(at) as first_at
from {generation}.events where tells_notice group by aggregate_id;

create materialized view if not exists {generation}.opportunities_closed
to {generation}.opportunity_states as
select aggregate_id as notice_id, argMaxState(assumeNotNull(closes), position) as closed
from {generation}.events where closes is not null group by aggregate_id;

create table if not exists {generation}.match_states (
    tenant_id UUID,
    notice_id String,
    score     AggregateFunction(argMax, UInt8, UInt64),
    first_at  AggregateFunction(min, DateTime64(6, 'UTC'))
) engine = AggregatingMergeTree order by (tenant_id, notice_id)
settings fsync_after_insert = 1, fsync_part_directory = 1;

create materialized view if not exists {generation}.matches_told to {generation}.match_states as
select tenant_id, aggregate_id as notice_id,
       argMaxState(assumeNotNull(told.score), position) as score, minState(at) as first_at
from {generation}.events as told where told.score is not null group by tenant_id, aggregate_id;

create table if not exists {generation}.usage_states (
    tenant_id  UUID,
    day        Date,
    event_type LowCardinality(String),
    subjects   AggregateFunction(uniqExact, String)
) engine = AggregatingMergeTree order by (tenant_id, day, event_type)
settings fsync_after_insert = 1, fsync_part_directory = 1;

create materialized view if not exists {generation}.usage_told to {generation}.usage_states as
select tenant_id, toDate(at) as day, event_type, uniqExactState(aggregate_id) as subjects
from {generation}.events where topic = 'contracts.analytics.events'
group by tenant_id, day, event_type;

create table if not exists {generation}.event_states (
    day        Date,
    topic      LowCardinality(String),
    event_type LowCardinality(String),
    events     AggregateFunction(uniqExact, UInt64)
) engine = AggregatingMergeTree order by (day, topic, event_type)
settings fsync_after_insert = 1, fsync_part_directory = 1;

create materialized view if not exists {generation}.events_told to {generation}.event_states as
select toDate(at) as day, topic, event_type, uniqExactState(position) as events
from {generation}.events group by day, topic, event_type;
