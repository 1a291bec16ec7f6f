"""Whatever a Postgres that goes away does to a call, it is told as `Unavailable`."""

import asyncio
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest

from cluster.settings import PostgresSettings
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.migrate import migrate
from cluster.stores.postgres import Pool, as_tenant, fetch_rows, listening, open_pool, outages_told
from domain.access import PUBLIC
from domain.errors import Unavailable
from domain.flows import EVENT_TYPES
from tests.conftest import owner_dsn
from tests.events import CAUSE, DISCOVERED, N1
from tests.postgres import Server, place

__all__ = ["place"]

OUTAGES = [
    OSError("no route to host"),
    TimeoutError(),
    asyncpg.CannotConnectNowError("the database system is starting up"),
    asyncpg.AdminShutdownError("terminating connection"),
    asyncpg.QueryCanceledError("canceling statement due to statement timeout"),
    asyncpg.TooManyConnectionsError("too many clients already"),
    asyncpg.DiskFullError("no space left on device"),
    asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
    asyncpg.IdleInTransactionSessionTimeoutError("terminating connection"),
    asyncpg.InterfaceError("connection is closed"),
    asyncpg.InterfaceError("pool is closing"),
]
MISTAKES = [
    asyncpg.InterfaceError("cannot perform operation: another operation is in progress"),
    asyncpg.DataError("invalid input for query argument $1"),
    asyncpg.UndefinedColumnError("no such column"),
    ValueError("ours"),
]


@pytest.mark.parametrize("error", OUTAGES, ids=repr)
def test_an_outage_is_unavailable(error: Exception) -> None:
    with pytest.raises(Unavailable, match="postgres"), outages_told():
        raise error


@pytest.mark.parametrize("error", MISTAKES, ids=repr)
def test_a_mistake_of_ours_is_no_outage(error: Exception) -> None:
    with pytest.raises(type(error)), outages_told():
        raise error


async def test_a_name_that_nobody_resolves_is_unavailable() -> None:
    nowhere = PostgresSettings.model_validate({"dsn": "postgresql://mch@nowhere.invalid:5432/mch"})
    async with open_pool(nowhere, "mch_app") as pool:
        with pytest.raises(Unavailable, match="postgres"):
            await fetch_rows(pool, "select 1")


async def append(pool: Pool, version: int) -> None:
    store = PostgresEventStore(pool, EVENT_TYPES)
    await store.append(N1, {uuid4(): DISCOVERED}, expected_version=version, cause=CAUSE)


@pytest.mark.stores
async def test_a_server_that_is_killed_is_unavailable_and_then_back(place: Path) -> None:
    server = Server(place / "server")
    async with server:
        await migrate(server.owner)
        async with open_pool(server.settings, "mch_app") as pool:
            await append(pool, 0)
            await _cut_in_the_middle(server, pool)
            for _ in range(3):
                with pytest.raises(Unavailable, match="postgres"):
                    await append(pool, 1)
            async with server:
                await append(pool, 1)


@pytest.mark.stores
async def test_who_listens_is_told_of_a_loss_and_may_stop_listening(place: Path) -> None:
    async with Server(place / "server") as server:
        await migrate(server.owner)
        async with (
            open_pool(server.settings, "mch_app") as pool,
            listening(pool, "news", lambda *_: None) as lost,
        ):
            await server.kill()
            await asyncio.wait_for(lost.wait(), 10)
            await asyncio.sleep(0)  # The pool takes the connection back.


async def _cut_in_the_middle(server: Server, pool: Pool) -> None:
    async def work() -> None:
        async with as_tenant(pool, PUBLIC) as connection:
            await connection.execute("select pg_sleep(10)")

    working = asyncio.create_task(work())
    await asyncio.sleep(0.3)
    await server.kill()
    with pytest.raises(Unavailable, match="postgres"):
        await working


@pytest.mark.stores
async def test_a_statement_that_takes_too_long_is_cancelled(database: PostgresSettings) -> None:
    hasty = database.model_copy(update={"statement_timeout_s": 0.2})
    async with open_pool(hasty, "mch_app") as pool:
        with pytest.raises(Unavailable, match="postgres"):
            await fetch_rows(pool, "select pg_sleep(5)")


@pytest.mark.stores
async def test_a_transaction_that_idles_is_ended(database: PostgresSettings) -> None:
    hasty = database.model_copy(update={"statement_timeout_s": 0.2})
    async with open_pool(hasty, "mch_app") as pool:
        with pytest.raises(Unavailable, match="postgres"):
            await _idle(pool)


async def _idle(pool: Pool) -> None:
    async with as_tenant(pool, PUBLIC) as connection:
        await asyncio.sleep(1.0)
        await connection.execute("select 1")


@pytest.mark.stores
async def test_a_server_without_a_free_connection_is_unavailable(
    database: PostgresSettings,
) -> None:
    name = str(database.dsn.get_secret_value()).rpartition("/")[2]
    owner = await asyncpg.connect(owner_dsn(database))
    await owner.execute(f"alter database {name} connection limit 0")
    async with open_pool(database, "mch_app") as pool:
        with pytest.raises(Unavailable, match="postgres"):
            await fetch_rows(pool, "select 1")
    await owner.close()
