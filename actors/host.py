"""Several posts in one process: a task for each, watched, told of and obedient to operators."""

import asyncio
import logging
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass
from typing import Any, Protocol
from uuid import uuid4

from actors.health import Health
from actors.keeper import Keeper, Patience, Post, Surroundings
from cluster.settings import Settings
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.postgres import open_pool
from cluster.stores.posts import Orders, PostgresPosts
from cluster.stores.progress import PostgresProgress
from domain.access import PUBLIC
from domain.decider import execute
from domain.errors import Unavailable
from domain.events import Cause
from domain.flows import EVENT_TYPES
from domain.ports import EventStore
from domain.post import POST, PostReplaced, Reason

logger = logging.getLogger(__name__)

TELL_EVERY_S = 2.0
TOLD_LATELY_S = 60.0
ENDS_WITHIN_S = 3.0
WATCH_EVERY_S = 0.25


class Book(Protocol):
    """As `cluster.stores.posts.PostgresPosts`."""

    async def orders(self, names: Sequence[str]) -> dict[str, Orders]: ...
    async def told_lately(self, names: Sequence[str], within_s: float) -> dict[str, Any]: ...
    async def tell(self, statuses: dict[str, dict[str, Any]]) -> None: ...
    async def want(self, name: str, wanted: Any, reason: str | None = None) -> None: ...


@dataclass(frozen=True, slots=True)
class Office:
    """What a host writes to, and asks for orders."""

    book: Book
    events: EventStore
    lags: Callable[[], Any]


OpenOffice = Callable[[], AbstractAsyncContextManager[Office]]


class Correspondence(Surroundings):
    """Carries orders to keepers and their news to the office. Outages delay both, and lose none."""

    def __init__(self, names: Sequence[str], code: str) -> None:
        self._names = names
        self._code = code
        self._orders: dict[str, Orders] = {}
        self._lags: dict[str, int] = {}
        self._held: dict[str, str] = {}
        self._replaced: list[PostReplaced] = []

    async def orders(self, post: str) -> Orders:
        known = self._orders.get(post, Orders())
        if post in self._held:
            return Orders("pause", self._held[post], known.restarts)
        return known

    async def lag(self, post: str) -> int:
        return self._lags.get(post, 0)

    def hold(self, post: str, reason: str) -> None:
        self._held[post] = reason

    def replaced(self, post: str, reason: Reason, error: str | None) -> None:
        event = PostReplaced(post=post, reason=reason, error=error, code=self._code)
        self._replaced.append(event)

    async def begin(self, office: Office) -> None:
        """Note whose place we take: theirs who told of themselves lately, and then no more."""
        told = await office.book.told_lately(self._names, TOLD_LATELY_S)
        for post, status in told.items():
            if not status.get("closed"):
                is_same = status.get("code") == self._code
                self.replaced(post, "lost" if is_same else "outdated", None)

    async def exchange(self, office: Office, healths: Sequence[Health], *, closed: bool) -> None:
        """Raises `Unavailable`; what was not sent is sent the next time."""
        for post, reason in list(self._held.items()):
            await office.book.want(post, "pause", reason)
            self._orders[post] = Orders("pause", reason, self._orders.get(post, Orders()).restarts)
            del self._held[post]
        self._orders = await office.book.orders(self._names)
        self._lags = await office.lags()
        host = {"node": socket.gethostname(), "pid": os.getpid(), "code": self._code}
        await office.book.tell(
            {health.post: {**asdict(health), **host, "closed": closed} for health in healths}
        )
        while self._replaced:
            await self._append(office.events, self._replaced[0])
            self._replaced.pop(0)

    async def _append(self, events: EventStore, replaced: PostReplaced) -> None:
        stream, intent = POST.stream(PUBLIC, replaced.post), uuid4()
        cause = Cause(correlation_id=intent, causation_id=intent)
        await execute(events, POST, stream, replaced, cause=cause)


class PostHost:
    """`give_up` ends the process: for a task that cannot even be cancelled."""

    def __init__(
        self,
        posts: Sequence[Post],
        code: str,
        open_office: OpenOffice,
        give_up: Callable[[str], None],
        patience: Patience | None = None,
    ) -> None:
        patience = patience or Patience()
        self._letters = Correspondence([post.name for post in posts], code)
        self._keepers = [Keeper(post, self._letters, patience) for post in posts]
        self._open_office = open_office
        self._give_up = give_up
        self._tasks: dict[Keeper, asyncio.Task[None]] = {}
        self._beat = time.monotonic()

    def healths(self) -> list[Health]:
        return [keeper.health() for keeper in self._keepers]

    def silent_s(self) -> float:
        """Since this host's own loop last turned. May be asked from another thread."""
        return time.monotonic() - self._beat

    async def run(self) -> None:
        """Until cancelled, which closes the posts."""
        async with AsyncExitStack() as stack:
            office = await stack.enter_async_context(self._open_office())
            telling = asyncio.create_task(self._tell(office))
            try:
                while True:
                    self._beat = time.monotonic()
                    await self._watch()
                    await asyncio.sleep(WATCH_EVERY_S)
            finally:
                telling.cancel()
                await self._close()
                await self._exchange(office, closed=True)

    async def _watch(self) -> None:
        for keeper in self._keepers:
            task = self._tasks.get(keeper)
            if task is None:
                self._begin(keeper)
            elif task.done():
                self._letters.replaced(keeper.post.name, "cancelled", None)
                self._begin(keeper)
            elif keeper.silent_s() > keeper.post.longest_silence_s:
                await self._end_stuck(keeper, task)

    def _begin(self, keeper: Keeper) -> None:
        self._tasks[keeper] = asyncio.create_task(keeper.run(), name=keeper.post.name)

    async def _end_stuck(self, keeper: Keeper, task: "asyncio.Task[None]") -> None:
        logger.error("%s is stuck", keeper.post.name)
        task.cancel()
        await asyncio.wait([task], timeout=ENDS_WITHIN_S)
        if not task.done():
            self._give_up(keeper.post.name)
        self._letters.replaced(keeper.post.name, "stuck", None)
        self._begin(keeper)

    async def _close(self) -> None:
        for task in self._tasks.values():
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=ENDS_WITHIN_S)

    async def _tell(self, office: Office) -> None:
        has_begun = False
        while True:
            if not has_begun:
                has_begun = await self._introduce(office)
            if has_begun:
                await self._exchange(office, closed=False)
            await asyncio.sleep(TELL_EVERY_S)

    async def _introduce(self, office: Office) -> bool:
        try:
            await self._letters.begin(office)
        except Unavailable as outage:
            logger.info("nobody to report to: %s", outage)
            return False
        return True

    async def _exchange(self, office: Office, *, closed: bool) -> None:
        try:
            await self._letters.exchange(office, self.healths(), closed=closed)
        except Unavailable as outage:
            logger.info("nobody to report to: %s", outage)


@asynccontextmanager
async def open_office() -> AsyncIterator[Office]:
    settings = Settings()
    async with (
        open_pool(settings.postgres, "mch_relay", size=1) as book,
        open_pool(settings.postgres, "mch_app", size=1) as events,
    ):
        progress = PostgresProgress(book)
        yield Office(PostgresPosts(book), PostgresEventStore(events, EVENT_TYPES), progress.lags)
