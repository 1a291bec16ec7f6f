"""A pool that does rows of work one after the other, a few at a time, each under its lease."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from uuid import UUID, uuid4

from actors.health import Health
from actors.pulse import Pulse
from cluster.stores.work import PostgresWork, WorkItem
from domain.errors import Unavailable

LOOK_EVERY_S = 2.0
AGAIN_AFTER_S = 5.0

DoRow = Callable[[WorkItem], Awaitable[float | None]]
"""None when the row is done; else seconds until it is to be taken again. Raises `Unavailable`.

Cancelled when the row's lease is lost, and then done by somebody else.
"""


class WorkPool:
    """Implements `actors.health.Runnable`. `does`: what is done for each kind of work."""

    def __init__(
        self, post: str, work: PostgresWork, does: Mapping[str, DoRow], at_once: int = 2
    ) -> None:
        self._pulse = Pulse(post)
        self._work = work
        self._does = does
        self._at_once = at_once
        self._stopping = asyncio.Event()
        self._nudged = asyncio.Event()

    def nudge(self) -> None:
        """There is work: look at once."""
        self._nudged.set()

    async def run(self) -> None:
        async with asyncio.TaskGroup() as group:
            for _ in range(self._at_once):
                group.create_task(self._loop())
            group.create_task(self._pulse.beat(self._stopping))

    async def stop(self) -> None:
        """The rows in hand are finished first."""
        self._stopping.set()
        self._nudged.set()

    def health(self) -> Health:
        return self._pulse.health()

    async def _loop(self) -> None:
        holder = uuid4()
        while not self._stopping.is_set():
            if not await self._pulse.watch(self._one(holder)):
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._nudged.wait(), LOOK_EVERY_S)
                self._nudged.clear()

    async def _one(self, holder: UUID) -> bool:
        """Take a row and do it. False where there was none."""
        item = await self._work.take(list(self._does), holder)
        if item is None:
            return False
        await self._do(item, holder)
        return True

    async def _do(self, item: WorkItem, holder: UUID) -> None:
        doing = asyncio.ensure_future(self._does[item.kind](item))
        keeping = asyncio.create_task(self._pulse.keep(self._work, item, holder))
        try:
            await asyncio.wait([doing, keeping], return_when=asyncio.FIRST_COMPLETED)
            if not doing.done():
                return  # Somebody else's by now.
            try:
                again_in_s = doing.result()
            except Unavailable:
                await self._work.release(item, holder, AGAIN_AFTER_S)
                raise
        finally:
            for task in (doing, keeping):
                task.cancel()
            await asyncio.wait([doing, keeping])
        if again_in_s is None:
            await self._work.finish(item, holder)
            self._pulse.count()
        else:
            await self._work.release(item, holder, again_in_s)
