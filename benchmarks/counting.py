"""From Kafka into ClickHouse: `write_analytics` against sentry-arroyo, and against a bare insert.

arroyo consumes with librdkafka, and is given our own decoding, encoding and table: what differs is
the consumer and its loop. Figures are microseconds an event between the end of the first insert
and the end of the last, so that joining a group counts for neither.
"""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import clickhouse_connect
from arroyo.backends.kafka import KafkaConsumer, KafkaPayload, build_kafka_consumer_configuration
from arroyo.processing import StreamProcessor
from arroyo.processing.strategies import (
    BatchStep,
    CommitOffsets,
    ProcessingStrategy,
    ProcessingStrategyFactory,
    RunTaskInThreads,
)
from arroyo.types import BaseValue, Commit, Message, Partition, Topic

from actors.worker import Worker
from actors.write_analytics import BATCH, WriteAnalytics
from benchmarks.harness import Comparison, compare_figures, of_package
from benchmarks.places import all_stores
from benchmarks.samples import discoveries
from cluster.settings import ClickHouseSettings, Settings
from cluster.stores.analytics import AnalyticsStore
from cluster.stores.analytics_rows import to_table
from cluster.stores.clickhouse_client import ClickHouse, open_clickhouse
from cluster.stores.dead_letters import GroupDeadLetters, announcing
from cluster.stores.doorbell import PUBLISHED, open_ears
from cluster.stores.event_consumer import open_event_source
from cluster.stores.event_topic import open_event_topic
from cluster.stores.letters import Delivered
from cluster.stores.postgres import open_pool
from domain.access import PUBLIC
from domain.events import Cause, Recorded
from domain.flows import EVENT_TYPES
from domain.opportunity import OPPORTUNITY
from domain.wire import TOPICS, WireReader

TOPIC = TOPICS[OPPORTUNITY.aggregate_type]
PATIENCE_S = 180.0

_TOLD = """
select count(), uniqExact(position), sum(cityHash64(position, event_id, event_type, agency, data))
from {database:Identifier}.events
"""


@dataclass
class Stopwatch:
    """Told at the end of each insert how many events it held."""

    inserts: list[tuple[float, int]] = field(default_factory=list)

    def lap(self, count: int) -> None:
        self.inserts.append((time.perf_counter(), count))

    @property
    def count(self) -> int:
        return sum(count for _, count in self.inserts)

    def per_event_us(self) -> float:
        (began, first), (ended, _) = self.inserts[0], self.inserts[-1]
        return 1e6 * (ended - began) / (self.count - first)


class Timed:
    """The post's own handler, and a stopwatch."""

    def __init__(self, analytics: AnalyticsStore, watch: Stopwatch) -> None:
        self._handle = WriteAnalytics(analytics)
        self._watch = watch

    async def __call__(self, batch: Sequence[Delivered]) -> None:
        await self._handle(batch)
        self._watch.lap(len(batch))


class Inserting(ProcessingStrategyFactory[KafkaPayload]):
    """arroyo's strategy: batches, two threads that decode, encode and insert, then the commit."""

    def __init__(self, insert: Callable[[Sequence[BaseValue[KafkaPayload]]], None]) -> None:
        self._insert = insert

    def create_with_partitions(
        self, commit: Commit, partitions: Mapping[Partition, int]
    ) -> ProcessingStrategy[KafkaPayload]:
        def insert(message: Message[Any]) -> None:
            self._insert(message.payload)

        inserting = RunTaskInThreads(insert, 2, 4, CommitOffsets(commit))
        return BatchStep(BATCH.records, 1.0, inserting)


def run(*, short: bool) -> list[Comparison]:
    count, rounds = (6_000, 2) if short else (24_000, 5)
    with all_stores() as settings:
        return asyncio.run(_compare(settings, count, rounds))


async def _compare(settings: Settings, count: int, rounds: int) -> list[Comparison]:
    recorded = _recorded(count)
    async with (
        open_event_topic(settings.kafka) as topic,
        open_clickhouse(settings.clickhouse) as clickhouse,
    ):
        for at in range(0, count, 500):
            await topic.publish(recorded[at : at + 500])
        found = [await _round(settings, clickhouse, number, recorded) for number in range(rounds)]
    ours, theirs, bare = map(list, zip(*found, strict=True))
    arroyo = f"sentry-arroyo {of_package('sentry-arroyo')}"
    mine = ("write_analytics", ours)
    return [
        compare_figures("Kafka to ClickHouse", mine, (arroyo, theirs), goal=1.2, unit="us/event"),
        compare_figures(
            "Kafka to ClickHouse, of the bare insert",
            mine,
            ("INSERT of encoded Arrow", bare),
            goal=0.7,
            unit="us/event",
        ),
    ]


async def _round(
    settings: Settings, clickhouse: ClickHouse, number: int, recorded: Sequence[Recorded]
) -> list[float]:
    """Ours, arroyo's and the bare insert's figure, each in a database of its own."""
    stores = [AnalyticsStore(clickhouse, f"bench_{number}_{side}") for side in "abc"]
    for store in stores:
        await store.generations.prepare()
    names = [store.generations.name(1) for store in stores]

    async def measure(side: int) -> float:
        if side == 0:
            watch = await _ours(settings, stores[0], len(recorded))
        elif side == 1:
            watch = await asyncio.to_thread(_theirs, settings, names[1], len(recorded))
        else:
            watch = await asyncio.to_thread(_bare, settings, names[2], recorded)
        return watch.per_event_us()

    order = (2, 1, 0) if number % 2 else (0, 1, 2)
    figures = {side: await measure(side) for side in order}
    told = [await clickhouse.query(_TOLD, {"database": name}) for name in names]
    assert told[0] == told[1] == told[2], told
    return [figures[side] for side in range(3)]


async def _ours(settings: Settings, analytics: AnalyticsStore, count: int) -> Stopwatch:
    watch, group = Stopwatch(), f"bench_{uuid4().hex}"
    async with (
        open_pool(settings.postgres, "mch_relay", size=3) as pool,
        open_ears(pool, PUBLISHED) as ears,
        open_event_source(
            settings.kafka,
            group,
            {TOPIC},
            EVENT_TYPES,
            GroupDeadLetters(pool, group, announcing(settings.kafka)),
            BATCH,
            ears,
        ) as source,
    ):
        worker = Worker(group, source, Timed(analytics, watch))
        running = asyncio.create_task(worker.run())
        async with asyncio.timeout(PATIENCE_S):
            while watch.count < count:
                await asyncio.sleep(0.05)
        await worker.stop()
        await running
    return watch


def _theirs(settings: Settings, database: str, count: int) -> Stopwatch:
    watch, client, wire = Stopwatch(), _client(settings.clickhouse), WireReader(EVENT_TYPES)

    def insert(batch: Sequence[BaseValue[KafkaPayload]]) -> None:
        payloads = [value.payload for value in batch]
        events = [wire.read(it.value, dict(it.headers)) for it in payloads]
        client.insert_arrow(f"{database}.events", to_table(events))
        watch.lap(len(batch))
        if watch.count >= count:
            processor.signal_shutdown()

    consumer = KafkaConsumer(
        build_kafka_consumer_configuration(
            {},
            f"bench_{uuid4().hex}",
            bootstrap_servers=settings.kafka.brokers.split(","),
            enable_auto_commit=False,
        )
    )
    processor = StreamProcessor(consumer, Topic(TOPIC), Inserting(insert))
    processor.run()
    client.close()
    return watch


def _bare(settings: Settings, database: str, recorded: Sequence[Recorded]) -> Stopwatch:
    watch, size = Stopwatch(), BATCH.records
    tables = [to_table(recorded[at : at + size]) for at in range(0, len(recorded), size)]
    with _client(settings.clickhouse) as client:
        for table in tables:
            client.insert_arrow(f"{database}.events", table)
            watch.lap(table.num_rows)
    return watch


def _client(settings: ClickHouseSettings) -> Any:
    return clickhouse_connect.get_client(
        host=settings.host,
        port=settings.port,
        username=settings.username,
        password=settings.password.get_secret_value(),
        autogenerate_session_id=False,
    )


def _recorded(count: int) -> list[Recorded]:
    at = datetime(2026, 2, 1, tzinfo=UTC)
    return [
        Recorded(
            position=position,
            stream=OPPORTUNITY.stream(PUBLIC, event.notice.notice_id),
            version=1,
            event_id=uuid4(),
            schema_version=1,
            cause=Cause(correlation_id=uuid4(), causation_id=uuid4()),
            recorded_at=at,
            event=event,
        )
        for position, event in enumerate(discoveries(count), start=1)
    ]
