"""Generations of the analytics: each a database of its own, one of them live.

A rebuild fills a new generation beside the live one; the swap is one row and the views. The writer
asks which is live before and after each insert, so what it writes during a swap is in the new one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from cluster.stores.clickhouse_client import ClickHouse
from domain.errors import Invalid, NotFound

State = Literal["building", "live", "kept", "dropped"]

_FOLDER = Path(__file__).with_name("clickhouse")

_CREATE = """
create table if not exists {live}.generations (
    number     UInt32,
    state      LowCardinality(String),
    migration  UInt32, -- The newest file of ours that it has been through.
    changed_at DateTime64(6, 'UTC')
) engine = ReplacingMergeTree(changed_at) order by number
settings fsync_after_insert = 1, fsync_part_directory = 1
"""

_READ = "select number, state, migration from {live}.generations final order by number"


@dataclass(frozen=True, slots=True)
class Generation:
    number: int
    state: State
    migration: int


class Generations:
    """Raises `Unavailable`. Only one process changes them at a time: the lease's holder."""

    def __init__(self, clickhouse: ClickHouse, database: str) -> None:
        self._clickhouse = clickhouse
        self._database = database

    def name(self, number: int) -> str:
        """The generation's database."""
        return f"{self._database}_{number}"

    async def prepare(self) -> int:
        """Make or migrate the live generation, and the views. Safe to repeat."""
        await self._clickhouse.command(f"create database if not exists {self._database}")
        await self._run(_CREATE, 0)
        number = await self.live() or await self._first()
        await self._migrate(number)
        await self._show(number)
        return number

    async def all(self) -> list[Generation]:
        """Oldest first, without the dropped."""
        rows = await self._clickhouse.query(self._text(_READ, 0))
        found = [Generation(row["number"], row["state"], row["migration"]) for row in rows]
        return [generation for generation in found if generation.state != "dropped"]

    async def live(self) -> int | None:
        return next((one.number for one in await self.all() if one.state == "live"), None)

    async def create(self) -> int:
        """An empty generation beside the live one. Numbers are never used again."""
        rows = await self._clickhouse.query(self._text(_READ, 0))
        number = max((row["number"] for row in rows), default=0) + 1
        await self._record(Generation(number, "building", 0))
        await self._migrate(number)
        return number

    async def swap(self, number: int) -> None:
        """Make it the live one; the one that was is kept. Raises `NotFound`."""
        next_one = await self._get(number)
        before = [one for one in await self.all() if one.state == "live" and one != next_one]
        kept = [Generation(one.number, "kept", one.migration) for one in before]
        await self._record(Generation(number, "live", next_one.migration), *kept)
        await self._show(number)

    async def drop(self, number: int) -> None:
        """Raises `NotFound`, and `Invalid` for the live one."""
        generation = await self._get(number)
        if generation.state == "live":
            raise Invalid(what="generation", reason=f"{number} is the live one")
        await self._clickhouse.command(f"drop database if exists {self.name(number)}")
        await self._record(Generation(number, "dropped", generation.migration))

    async def _first(self) -> int:
        await self._record(Generation(1, "live", 0))
        return 1

    async def _get(self, number: int) -> Generation:
        for generation in await self.all():
            if generation.number == number:
                return generation
        raise NotFound(what="generation of the analytics", key=str(number))

    async def _migrate(self, number: int) -> None:
        generation = await self._get(number)
        await self._clickhouse.command(f"create database if not exists {self.name(number)}")
        for migration, path in sorted(_migrations()):
            if migration > generation.migration:
                for statement in _statements(path):
                    await self._run(statement, number)
                await self._record(Generation(number, generation.state, migration))

    async def _show(self, number: int) -> None:
        for statement in _statements(_FOLDER / "views.sql"):
            await self._run(statement, number)

    async def _record(self, *generations: Generation) -> None:
        """One block: readers see all of it or nothing."""
        rows = [(one.number, one.state, one.migration, datetime.now(UTC)) for one in generations]
        columns = ("number", "state", "migration", "changed_at")
        await self._clickhouse.insert_rows(f"{self._database}.generations", columns, rows)

    async def _run(self, statement: str, number: int) -> None:
        await self._clickhouse.command(self._text(statement, number))

    def _text(self, statement: str, number: int) -> str:
        text = statement.replace("{live}", self._database)
        return text.replace("{generation}", self.name(number))


def _migrations() -> Iterator[tuple[int, Path]]:
    for path in _FOLDER.glob("[0-9]*.sql"):
        yield int(path.name.split("_", 1)[0]), path


def _statements(path: Path) -> list[str]:
    """Each ends with a semicolon at the end of a line."""
    parts = path.read_text(encoding="utf-8").strip().removesuffix(";").split(";\n")
    return [part.strip() for part in parts]
