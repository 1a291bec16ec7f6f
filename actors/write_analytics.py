"""Every flow, last step: count each event in ClickHouse."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Protocol

from actors.consumer import open_consumer
from actors.worker import Worker
from cluster.settings import Settings
from cluster.stores.analytics import open_analytics
from cluster.stores.event_consumer import Limits
from cluster.stores.event_log import PostgresEventLog
from cluster.stores.letters import Delivered
from cluster.stores.postgres import open_pool
from cluster.stores.progress import PostgresProgress
from domain.events import Recorded
from domain.flows import EVENT_TYPES

POST = "write_analytics"

BATCH = Limits(records=2_000, bytes=16 * 1024 * 1024, linger_s=0.25, ahead=True)
_MEND_BATCH = 1_000


class Analytics(Protocol):
    """The part of `AnalyticsStore` that this post uses."""

    async def write(self, batch: Sequence[Recorded]) -> None: ...
    async def first_missing(self, up_to: int) -> int | None: ...


class Log(Protocol):
    """The part of `domain.ports.EventLog` that this post uses."""

    async def read(self, *, after: int, limit: int) -> Sequence[Recorded]: ...


class WriteAnalytics:
    """One insert a batch. Replays are harmless: a position counts once however often it comes."""

    def __init__(self, analytics: Analytics) -> None:
        self._analytics = analytics

    async def __call__(self, batch: Sequence[Recorded]) -> None:
        await self._analytics.write(batch)


async def mend(analytics: Analytics, log: Log, up_to: int) -> int:
    """Write again what Kafka counts as done and ClickHouse lacks, restored or cut off as it was.

    Returns how many events that took. A log that is itself shorter mends nothing.
    """
    mended = 0
    while (missing := await analytics.first_missing(up_to)) is not None:
        batch = await log.read(after=missing - 1, limit=_MEND_BATCH)
        if not batch or batch[0].position != missing:
            break
        await analytics.write(batch)
        mended += len(batch)
    return mended


@asynccontextmanager
async def open_write_analytics() -> AsyncIterator[Worker[Delivered]]:
    settings = Settings()
    async with (
        open_analytics(settings.clickhouse) as analytics,
        open_pool(settings.postgres, "mch_relay", size=1) as pool,
        open_consumer(POST, WriteAnalytics(analytics), limits=BATCH) as worker,
    ):
        await analytics.generations.prepare()
        log = PostgresEventLog(pool, EVENT_TYPES)
        lags = await PostgresProgress(pool).lags()
        await mend(analytics, log, await log.published() - lags.get(POST, 0))
        yield worker
