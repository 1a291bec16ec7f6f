"""Appending events: one a commit, a hundred a commit, and in bulk.

The peer of the first two is `eventsourcing[postgres]` on the same server, with its database
function and a pool as large as ours. The peer of the third is COPY of the same events into the same
table with the same indexes. Each side is handed event objects, and encodes them.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle, islice
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import asyncpg
from eventsourcing.persistence import ApplicationRecorder, StoredEvent
from eventsourcing.postgres import PostgresFactory

from benchmarks.harness import Comparison, Side, compare, of_package
from benchmarks.places import a_postgres
from benchmarks.samples import discoveries
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.postgres import Pool, open_pool
from domain.access import PUBLIC
from domain.events import Append, Cause, Event
from domain.flows import EVENT_TYPES
from domain.opportunity import OPPORTUNITY
from tests.postgres import Server

WRITERS = 16
PER_COMMIT = 100
BULK = 1_000

_COLUMNS = (
    "tenant_id",
    "aggregate_type",
    "aggregate_id",
    "version",
    "event_id",
    "event_type",
    "schema_version",
    "event_data",
    "metadata",
)
_OURS_TOLD = "select aggregate_id, version, event_data from event"
_THEIRS_TOLD = "select originator_id::text, originator_version, state from stored_events"


@dataclass(frozen=True, slots=True)
class Ours:
    """Every call is one commit: a stream of its own for each event, as notices are."""

    store: PostgresEventStore
    cause: Cause

    async def append(self, events: Sequence[Event]) -> None:
        await self.store.append_many(
            [
                Append(
                    stream=OPPORTUNITY.stream(PUBLIC, str(uuid4())),
                    events={uuid4(): event},
                    expected_version=0,
                    cause=self.cause,
                )
                for event in events
            ]
        )


@dataclass(frozen=True, slots=True)
class Eventsourcing:
    """The same by eventsourcing's own recorder: without its mapper, which would cost it more."""

    recorder: ApplicationRecorder

    def append(self, events: Sequence[Event]) -> None:
        self.recorder.insert_events(
            [
                StoredEvent(uuid4(), 1, event.type, event.model_dump_json().encode())
                for event in events
            ]
        )


class Copy:
    """COPY as a superuser: row-level security, which our append goes through, refuses COPY."""

    def __init__(self, dsn: str, cause: Cause) -> None:
        self._dsn = dsn
        self._metadata = json.dumps({"correlation_id": str(cause.correlation_id)})
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    async def append(self, events: Sequence[Event]) -> None:
        if self._connection is None:
            self._connection = await asyncpg.connect(self._dsn)
        await self._connection.copy_records_to_table(
            "event", columns=_COLUMNS, records=[self._record(event) for event in events]
        )

    def _record(self, event: Event) -> tuple[object, ...]:
        stream = OPPORTUNITY.stream(PUBLIC, str(uuid4()))
        data = event.model_dump_json()
        return (*stream, 1, uuid4(), event.type, event.schema_version, data, self._metadata)

    async def close(self) -> None:
        if self._connection:
            await self._connection.close()


def run(*, short: bool) -> list[Comparison]:
    events = discoveries(400 if short else 1_000)
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        server = stack.enter_context(a_postgres(runner))
        bench = runner.run(_open(server))
        try:
            runner.run(_check(server, bench, events[:50]))
            return _compare(runner, bench, events, rounds=5)
        finally:
            runner.run(bench.close())


@dataclass(frozen=True, slots=True)
class Bench:
    ours: Ours
    theirs: Eventsourcing
    copy: Copy
    factory: PostgresFactory
    pool: Pool

    async def close(self) -> None:
        await self.copy.close()
        self.factory.close()
        await self.pool.close()


async def _open(server: Server) -> Bench:
    cause = Cause(correlation_id=uuid4(), causation_id=uuid4())
    pool = open_pool(server.settings, "mch_app", size=WRITERS)
    await pool
    factory = PostgresFactory(_environment(server.superuser))
    return Bench(
        Ours(PostgresEventStore(pool, EVENT_TYPES), cause),
        Eventsourcing(factory.application_recorder()),
        Copy(server.superuser, cause),
        factory,
        pool,
    )


def _environment(dsn: str) -> dict[str, str]:
    at = urlsplit(dsn)
    return {
        "POSTGRES_DBNAME": at.path[1:],
        "POSTGRES_HOST": str(at.hostname),
        "POSTGRES_PORT": str(at.port),
        "POSTGRES_USER": str(at.username),
        "POSTGRES_PASSWORD": str(at.password),
        "POSTGRES_POOL_SIZE": str(WRITERS),
        "POSTGRES_ENABLE_DB_FUNCTIONS": "y",
    }


def _compare(
    runner: asyncio.Runner, bench: Bench, events: Sequence[Event], rounds: int
) -> list[Comparison]:
    single = [[event] for event in events]
    hundreds = [events[at : at + PER_COMMIT] for at in range(0, len(events), PER_COMMIT)]
    bulk = [list(islice(cycle(events), BULK))] * 4

    def ours(name: str, commits: Sequence[Sequence[Event]], writers: int) -> Side:
        work = lambda: runner.run(_write(bench.ours.append, commits, writers))  # noqa: E731
        return Side(name, "append_many", work)

    def theirs(commits: Sequence[Sequence[Event]], writers: int) -> Side:
        work = lambda: _write_on_threads(bench.theirs.append, commits, writers)  # noqa: E731
        return Side("eventsourcing[postgres]", of_package("eventsourcing"), work)

    def pair(name: str, commits: Sequence[Sequence[Event]], writers: int) -> tuple[Side, Side]:
        return ours(name, commits, writers), theirs(commits, writers)

    many, one, hundred = f"{WRITERS} writers", "one writer", f"{PER_COMMIT} a commit"
    waits = "alone, both wait for the disk at each commit"
    many_sides, one_sides = (pair("event store", single, writers) for writers in (WRITERS, 1))
    hundred_sides = pair("event store", hundreds, 1)
    copied = Side("COPY", "PostgreSQL 18", lambda: runner.run(_write(bench.copy.append, bulk, 1)))
    in_bulk = ours("event store", bulk, 1)
    return [
        compare(f"append one a commit, {many}", *many_sides, goal=3, rounds=rounds),
        compare(f"append one a commit, {one}", *one_sides, goal=1, rounds=rounds, note=waits),
        compare(f"append {hundred}, {one}", *hundred_sides, goal=2, rounds=rounds),
        compare(f"append in bulk, {BULK} a commit", in_bulk, copied, goal=0.8, rounds=rounds),
    ]


async def _write(
    append: Callable[[Sequence[Event]], Awaitable[None]],
    commits: Sequence[Sequence[Event]],
    writers: int,
) -> None:
    async def write(share: Sequence[Sequence[Event]]) -> None:
        for events in share:
            await append(events)

    async with asyncio.TaskGroup() as tasks:
        for writer in range(writers):
            tasks.create_task(write(commits[writer::writers]))


def _write_on_threads(
    append: Callable[[Sequence[Event]], None], commits: Sequence[Sequence[Event]], writers: int
) -> None:
    def write(share: Sequence[Sequence[Event]]) -> None:
        for events in share:
            append(events)

    with ThreadPoolExecutor(writers) as threads:
        list(threads.map(write, [commits[writer::writers] for writer in range(writers)]))


async def _check(server: Server, bench: Bench, events: Sequence[Event]) -> None:
    """All three hold the same facts, each once."""
    expected = _sorted(event.model_dump_json() for event in events)
    connection = await asyncpg.connect(server.superuser)
    try:
        for append in (bench.ours.append, bench.copy.append):
            await append(events)
            assert _canonical(await connection.fetch(_OURS_TOLD)) == expected
            await connection.execute("truncate event")
        bench.theirs.append(events)
        assert _canonical(await connection.fetch(_THEIRS_TOLD)) == expected
    finally:
        await connection.close()


def _canonical(rows: Sequence[asyncpg.Record]) -> list[str]:
    assert len({UUID(row[0]) for row in rows}) == len(rows)
    return _sorted(row[2] for row in rows)


def _sorted(documents: Iterable[str | bytes]) -> list[str]:
    return sorted(json.dumps(json.loads(document), sort_keys=True) for document in documents)
