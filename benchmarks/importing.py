"""Importing SAM.gov's bulk file: first, again unchanged, and how much memory it takes.

The peer reads the same CSV into the same rows by the same code and COPYs them into the same tables
with the same indexes in one transaction: no lookups, nothing that a crash or a second run could
rely on. Only the words for searching come from a statement, as Postgres alone can make them.
"""

import asyncio
import multiprocessing
import resource
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import asyncpg
from obstore.store import LocalStore, MemoryStore

from benchmarks.copied import copy_file
from benchmarks.harness import Comparison, compare_figures
from benchmarks.places import CACHE, a_postgres
from benchmarks.samples import bulk_csv
from cluster.clients.notice_files import open_notice_file
from cluster.settings import PostgresSettings
from cluster.stores.blob_store import S3BlobStore
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.notice_intake import NoticeIntake
from cluster.stores.opportunity_projection import project_opportunities
from cluster.stores.postgres import open_pool
from cluster.stores.texts import PostgresTextStore
from domain.flows import EVENT_TYPES
from pipelines.import_notices import ImportResult, import_records
from tests.postgres import Server

WHOLE = 78_000
CHECKED = 6_000
"""More than one batch of either side, so that what one batch leaves to the next is checked too."""
MOST_MEMORY_MB = 300

_EMPTY = "truncate event, opportunity, text, notice_source, notice_contact, notice_rejected"

# What both sides must agree in: all but when it happened, and the ids drawn for it.
_DIGESTS = {
    table: f"select count(*), sum(hashtextextended(({told})::text, 0)::numeric) from {table}"  # noqa: S608
    for table, told in {
        "event": "(aggregate_id, version, event_type, event_data)",
        "opportunity": "to_jsonb(opportunity) - 'discovered_at' - 'updated_at'",
        "text": "text",
        "notice_source": "notice_source",
        "notice_contact": "notice_contact",
    }.items()
}


def now() -> datetime:
    """When some of the notices are closed already."""
    return datetime(2026, 2, 10, tzinfo=UTC)


def run(*, short: bool) -> list[Comparison]:
    count, rounds = (CHECKED, 3) if short else (WHOLE, 1)
    with ExitStack() as stack:
        runner = stack.enter_context(asyncio.Runner())
        server = stack.enter_context(a_postgres(runner))
        if not short:
            runner.run(_check(server, bulk_csv(CACHE, CHECKED)))
        path = bulk_csv(CACHE, count)
        runner.run(_check(server, path) if short else _empty(server))
        return _compare(runner, server, path, rounds)


def _compare(runner: asyncio.Runner, server: Server, path: Path, rounds: int) -> list[Comparison]:
    size = f"{path.stat().st_size / 1e6:.0f} MB"
    first: list[float] = []
    again: list[float] = []
    memory: list[float] = []
    copied: list[float] = []

    def ours() -> None:
        runner.run(_empty(server))
        took_first, took_again, took_mb = _in_a_process(server.settings, path)
        first.append(took_first)
        again.append(took_again)
        memory.append(took_mb)

    def theirs() -> None:
        runner.run(_empty(server))
        began = time.perf_counter()
        runner.run(copy_file(server.superuser, path, now))
        copied.append(time.perf_counter() - began)

    for number in range(rounds):
        for side in (theirs, ours) if number % 2 else (ours, theirs):
            side()
    ours_is, what = ("import", f"a CSV of {size}")
    return [
        compare_figures(
            f"import {what}", (ours_is, first), ("COPY, PostgreSQL 18", copied), goal=0.5, unit="s"
        ),
        compare_figures(
            "import unchanged again", (ours_is, again), ("the first time", first), goal=3, unit="s"
        ),
        compare_figures(
            "import, most memory",
            (ours_is, memory),
            ("allowed", [MOST_MEMORY_MB] * rounds),
            goal=1,
            unit="MB",
        ),
    ]


def _in_a_process(settings: PostgresSettings, path: Path) -> tuple[float, float, float]:
    """Seconds of the first and of the second import, and the most memory of both in MB."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as alone:
        return alone.submit(_twice, str(settings.dsn.get_secret_value()), path).result()


def _twice(dsn: str, path: Path) -> tuple[float, float, float]:
    took: list[float] = []
    for is_first in (True, False):
        began = time.perf_counter()
        result = asyncio.run(_import(PostgresSettings.model_validate({"dsn": dsn}), path))
        took.append(time.perf_counter() - began)
        assert result.discovered == (result.rows if is_first else 0)
        assert result.unchanged == (0 if is_first else result.rows)
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return took[0], took[1], used / (1e6 if sys.platform == "darwin" else 1e3)


async def _import(settings: PostgresSettings, path: Path) -> ImportResult:
    """As `pipelines.import_notices.import_file` does, save that the file is kept in a folder."""
    with tempfile.TemporaryDirectory() as kept:
        blobs = S3BlobStore(cast(MemoryStore, LocalStore(kept)))
        async with open_pool(settings, "mch_app", size=2) as pool:
            events = PostgresEventStore(pool, EVENT_TYPES, {"Opportunity": project_opportunities})
            intake = NoticeIntake(pool, events, PostgresTextStore(pool), now)
            return await import_records(intake, blobs, open_notice_file(path), lambda _: None)


async def _empty(server: Server) -> None:
    connection = await asyncpg.connect(server.superuser)
    await connection.execute(_EMPTY)
    await connection.execute("checkpoint")
    await connection.close()


async def _check(server: Server, path: Path) -> None:
    """Both sides leave the same rows."""
    await _empty(server)
    await _import(server.settings, path)
    ours = await _digests(server)
    await _empty(server)
    await copy_file(server.superuser, path, now)
    assert await _digests(server) == ours
    await _empty(server)


async def _digests(server: Server) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(server.superuser)
    try:
        return [(table, *(await connection.fetchrow(ask) or ())) for table, ask in _DIGESTS.items()]
    finally:
        await connection.close()
