"""Counts from outside: connections of its own, statements of its own, no counter of the hub's."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from tests.faults.verdict import Chunk, Found, Logged, Row, Sent, complaints

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

TOPICS = ("opportunities", "proposals", "documents", "analytics", "system")
PARTITIONS = range(12)

_LOG = """
select position, event_id, tenant_id, aggregate_type, aggregate_id, version, event_type
from event left join event_position using (transaction, sequence)
"""
_NOTICES = "select notice_id from opportunity"
_VECTORS = "select key, chunk from vectors_opportunity"
_DEAD_LETTERS = "select consumer, event_type, error from dead_letter"
_TOLD = "select concat_ws(' ', tenant_id, user_id, kind, subject) from notification"
_LIVE = "select number from mch.generations final where state = 'live' format JSONEachRow"
_ROWS = "select position, toString(event_id) as event_id from {} final format JSONEachRow"
_COUNTED = "select sum(events) as counted from mch.events_by_day format JSONEachRow"
_KNOWN = "select notice_id from mch.opportunities format JSONEachRow"

# Nothing of this decides anything: it tells when looking closer is worth while.
_IS_QUIET = """
select not exists (
    select from event left join event_position using (transaction, sequence) where position is null
) and (select max(position) from event_position)
    = (select coalesce(max(position), 0) from checkpoint where name = 'relay_events')
and not exists (
    select from consumer_progress as done join topic_head as head using (topic, partition)
    where head.position > done.position
)
"""


@dataclass(frozen=True, slots=True)
class Auditor:
    """Reads the stores of one home as an administrator would."""

    home: Path
    with_vectors: bool = True

    @property
    def servers(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.home / "run" / "servers.json").read_text())
        return found

    @asynccontextmanager
    async def postgres(self) -> AsyncIterator[Connection]:
        """As the superuser, whom no policy concerns."""
        password = json.loads((self.home / "credentials.json").read_text())["postgres postgres"]
        place = self.servers["postgres"]["dsn"].rpartition("@")[2]
        connection = await asyncpg.connect(f"postgresql://postgres:{password}@{place}", timeout=5)
        try:
            yield connection
        finally:
            await connection.close(timeout=5)

    async def clickhouse(self, statement: str) -> list[dict[str, Any]]:
        """Rows of a statement that asks for them as JSON, one a line."""
        told = self.servers["clickhouse"]
        async with httpx.AsyncClient(trust_env=False, timeout=20.0) as client:
            answer = await client.post(
                f"http://{told['host']}:{told['port']}/",
                content=statement,
                auth=(told["username"], told["password"]),
            )
        answer.raise_for_status()
        return [json.loads(line) for line in answer.text.splitlines() if line]

    async def sent(self, awaited: Collection[str] = ()) -> list[Sent]:
        """All that lies in the topics, read until the awaited are seen and nothing follows."""
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.servers["kafka"]["brokers"],
            enable_auto_commit=False,
            auto_offset_reset="earliest",
        )
        await consumer.start()
        try:
            consumer.assign(
                [TopicPartition(f"contracts.{t}.events", n) for t in TOPICS for n in PARTITIONS]
            )
            return await _read_all(consumer, set(awaited))
        finally:
            await consumer.stop()

    async def find(self, *, is_done: bool = True) -> Found:
        """What came last is read first, so that work in progress never looks like a surplus.

        `is_done` waits a while for what the log has and Kafka lacks.
        """
        [live] = await self.clickhouse(_LIVE)
        [counted] = await self.clickhouse(_COUNTED)
        known = await self.clickhouse(_KNOWN)
        rows = await self.clickhouse(_ROWS.format(f"mch_{live['number']}.events"))
        awaited = {event.event_id for event in await self.log()} if is_done else set()
        sent = await self.sent(awaited)
        async with self.postgres() as connection:
            chunks = [Chunk(*row) for row in await connection.fetch(_VECTORS)]
            notices = [row[0] for row in await connection.fetch(_NOTICES)]
            letters = [" ".join(map(str, row)) for row in await connection.fetch(_DEAD_LETTERS)]
            told = [row[0] for row in await connection.fetch(_TOLD)]
        return Found(
            log=await self.log(),
            notices=notices,
            sent=sent,
            rows=[Row(int(row["position"]), row["event_id"]) for row in rows],
            counted=int(counted["counted"]),
            known=[row["notice_id"] for row in known],
            vectors=chunks if self.with_vectors else None,
            dead_letters=letters,
            told=told,
        )

    async def log(self) -> list[Logged]:
        async with self.postgres() as connection:
            rows = await connection.fetch(_LOG)
        return [
            Logged(position, str(event_id), (str(tenant), kind, key), version, name)
            for position, event_id, tenant, kind, key, version, name in rows
        ]

    async def is_quiet(self) -> bool:
        async with self.postgres() as connection:
            quiet: bool = await connection.fetchval(_IS_QUIET)
        return quiet

    async def until_whole(self, expected: Collection[str], *, within_s: float) -> Found:
        """Fails with what is still wrong at the deadline. Double or lost things never heal."""
        found, wrong = None, ["it never fell quiet"]
        try:
            async with asyncio.timeout(within_s):
                while wrong:
                    await asyncio.sleep(0.5)
                    found, wrong = await self._look(expected, found, wrong)
        except TimeoutError:
            pass
        assert not wrong, "\n".join(wrong)
        assert found
        return found

    async def _look(
        self, expected: Collection[str], found: Found | None, wrong: list[str]
    ) -> tuple[Found | None, list[str]]:
        try:
            if await self.is_quiet():
                found = await self.find()
                wrong = complaints(found, expected)
        except (OSError, asyncpg.PostgresError, httpx.HTTPError, KafkaError) as outage:
            wrong = [f"not all stores answer: {outage!r}"]
        return found, wrong


async def _read_all(consumer: AIOKafkaConsumer, awaited: set[str]) -> list[Sent]:
    found: list[Sent] = []
    silent, patience = 0, 40
    while silent < (3 if not awaited else patience):
        batch = await consumer.getmany(timeout_ms=300)
        silent = 0 if batch else silent + 1
        for place, messages in batch.items():
            for message in messages:
                event_id = json.loads(message.value)["eventId"]
                awaited.discard(event_id)
                position = int(dict(message.headers)["position"])
                found.append(Sent((place.topic, place.partition), position, event_id))
    return found
