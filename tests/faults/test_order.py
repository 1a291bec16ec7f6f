"""Order under two relays, late commits and a rolling deploy: nothing lost, nothing set aside."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import ClassVar, Literal, cast
from uuid import uuid4

import pytest

from actors.consumer import WithoutRepeats
from actors.relay_events import POST, Unpublished
from actors.worker import Worker
from cluster.stores.event_consumer import KafkaEventSource, open_event_source
from cluster.stores.event_log import PostgresEventLog
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.event_topic import KafkaEventTopic, open_event_topic
from cluster.stores.leases import Tenure
from cluster.stores.letters import Delivered
from cluster.stores.memory import MemoryDeadLetters, MemoryProgress
from cluster.stores.opportunity_projection import project_opportunities
from cluster.stores.postgres import Pool, as_tenant, fetch_row, open_pool
from domain.access import PUBLIC
from domain.events import Cause, Event, EventTypes, Stream, Upcaster
from domain.flows import EVENT_TYPES
from domain.notice import LATEST, Notice
from domain.opportunity import OpportunityDiscovered
from domain.ports import Lease
from domain.wire import TOPICS
from tests.fakes import OneConnection
from tests.faults.small import Small, post

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


@asynccontextmanager
async def pool_of(small: Small, role: Literal["mch_app", "mch_relay"]) -> AsyncIterator[Pool]:
    async with open_pool(small.settings.postgres, role, size=4) as pool:
        yield pool


async def test_a_transaction_that_commits_late_is_neither_skipped_nor_overtaken(
    small: Small,
) -> None:
    """Positions go on rising in every partition, and the late one's is above what it saw."""
    notice_id = uuid4().hex
    async with pool_of(small, "mch_app") as pool, post("relay_events", small.env()):
        async with as_tenant(pool, PUBLIC) as connection:
            await discover(cast(Pool, OneConnection(connection)), notice_id)
            for _ in range(3):
                await small.accept(5)
                await asyncio.sleep(0.5)
        await small.accept(5)
    small.ledger.accepted.add(notice_id)
    await small.until_whole()


async def discover(pool: Pool, notice_id: str) -> None:
    events = PostgresEventStore(pool, EVENT_TYPES, {"Opportunity": project_opportunities})
    event = OpportunityDiscovered(notice=Notice(notice_id=notice_id, title="Late"), form=LATEST)
    stream, intent = Stream(PUBLIC, "Opportunity", notice_id), uuid4()
    cause = Cause(correlation_id=intent, causation_id=intent)
    await events.append(stream, {uuid4(): event}, expected_version=0, cause=cause)


class Unfenced:
    """The control: takes the newest epoch for its own, whoever holds it."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def lease(self) -> Lease | None:
        row = await fetch_row(self._pool, "select epoch from lease where name = $1", POST)
        return Lease(POST, row["epoch"], 5.0) if row else None

    def forget(self) -> None:
        """It never notices."""


@pytest.mark.parametrize("is_fenced", [True, False], ids=["fenced", "control: without fencing"])
async def test_a_stale_relay_takes_nothing_back(small: Small, is_fenced: bool) -> None:
    await small.until_published()
    await small.accept(12)
    async with (
        pool_of(small, "mch_relay") as pool,
        open_event_topic(small.settings.kafka) as topic,
    ):
        log, tenure = PostgresEventLog(pool, types={}), Tenure(pool, POST, ttl_s=0.5)
        async with asyncio.timeout(20):
            while await tenure.lease() is None:  # The last relay was killed with the lease.
                await asyncio.sleep(0.2)
        claim = tenure if is_fenced else Unfenced(pool)
        stale = Unpublished(log, claim, topic, limit=3)
        in_hand = await stale.take()
        await asyncio.sleep(1.0)
        await publish_all(Unpublished(log, Tenure(pool, POST, ttl_s=5.0), topic), topic)
        before = await log.published()
        await topic.publish(in_hand)
        await stale.checkpoint(in_hand)
        assert (await log.published() == before) is is_fenced
    await small.until_whole()


async def publish_all(source: Unpublished, topic: KafkaEventTopic) -> None:
    while batch := await source.take():
        await topic.publish(batch)
        await source.checkpoint(batch)


class Weighed(Event):
    """As the old code knows it."""

    type: Literal["Weighed"] = "Weighed"
    pounds: int


class WeighedAnew(Event):
    """The same type one schema later: what the old code needs is gone."""

    schema_version: ClassVar[int] = 2
    upcasters: ClassVar[Mapping[int, Upcaster]] = {1: lambda old: {"grams": old["pounds"] * 454}}

    type: Literal["Weighed"] = "Weighed"
    grams: int


class Praised(Event):
    """A type that the old code has never heard of."""

    type: Literal["Praised"] = "Praised"
    stars: int


OLD: EventTypes = {"Weighed": Weighed}
NEW: EventTypes = {"Weighed": WeighedAnew, "Praised": Praised}


class Heard:
    """A handler's effect: what it was given, in its order."""

    def __init__(self) -> None:
        self.events: list[Delivered] = []

    async def __call__(self, batch: Sequence[Delivered]) -> None:
        self.events += [one for one in batch if one.stream.aggregate_type == "SavedSearch"]


class Shift:
    """A consumer of one code: its events, its dead letters, its worker."""

    def __init__(self, source: KafkaEventSource, group: str, progress: MemoryProgress) -> None:
        self.heard = Heard()
        self.worker = Worker(
            group, WithoutRepeats(source, progress, group), self.heard, backoff_s=0.1
        )


@asynccontextmanager
async def on_shift(
    small: Small, group: str, types: EventTypes, letters: MemoryDeadLetters, done: MemoryProgress
) -> AsyncIterator[Shift]:
    topics = {TOPICS["SavedSearch"]}
    async with open_event_source(small.settings.kafka, group, topics, types, letters) as source:
        shift = Shift(source, group, done)
        running = asyncio.create_task(shift.worker.run())
        try:
            yield shift
        finally:
            await shift.worker.stop()
            running.cancel()
            await asyncio.wait([running])


async def test_an_old_consumer_waits_for_newer_code_and_that_goes_on_where_it_stopped(
    small: Small,
) -> None:
    """One aggregate, so one partition: after an event that it cannot read nothing is handled."""
    group, letters, done = f"rolling_{uuid4().hex}", MemoryDeadLetters(), MemoryProgress()
    stream = Stream(PUBLIC, "SavedSearch", uuid4().hex)
    sent: list[Event] = [
        Weighed(pounds=1),
        Praised(stars=5),
        WeighedAnew(grams=7),
        Praised(stars=4),
    ]
    async with pool_of(small, "mch_app") as pool:
        for version, event in enumerate(sent):
            cause = Cause(correlation_id=uuid4(), causation_id=uuid4())
            events = PostgresEventStore(pool, NEW)
            await events.append(stream, {uuid4(): event}, expected_version=version, cause=cause)
    await small.until_published()
    async with on_shift(small, group, OLD, letters, done) as old:
        await until(lambda: "newer code" in (old.worker.health().trouble or ""))
        before = [type(one.event).__name__ for one in old.heard.events]
    async with on_shift(small, group, NEW, letters, done) as new:
        await until(lambda: len(old.heard.events) + len(new.heard.events) == len(sent))
        await asyncio.sleep(1.0)
    assert before == ["Weighed", "UnknownEvent"]
    assert [one.event for one in new.heard.events] == sent[2:]
    assert [one.version for one in (*old.heard.events, *new.heard.events)] == [1, 2, 3, 4]
    assert not letters.letters
    await small.until_whole()


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not is_so():
            await asyncio.sleep(0.1)
