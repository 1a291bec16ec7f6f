"""The relay's process is killed at its worst moments, and stopped for longer than its lease."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from actors import relay_events
from actors.consumer import WithoutRepeats
from cluster.settings import PostgresSettings, Settings
from cluster.stores.event_consumer import open_event_source
from cluster.stores.event_log import PostgresEventLog
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.letters import Delivered
from cluster.stores.memory import MemoryDeadLetters, MemoryProgress
from cluster.stores.postgres import Pool
from domain.access import PUBLIC
from domain.events import Stream
from domain.flows import EVENT_TYPES
from domain.wire import TOPICS
from tests.events import CAUSE, DISCOVERED

pytestmark = [pytest.mark.stores, pytest.mark.timeout(300)]

RELAY = """
import asyncio
from actors.relay_events import open_relay_events

async def main():
    async with open_relay_events() as relay:
        await relay.run()

asyncio.run(main())
"""
CRASHED = 86


class Scene:
    """A log of its own, whose events go to the topics that all tests share."""

    def __init__(self, stores: Settings, database: PostgresSettings, pools: tuple[Pool, Pool]):
        app, relay = pools
        self._stores = stores
        self._database = database
        self._events = PostgresEventStore(app, EVENT_TYPES)
        self._log = PostgresEventLog(relay, EVENT_TYPES)
        self.appended: set[UUID] = set()
        self._keys = {uuid4().hex for _ in range(5)}
        self._version = 0

    async def append(self) -> None:
        """One more event to each of five aggregates."""
        for key in self._keys:
            event_id, stream = uuid4(), Stream(PUBLIC, "Opportunity", key)
            events = {event_id: DISCOVERED}
            version = self._version
            await self._events.append(stream, events, expected_version=version, cause=CAUSE)
            self.appended.add(event_id)
        self._version += 1

    @asynccontextmanager
    async def relay(self, failpoint: str = "") -> AsyncIterator[asyncio.subprocess.Process]:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-c",
            RELAY,
            cwd=Path(relay_events.__file__).parents[1],
            env={
                **os.environ,
                "MCH_HOME": str(self._stores.home),
                "MCH_POSTGRES__DSN": str(self._database.dsn.get_secret_value()),
                "MCH_FAILPOINTS": failpoint,
            },
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def until_published(self) -> None:
        async with asyncio.timeout(120):
            while await self._log.published() < len(self.appended):
                await asyncio.sleep(0.1)

    async def delivered(self) -> list[Delivered]:
        """Everything that lies in the topic of ours, repeats too, each partition in its order."""
        found: list[Delivered] = []
        topic = TOPICS["Opportunity"]
        async with open_event_source(
            self._stores.kafka, uuid4().hex, {topic}, EVENT_TYPES, MemoryDeadLetters()
        ) as source:
            silent = 0
            while silent < 5:
                batch = await source.take()
                found += [event for event in batch if event.stream.aggregate_id in self._keys]
                ids = {event.event_id for event in found}
                silent = silent + 1 if not batch and ids >= self.appended else 0
        return found


@pytest.fixture
def scene(
    embedded_stores: Settings, database: PostgresSettings, app_pool: Pool, relay_pool: Pool
) -> Scene:
    return Scene(embedded_stores, database, (app_pool, relay_pool))


class Once:
    def __init__(self, batch: Sequence[Delivered]) -> None:
        self._batch = batch

    async def take(self) -> Sequence[Delivered]:
        return self._batch

    async def checkpoint(self, batch: Sequence[Delivered]) -> None: ...
    async def dead_letter(self, message: Delivered, reason: str) -> None: ...


async def kept(found: Sequence[Delivered]) -> list[Delivered]:
    """What a consumer is given of it."""
    return list(await WithoutRepeats(Once(found), MemoryProgress(), "auditor").take())


def assert_in_order(events: Sequence[Delivered]) -> None:
    for place in {event.place for event in events}:
        positions = [event.position for event in events if event.place == place]
        assert positions == sorted(set(positions))


@pytest.mark.parametrize(
    ("failpoint", "repeats"), [("after_numbering", False), ("after_publish", True)]
)
async def test_a_relay_that_crashes_loses_nothing_and_repeats_are_dropped(
    scene: Scene, failpoint: str, repeats: bool
) -> None:
    await scene.append()
    await scene.append()
    async with scene.relay(f"{failpoint}=crash") as doomed:
        assert await asyncio.wait_for(doomed.wait(), 120) == CRASHED
    async with scene.relay():
        await scene.until_published()
    found = await scene.delivered()
    events = await kept(found)
    assert {event.event_id for event in events} == scene.appended
    assert len(events) == len(scene.appended)
    assert_in_order(events)
    assert (len(found) > len(events)) is repeats, "the negative control: undropped, they repeat"


async def test_a_relay_that_was_stopped_for_longer_than_its_lease_reorders_nothing(
    scene: Scene,
) -> None:
    await scene.append()
    async with scene.relay() as first:
        await scene.until_published()
        first.send_signal(signal.SIGSTOP)
        await scene.append()
        async with scene.relay():
            await scene.until_published()
            first.send_signal(signal.SIGCONT)
            for _ in range(5):
                await scene.append()
                await asyncio.sleep(0.2)
            await scene.until_published()
        await scene.append()
        await scene.until_published()  # By the first one, whose turn it is again.
    events = await kept(await scene.delivered())
    assert {event.event_id for event in events} == scene.appended
    assert_in_order(events)
