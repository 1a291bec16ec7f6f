"""The analytics in ClickHouse: every event, and what is counted of them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from cluster.settings import ClickHouseSettings
from cluster.stores.analytics_generations import Generations
from cluster.stores.analytics_rows import to_table
from cluster.stores.analytics_summary import summarize
from cluster.stores.clickhouse_client import ClickHouse, open_clickhouse
from domain.analytics import Summary, SummaryFilters
from domain.errors import Unavailable
from domain.events import Recorded

_HELD = """
select max(held.position) as position, uniqExact(held.position) as events,
       argMax(held.at, held.position) as recorded_at
from {database:Identifier}.events as held
"""

_FIRST_MISSING = """
select min(number) as position from numbers(1, {up_to:UInt64})
where number not in (select position from {database:Identifier}.events)
having count() > 0
"""

_OPPORTUNITIES = """
select uniqExact(notice_id) as opportunities from {database:Identifier}.opportunity_states
"""


@dataclass(frozen=True, slots=True)
class Held:
    """The highest position, how many there are, and when the highest was recorded.

    Positions have no gaps: so nothing is missing where `events` equals `position`.
    """

    position: int
    events: int
    recorded_at: datetime | None


class AnalyticsStore:
    """Raises `Unavailable`. `generations.prepare()` must have been called by someone, once."""

    def __init__(self, clickhouse: ClickHouse, database: str) -> None:
        self._clickhouse = clickhouse
        self._database = database
        self.generations = Generations(clickhouse, database)

    async def write(self, batch: Sequence[Recorded], generation: int | None = None) -> None:
        """One insert, into the live generation unless another is named. Repeating it is harmless.

        If the live one changes meanwhile, the batch is written to the new one as well.
        """
        if not batch:
            return
        rows = await asyncio.to_thread(to_table, batch)
        written = generation or await self._live()
        await self._clickhouse.insert(f"{self.generations.name(written)}.events", rows)
        while generation is None and (live := await self._live()) != written:
            await self._clickhouse.insert(f"{self.generations.name(live)}.events", rows)
            written = live

    async def held(self, generation: int | None = None) -> Held:
        [row] = await self._clickhouse.query(_HELD, await self._in(generation))
        recorded_at = row["recorded_at"] if row["events"] else None
        return Held(row["position"], row["events"], recorded_at)

    async def first_missing(self, up_to: int) -> int | None:
        """The lowest position not held, of those up to this one."""
        parameters = {**await self._in(None), "up_to": up_to}
        rows = await self._clickhouse.query(_FIRST_MISSING, parameters)
        return rows[0]["position"] if rows else None

    async def opportunities(self) -> int:
        """How many distinct ones are held."""
        [row] = await self._clickhouse.query(_OPPORTUNITIES, await self._in(None))
        return int(row["opportunities"])

    async def summary(self, filters: SummaryFilters) -> Summary:
        return await summarize(self._clickhouse, self._database, await self.held(), filters)

    async def _in(self, generation: int | None) -> dict[str, str | int]:
        return {"database": self.generations.name(generation or await self._live())}

    async def _live(self) -> int:
        live = await self.generations.live()
        if live is None:
            raise Unavailable(service="clickhouse", reason="the analytics are not set up yet")
        return live


@asynccontextmanager
async def open_analytics(
    settings: ClickHouseSettings, *, answers_within_s: int = 60
) -> AsyncIterator[AnalyticsStore]:
    """Connects when first used."""
    async with open_clickhouse(settings, answers_within_s=answers_within_s) as clickhouse:
        yield AnalyticsStore(clickhouse, settings.database)
