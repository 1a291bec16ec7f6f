"""The engine: chDB on one folder, asked from a few threads."""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from chdb.state.sqlitelike import Connection

from cluster.servers.clickhouse_front.statements import Statement

THREADS = 4

# Loopback and one tenant's hub: caches of a server with hundreds of gigabytes would only be held.
_CONFIGURATION = """<clickhouse>
    <max_server_memory_usage>{memory_bytes}</max_server_memory_usage>
    <mark_cache_size>67108864</mark_cache_size>
    <index_mark_cache_size>16777216</index_mark_cache_size>
    <max_thread_pool_size>256</max_thread_pool_size>
    <background_pool_size>2</background_pool_size>
    <timezone>UTC</timezone>
</clickhouse>
"""

_CODE = re.compile(r"Code: (\d+)\..*", re.DOTALL)
UNKNOWN_ERROR = 1002


@dataclass(eq=False)
class Refused(Exception):
    """ClickHouse's own error: its number and its words."""

    code: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    content: bytes = b""
    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    elapsed_ns: int = 0


class Engine:
    """Each statement gets a connection of its own (0.2 ms), so that settings never leak."""

    def __init__(self, folder: Path, *, memory_bytes: int) -> None:
        """Opens the folder. Raises `Refused` if another process has it."""
        folder.mkdir(parents=True, exist_ok=True)
        configuration = folder / "front.xml"
        configuration.write_text(_CONFIGURATION.format(memory_bytes=memory_bytes), encoding="utf-8")
        self._address = f"{folder}?config-file={configuration}"
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="engine")
        with _told_as_refused():
            self._kept = Connection(self._address)  # The last one closed would end the engine.

    async def run(self, statement: Statement) -> Answer:
        """Raises `Refused`. Goes on to its end even if nobody waits for it any more."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._run, statement)

    def close(self) -> None:
        """Blocks until running statements have ended."""
        self._threads.shutdown()
        self._kept.close()

    def _run(self, statement: Statement) -> Answer:
        started = perf_counter()
        with _told_as_refused(), Connection(self._address) as connection:
            _prepare(connection, statement)
            if statement.data is None:
                return _ask(connection, statement, started)
            return _insert(connection, statement, statement.data, started)


def _prepare(connection: Any, statement: Statement) -> None:
    if statement.database:
        connection.query(f"use {quoted(statement.database, '`')}", "TabSeparated")
    if statement.settings:
        pairs = (f"{name} = {quoted(value)}" for name, value in statement.settings.items())
        connection.query(f"set {', '.join(pairs)}", "TabSeparated")


def _ask(connection: Any, statement: Statement, started: float) -> Answer:
    result = connection.query(
        statement.sql, statement.answer_format, params=dict(statement.parameters)
    )
    return Answer(
        content=result.bytes() or b"",
        read_rows=result.storage_rows_read(),
        read_bytes=result.storage_bytes_read(),
        written_rows=result.rows_written(),
        written_bytes=result.bytes_written(),
        elapsed_ns=_since(started),
    )


def _insert(connection: Any, statement: Statement, data: bytes, started: float) -> Answer:
    with connection.send_insert(statement.sql, statement.data_format) as inserter:
        if data:
            inserter.append(data)
        result = inserter.finish()
    return Answer(
        read_rows=result.rows_written,
        read_bytes=len(data),
        written_rows=result.rows_written,
        written_bytes=result.bytes_written,
        elapsed_ns=_since(started),
    )


@contextmanager
def _told_as_refused() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:  # chDB's errors are these.
        found = _CODE.search(str(error))
        reason = found[0].strip() if found else str(error)
        raise Refused(int(found[1]) if found else UNKNOWN_ERROR, reason) from error


def quoted(text: str, mark: str = "'") -> str:
    escaped = text.replace("\\", "\\\\").replace(mark, f"\\{mark}")
    return f"{mark}{escaped}{mark}"


def _since(started: float) -> int:
    return int((perf_counter() - started) * 1e9)
