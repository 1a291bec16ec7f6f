"""A dump restored into a fresh server, whose transaction ids start again."""

import asyncio
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from cluster.servers.postgres_server import installed
from cluster.servers.process import plain_environment
from cluster.servers.unprivileged import unprivileged_user
from cluster.settings import PostgresSettings
from cluster.stores.event_log import PostgresEventLog
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.leases import take
from cluster.stores.log_repair import refuse_log_ahead, repair_log
from cluster.stores.migrate import migrate
from cluster.stores.postgres import Pool, open_pool
from domain.access import PUBLIC
from domain.errors import LogAhead
from domain.events import Stream
from domain.flows import EVENT_TYPES
from domain.ports import Lease
from tests.events import CAUSE, DISCOVERED
from tests.postgres import Server, place

__all__ = ["place"]

pytestmark = pytest.mark.stores

USE_UP = "do $$ begin for i in 1..3000 loop perform pg_current_xact_id(); commit; end loop; end $$"


async def append(settings: PostgresSettings, key: str, version: int = 0) -> None:
    async with open_pool(settings, "mch_app") as pool:
        store = PostgresEventStore(pool, EVENT_TYPES)
        stream = Stream(PUBLIC, "Opportunity", key)
        await store.append(stream, {uuid4(): DISCOVERED}, expected_version=version, cause=CAUSE)


async def order(pool: Pool, lease: Lease) -> list[str]:
    log = PostgresEventLog(pool, {})
    await log.number(lease, limit=100)
    events = await log.read(after=0, limit=100)
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    return [f"{event.stream.aggregate_id}{event.version}" for event in events]


async def number(settings: PostgresSettings, holder: str) -> list[str]:
    async with open_pool(settings, "mch_relay") as pool:
        lease = await take(pool, "relay_events", holder, ttl_s=0.0)
        assert lease
        return await order(pool, lease)


async def run(program: str, *arguments: str) -> None:
    process = await asyncio.create_subprocess_exec(
        str(installed(unprivileged_user()) / program),
        *arguments,
        env={**plain_environment(), "PGPASSWORD": "secret"},
        stderr=asyncio.subprocess.PIPE,
    )
    _, told = await process.communicate()
    assert process.returncode == 0, told.decode()


async def move(old: Server, fresh: Server, dump: Path) -> None:
    await run("pg_dump", f"--dbname={old.superuser}", "--format=custom", f"--file={dump}")
    arguments = ("--clean", "--if-exists", "--exit-on-error", str(dump))
    await run("pg_restore", f"--dbname={fresh.superuser}", *arguments)


async def old_server_with_a_log(old: Server) -> None:
    """Two events numbered and two not yet, by transactions beyond those of a fresh server."""
    await migrate(old.owner)
    superuser = await asyncpg.connect(old.superuser)
    await superuser.execute(USE_UP)
    await superuser.close()
    await append(old.settings, "a")
    await append(old.settings, "b")
    assert await number(old.settings, "old") == ["a1", "b1"]
    await append(old.settings, "a", 1)
    await append(old.settings, "c")


async def test_a_restored_log_is_noticed_mended_and_goes_on_in_order(place: Path) -> None:
    async with Server(place / "old") as old, Server(place / "fresh") as fresh:
        await old_server_with_a_log(old)
        await move(old, fresh, place / "dump")
        async with open_pool(old.settings, "mch_relay") as pool:
            await refuse_log_ahead(pool)
        async with open_pool(fresh.settings, "mch_relay") as pool:
            with pytest.raises(LogAhead, match="mch repair log"):
                await refuse_log_ahead(pool)
            await append(fresh.settings, "b", 1)  # By someone who did not wait.
            assert await repair_log(fresh.owner) == 3
            assert await repair_log(fresh.owner) == 0
            await refuse_log_ahead(pool)
        await append(fresh.settings, "a", 2)
        await append(fresh.settings, "d")
        mended = await number(fresh.settings, "fresh")
        assert mended == ["a1", "b1", "a2", "c1", "b2", "a3", "d1"]


async def test_a_restored_log_that_is_not_mended_loses_events(place: Path) -> None:
    """The negative control: this is what the refusal is there for."""
    async with Server(place / "old") as old, Server(place / "fresh") as fresh:
        await old_server_with_a_log(old)
        await move(old, fresh, place / "dump")
        await append(fresh.settings, "d")
        assert "d1" not in await number(fresh.settings, "fresh")
