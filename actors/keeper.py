"""Keeps one post filled: opens what stands there, runs it, and opens it again when it ends."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace

from actors.health import Health, Runnable, State, describe
from cluster.stores.posts import Orders
from domain.access import Permission
from domain.errors import TooManyDeadLetters
from domain.post import Reason

logger = logging.getLogger(__name__)

PROVEN_AFTER_S = 10.0

OpenPost = Callable[[], AbstractAsyncContextManager[Runnable]]


@dataclass(frozen=True, slots=True)
class Post:
    """One long-lived piece of work, named like its module. `open` opens all that it needs.

    `needs` is what someone would have to be permitted who did its work by hand, for whichever
    tenant an event names.
    """

    name: str
    open: OpenPost
    needs: Permission
    longest_silence_s: float = 10.0


@dataclass(frozen=True, slots=True)
class Patience:
    """In seconds, save for the number of failures in a row after which a post counts as down."""

    look_every_s: float = 0.5
    first_pause_s: float = 1.0
    longest_pause_s: float = 30.0
    healthy_after_s: float = 60.0
    settle_within_s: float = 5.0
    failures_before_down: int = 3


class EndedByItself(Exception):
    """A loop that only an order ends has returned."""


class Surroundings:
    """What a keeper asks of its host. The defaults know of no operator."""

    async def orders(self, post: str) -> Orders:
        return Orders()

    async def lag(self, post: str) -> int:
        return 0

    def hold(self, post: str, reason: str) -> None:
        """Have it stay paused, over restarts too, until an operator resumes it."""

    def replaced(self, post: str, reason: Reason, error: str | None) -> None: ...


class Keeper:
    """Runs in a task of its own. Cancelled, it closes what it opened."""

    def __init__(self, post: Post, around: Surroundings, patience: Patience) -> None:
        self.post = post
        self._around = around
        self._patience = patience
        self._runnable: Runnable | None = None
        self._resting = Health(post.name, State.OPENING)
        self._failures = 0
        self._restarts = 0
        self._obeyed = -1
        self._began = 0.0

    def health(self) -> Health:
        """In a crash loop down, until one life has lasted for a while."""
        is_proving = self._is_down() and time.monotonic() - self._began < PROVEN_AFTER_S
        told = self._runnable.health() if self._runnable and not is_proving else self._resting
        return replace(told, restarts=self._restarts)

    def silent_s(self) -> float:
        """Of what runs; 0 while nothing does."""
        return self._runnable.health().silent_s if self._runnable else 0.0

    async def run(self) -> None:
        while True:
            orders = await self._around.orders(self.post.name)
            self._obeyed = orders.restarts
            if orders.wanted == "pause":
                self._rest(State.PAUSED, orders.reason)
                await asyncio.sleep(self._patience.look_every_s)
            else:
                await self._one_life()

    async def _one_life(self) -> None:
        self._began = time.monotonic()
        try:
            await self._open_and_run()
        except TooManyDeadLetters as error:
            self._around.hold(self.post.name, str(error))
        except Exception as error:
            logger.exception("%s ended", self.post.name)
            self._around.replaced(self.post.name, "ended", type(error).__name__)
            await self._recover(error, lasted_s=time.monotonic() - self._began)
        finally:
            self._runnable = None

    async def _open_and_run(self) -> None:
        if not self._is_down():
            self._rest(State.OPENING, self._resting.trouble if self._failures else None)
        async with self.post.open() as runnable:
            self._runnable = runnable
            running = asyncio.create_task(runnable.run(), name=self.post.name)
            try:
                await self._until_it_ends_or_must(running, runnable)
            finally:
                running.cancel()
                await asyncio.wait([running], timeout=self._patience.settle_within_s)

    async def _until_it_ends_or_must(
        self, running: "asyncio.Task[None]", runnable: Runnable
    ) -> None:
        while not await self._must_stop():
            await asyncio.wait([running], timeout=self._patience.look_every_s)
            if running.done():
                running.result()
                raise EndedByItself(f"{self.post.name} was not told to stop")
        await runnable.stop()
        await asyncio.wait([running], timeout=self._patience.settle_within_s)

    async def _must_stop(self) -> bool:
        orders = await self._around.orders(self.post.name)
        if orders.restarts != self._obeyed or orders.wanted == "pause":
            return True
        if orders.wanted == "drain" and await self._around.lag(self.post.name) == 0:
            self._around.hold(self.post.name, orders.reason or "drained")
            return True
        return False

    async def _recover(self, error: Exception, *, lasted_s: float) -> None:
        """Wait, longer each time, and then let another try."""
        is_fresh = lasted_s > self._patience.healthy_after_s
        self._failures = 1 if is_fresh else self._failures + 1
        self._restarts += 1
        self._runnable = None
        self._rest(State.DOWN if self._is_down() else State.DEGRADED, describe(error))
        pause_s = self._patience.first_pause_s * 2 ** min(self._failures - 1, 20)
        await asyncio.sleep(min(pause_s, self._patience.longest_pause_s))

    def _is_down(self) -> bool:
        return self._failures >= self._patience.failures_before_down

    def _rest(self, state: State, trouble: str | None = None) -> None:
        self._resting = Health(self.post.name, state, trouble=trouble)
