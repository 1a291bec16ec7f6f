"""What pools of leased rows have in common: how they tell of themselves, and keep their leases."""

import asyncio
import logging
import time
from collections.abc import Awaitable
from contextlib import suppress
from uuid import UUID

from actors.health import Health, State, describe
from cluster.stores.work import PostgresWork, WorkItem
from domain.errors import Unavailable

logger = logging.getLogger(__name__)

BEAT_EVERY_S = 1.0


class Pulse:
    """Of one pool: that it lives, what troubles it, how many rows it has done."""

    def __init__(self, post: str) -> None:
        self.post = post
        self._heartbeat = time.monotonic()
        self._handled = 0
        self._trouble: str | None = None

    def health(self) -> Health:
        state = State.DEGRADED if self._trouble else State.UP
        silent_s = time.monotonic() - self._heartbeat
        return Health(
            self.post, state, trouble=self._trouble, handled=self._handled, silent_s=silent_s
        )

    def count(self) -> None:
        """A row is done."""
        self._handled += 1

    async def beat(self, stopping: asyncio.Event) -> None:
        """Until then. Rows may wait for others for minutes: that is no silence."""
        while not stopping.is_set():
            self._heartbeat = time.monotonic()
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), BEAT_EVERY_S)

    async def watch(self, one: Awaitable[bool]) -> bool:
        """What taking and doing a row came to. False where there was none, or trouble, which is
        told; a row that met a defect comes back with its lease.
        """
        try:
            found = await one
        except Unavailable as outage:
            logger.warning("%s: %s", self.post, outage)
            self._trouble = describe(outage)
            return False
        except Exception as error:
            logger.exception("%s met a defect", self.post)
            self._trouble = describe(error)
            return False
        self._trouble = None
        return found

    async def keep(self, work: PostgresWork, item: WorkItem, holder: UUID) -> None:
        """Holds the row's lease; ends when it is lost."""
        while True:
            await asyncio.sleep(work.lease_s / 4)
            try:
                if not await work.renew(item, holder):
                    return
            except Unavailable as outage:
                logger.warning("%s cannot renew: %s", self.post, outage)
