"""ClickHouse over HTTP: one client for a process, connected when first used."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import aiohttp
import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.asyncclient import AsyncClient
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError

from cluster.settings import ClickHouseSettings
from domain.errors import Unavailable

# Whatever the server answers but rows is an outage to us: what we send is typed, so a refusal
# means that a table is missing, a disk full, memory short, a password changed. All can be mended.
_OUTAGES = (DatabaseError, OperationalError, aiohttp.ClientError, OSError, TimeoutError)


class ClickHouse:
    """Every call raises `Unavailable` where ClickHouse is."""

    def __init__(self, settings: ClickHouseSettings, answers_within_s: int = 60) -> None:
        self._settings = settings
        self._answers_within_s = answers_within_s
        self._connecting = asyncio.Lock()
        self._client: AsyncClient | None = None

    async def query(
        self, sql: str, parameters: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """Rows by column name. Parameters stand in the text as `{name:Type}`."""
        client = await self._connected()
        with _outages():
            result = await client.query(sql, parameters=dict(parameters or {}))
            return list(result.named_results())

    async def command(self, sql: str) -> None:
        client = await self._connected()
        with _outages():
            await client.command(sql)

    async def insert(self, table: str, rows: pa.Table) -> None:
        """All rows in one block, so that they become visible together."""
        client = await self._connected()
        with _outages():
            await client.insert_arrow(table, rows)

    async def insert_rows(
        self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]
    ) -> None:
        client = await self._connected()
        with _outages():
            await client.insert(table, rows, column_names=list(columns))

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()

    async def _connected(self) -> AsyncClient:
        async with self._connecting:
            if self._client is None:
                with _outages():
                    self._client = await _connect(self._settings, self._answers_within_s)
            return self._client


@asynccontextmanager
async def open_clickhouse(
    settings: ClickHouseSettings, *, answers_within_s: int = 60
) -> AsyncIterator[ClickHouse]:
    clickhouse = ClickHouse(settings, answers_within_s)
    try:
        yield clickhouse
    finally:
        await clickhouse.close()


async def _connect(settings: ClickHouseSettings, answers_within_s: int) -> AsyncClient:
    """No session: its statements would have to wait for each other."""
    tls = settings.tls
    return await clickhouse_connect.get_async_client(
        host=settings.host,
        port=settings.port,
        username=settings.username,
        password=settings.password.get_secret_value(),
        interface="https" if tls.enabled else "http",
        ca_cert=str(tls.ca_file) if tls.ca_file else None,
        client_cert=str(tls.cert_file) if tls.cert_file else None,
        client_cert_key=str(tls.key_file) if tls.key_file else None,
        autogenerate_session_id=False,
        connect_timeout=3,
        send_receive_timeout=answers_within_s,
        tz_mode="aware",
    )


@contextmanager
def _outages() -> Iterator[None]:
    try:
        yield
    except _OUTAGES as error:
        raise Unavailable(service="clickhouse", reason=str(error)[:500]) from error
