"""Rebuild the analytics from the log, beside the live ones, and swap. Nobody is notified by it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from cluster.settings import Settings
from cluster.stores.analytics import AnalyticsStore, open_analytics
from cluster.stores.event_log import PostgresEventLog
from cluster.stores.postgres import open_pool
from domain.events import Recorded
from domain.flows import EVENT_TYPES

BATCH = 2_000

Tell = Callable[[int, int], None]
"""Told how many positions are done, and of how many."""


class Log(Protocol):
    """The part of `domain.ports.EventLog` that a replay needs."""

    async def read(self, *, after: int, limit: int) -> Sequence[Recorded]: ...


@dataclass(frozen=True, slots=True)
class Replayed:
    """The generation that is live now, the one it replaced, and how far the log was read."""

    generation: int
    replaced: int
    position: int


async def replay_analytics(
    log: Log, analytics: AnalyticsStore, *, batch: int = BATCH, tell: Tell = lambda done, of: None
) -> Replayed:
    """Swaps when the new generation has passed the live one; the old one is kept until dropped.

    What the writer still put into the old one before it noticed is copied after the swap. Running
    it again after a crash starts over in another generation.
    """
    replaced = await analytics.generations.prepare()
    generation = await analytics.generations.create()
    copy = _Copy(log, analytics, generation, batch, tell)
    while copy.position < (await analytics.held(replaced)).position:
        if not await copy.to_the_end(of=(await analytics.held(replaced)).position):
            break
    await analytics.generations.swap(generation)
    await copy.to_the_end(of=(await analytics.held(replaced)).position)
    return Replayed(generation, replaced, copy.position)


async def replay_from_settings(tell: Tell = lambda done, of: None) -> Replayed:
    """As `mch replay analytics` runs it."""
    settings = Settings()
    async with (
        open_pool(settings.postgres, "mch_relay", size=1) as pool,
        open_analytics(settings.clickhouse) as analytics,
    ):
        return await replay_analytics(PostgresEventLog(pool, EVENT_TYPES), analytics, tell=tell)


class _Copy:
    """From the log into one generation, from position 0 on."""

    def __init__(
        self, log: Log, analytics: AnalyticsStore, generation: int, batch: int, tell: Tell
    ) -> None:
        self._log = log
        self._analytics = analytics
        self._generation = generation
        self._batch = batch
        self._tell = tell
        self.position = 0

    async def to_the_end(self, of: int) -> int:
        """Everything that the log holds by now. Returns how many events that was."""
        copied = 0
        while events := await self._log.read(after=self.position, limit=self._batch):
            await self._analytics.write(events, self._generation)
            self.position = events[-1].position
            copied += len(events)
            self._tell(self.position, max(of, self.position))
        return copied
