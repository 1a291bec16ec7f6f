"""How long after its commit an event reaches a consumer's handler.

Ours: doorbells wake the relay and the consumer. The peer: the same relay and the same consumer,
each of which looks every 100 ms. All of it in one process, over the embedded stores; over Apache
Kafka by `python -m tests.services run python -m benchmarks --only wake`.
"""

import asyncio
import os
import random
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeAlias
from uuid import UUID, uuid4

from actors.relay_events import POST, Attentive, Publisher, Relay, Unpublished
from actors.worker import Worker
from benchmarks.harness import Comparison, compare_figures
from benchmarks.places import all_stores
from benchmarks.samples import discoveries
from cluster.settings import Settings
from cluster.stores.dead_letters import GroupDeadLetters, announcing
from cluster.stores.doorbell import PUBLISHED, Ears, open_doorbell, open_ears
from cluster.stores.event_consumer import open_event_source
from cluster.stores.event_log import PostgresEventLog
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.event_topic import open_event_topic
from cluster.stores.leases import open_tenure
from cluster.stores.letters import Delivered
from cluster.stores.postgres import open_pool
from domain.access import PUBLIC
from domain.events import Cause, Event
from domain.flows import EVENT_TYPES
from domain.opportunity import OPPORTUNITY
from domain.wire import TOPICS

EVERY_S = 0.1
PATIENCE_S = 20.0

Arrivals: TypeAlias = "dict[UUID, asyncio.Future[float]]"


class Polling(Ears):
    """Deaf: looks again after 100 ms."""

    async def wait(self, timeout_s: float) -> None:
        await asyncio.sleep(min(timeout_s, EVERY_S))


class Arrived:
    """The handler: tells when each event that somebody waits for came."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals

    async def __call__(self, batch: Sequence[Delivered]) -> None:
        now = time.perf_counter()
        for event in batch:
            arrival = self._arrivals.get(event.event_id)
            if arrival and not arrival.done():
                arrival.set_result(now)


def run(*, short: bool) -> list[Comparison]:
    rounds, commits = (2, 12) if short else (5, 40)
    with all_stores() as settings:
        return [asyncio.run(_compare(settings, rounds, commits))]


async def _compare(settings: Settings, rounds: int, commits: int) -> Comparison:
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(rounds):
        sides = [(ours, False), (theirs, True)]
        for figures, polling in reversed(sides) if number % 2 else sides:
            took = await _round(settings, commits, polling=polling)
            figures.append(1_000 * statistics.median(took))
    broker = ", Apache Kafka" if os.environ.get("TEST_KAFKA") else ""
    return compare_figures(
        f"commit to consumer, p50{broker}",
        ("doorbells", ours),
        (f"looking every {EVERY_S * 1000:g} ms, the same code", theirs),
        goal=10,
        unit="ms",
        note="both wait for Tansu, which takes most of what remains to produce and to fetch",
    )


async def _round(settings: Settings, commits: int, *, polling: bool) -> list[float]:
    """Seconds from commit to handler, of each event."""
    arrivals: Arrivals = {}
    dice = random.Random(commits)  # noqa: S311
    async with _rig(settings, arrivals, polling=polling) as store:
        for event in discoveries(3):  # Until everybody is at work.
            await _time(store, arrivals, event)
        took = []
        for event in discoveries(commits):
            await asyncio.sleep(dice.uniform(0.15, 0.3))
            took.append(await _time(store, arrivals, event))
    return took


async def _time(store: PostgresEventStore, arrivals: Arrivals, event: Event) -> float:
    event_id, stream = uuid4(), OPPORTUNITY.stream(PUBLIC, str(uuid4()))
    arrivals[event_id] = asyncio.get_running_loop().create_future()
    cause = Cause(correlation_id=uuid4(), causation_id=uuid4())
    await store.append(stream, {event_id: event}, expected_version=0, cause=cause)
    committed = time.perf_counter()
    return await asyncio.wait_for(arrivals[event_id], PATIENCE_S) - committed


@asynccontextmanager
async def _rig(
    settings: Settings, arrivals: Arrivals, *, polling: bool
) -> AsyncIterator[PostgresEventStore]:
    """A relay and a consumer at work, and the store to append to."""
    async with AsyncExitStack() as stack:
        open_one = stack.enter_async_context
        relay_pool = await open_one(open_pool(settings.postgres, "mch_relay", size=8))
        app_pool = await open_one(open_pool(settings.postgres, "mch_app", size=2))
        topic = await open_one(open_event_topic(settings.kafka))
        tenure = await open_one(open_tenure(relay_pool, POST))
        source = Unpublished(PostgresEventLog(relay_pool, types={}), tenure, topic)
        relay_ears: Ears = Polling() if polling else await open_one(open_ears(relay_pool))
        ears: Ears = Polling() if polling else await open_one(open_ears(relay_pool, PUBLISHED))
        ring_published = await open_one(open_doorbell(relay_pool, PUBLISHED))
        group = f"wake_{uuid4().hex}"
        consumed = await open_one(
            open_event_source(
                settings.kafka,
                group,
                {TOPICS[OPPORTUNITY.aggregate_type]},
                EVENT_TYPES,
                GroupDeadLetters(relay_pool, group, announcing(settings.kafka)),
                ears=ears,
            )
        )
        attentive = Attentive(source, relay_ears)
        workers: list[Worker[Delivered] | Relay] = [
            Relay(source, attentive, Publisher(topic, ring_published)),
            Worker(group, consumed, Arrived(arrivals)),
        ]
        running = [asyncio.create_task(worker.run()) for worker in workers]
        ring = await open_one(open_doorbell(app_pool))
        try:
            yield PostgresEventStore(app_pool, EVENT_TYPES, ring=ring)
        finally:
            for task in running:
                task.cancel()
            await asyncio.wait(running)
