"""Doorbells: a hint that something is new, so that who polls need not wait for its next look."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

from cluster.stores.postgres import Pool, listening, transaction
from domain.errors import Unavailable

logger = logging.getLogger(__name__)

APPENDED = "mch_appended"
PUBLISHED = "mch_published"

Ring = Callable[[], Awaitable[None]]

_PAUSE_S = 0.003
_RECONNECT_S = 1.0
_NOTIFY = "select pg_notify($1, '')"


class Doorbell:
    """Rings at most once in a few milliseconds, outside of any transaction that writes.

    A NOTIFY makes commits queue for one lock. So no append notifies: one task does, for all of
    this process, and the next ring waits for the last.
    """

    def __init__(self, pool: Pool, channel: str) -> None:
        self._pool = pool
        self._channel = channel
        self._pressed = asyncio.Event()

    async def ring(self) -> None:
        """Returns at once."""
        self._pressed.set()

    async def run(self) -> None:
        while True:
            await self._pressed.wait()
            self._pressed.clear()
            try:
                async with transaction(self._pool) as connection:
                    await connection.execute(_NOTIFY, self._channel)
            except Unavailable as outage:
                logger.info("nobody hears the doorbell, and polling goes on: %s", outage)
            await asyncio.sleep(_PAUSE_S)


class Ears:
    """Hears a doorbell, while there is a connection; `wait` always returns in time."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def hear(self, *_: Any) -> None:
        self._rung.set()

    async def wait(self, timeout_s: float) -> None:
        """Until it rings, or the time is over. A ring since the last wait returns at once."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._rung.wait(), timeout_s)
        self._rung.clear()

    async def listen(self, pool: Pool, channel: str) -> None:
        while True:
            try:
                async with listening(pool, channel, self.hear) as lost:
                    self.hear()  # It may have rung before.
                    await lost.wait()
            except Unavailable as outage:
                logger.info("the doorbell %s is out of order: %s", channel, outage)
            await asyncio.sleep(_RECONNECT_S)


@asynccontextmanager
async def open_doorbell(pool: Pool, channel: str = APPENDED) -> AsyncIterator[Ring]:
    """What `PostgresEventStore` rings after each append."""
    doorbell = Doorbell(pool, channel)
    async with _background(doorbell.run()):
        yield doorbell.ring


@asynccontextmanager
async def open_ears(pool: Pool, channel: str = APPENDED) -> AsyncIterator[Ears]:
    """Holds one connection of the pool."""
    ears = Ears()
    async with _background(ears.listen(pool, channel)):
        yield ears


@asynccontextmanager
async def _background(work: Any) -> AsyncIterator[None]:
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
