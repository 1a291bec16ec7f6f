"""A dump in a fresh server: the start refuses, `mch repair log` mends, nothing is lost."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from cluster.settings import PostgresSettings, Settings
from tests.cluster.test_log_repair import append, move, old_server_with_a_log
from tests.commands import CHECKOUT, Mch
from tests.flows.test_relay_faults import RELAY
from tests.postgres import Server, place

__all__ = ["place"]

pytestmark = [pytest.mark.stores, pytest.mark.timeout(180)]

_ORDER = """
select aggregate_id || version as told
from event join event_position using (transaction, sequence) order by position
"""
_PUBLISHED = "select position from checkpoint where name = 'relay_events'"
_APPENDED = "select count(*) from event"


class Hub(Mch):
    """The command line and the relay over one Postgres, with the Kafka of the tests."""

    def __init__(self, stores: Settings, server: Server) -> None:
        given = {"dsn": server.settings.dsn, "owner_dsn": server.owner}
        super().__init__(stores.home, PostgresSettings.model_validate(given))

    @asynccontextmanager
    async def relay(self) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-c", RELAY),
            cwd=CHECKOUT,
            env=self.environment,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            yield process
        finally:
            if process.returncode is None:
                process.kill()
                await process.communicate()


async def ask(server: Server, statement: str) -> list[asyncpg.Record]:
    """As the superuser, whom no policy concerns."""
    connection = await asyncpg.connect(server.superuser)
    try:
        found: list[asyncpg.Record] = await connection.fetch(statement)
    finally:
        await connection.close()
    return found


async def until_published(server: Server) -> list[str]:
    """The order in which all that was appended has gone out."""
    async with asyncio.timeout(60):
        while True:
            [appended], published = await ask(server, _APPENDED), await ask(server, _PUBLISHED)
            if [tuple(row) for row in published] == [tuple(appended)]:
                return [row["told"] for row in await ask(server, _ORDER)]
            await asyncio.sleep(0.1)


async def test_the_start_refuses_the_command_mends_and_nothing_is_lost(
    embedded_stores: Settings, place: Path
) -> None:
    async with Server(place / "old") as old, Server(place / "fresh") as fresh:
        await old_server_with_a_log(old)
        await move(old, fresh, place / "dump")
        hub = Hub(embedded_stores, fresh)
        async with hub.relay() as refused:
            _, told = await asyncio.wait_for(refused.communicate(), 60)
        assert refused.returncode
        assert "mch repair log" in told.decode()
        for mended in (2, 0):
            done = await asyncio.to_thread(hub, "repair", "log")
            assert done.returncode == 0, done.stderr
            assert f"{mended} events that had no position" in done.stdout
        await append(fresh.settings, "d")
        async with hub.relay():
            assert await until_published(fresh) == ["a1", "b1", "a2", "c1", "d1"]
