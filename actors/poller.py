"""The timed loop: alone under a lease, look at something from time to time, remember how far."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from actors.health import Health, State, describe
from cluster.settings import Settings
from cluster.stores.leases import open_tenure
from cluster.stores.poll_marks import PollMark, PostgresPollMarks
from cluster.stores.postgres import open_pool
from domain.clock import Clock, utc_now
from domain.errors import LeaseLost, Unavailable
from domain.ports import Lease

logger = logging.getLogger(__name__)

LONGEST_BACKOFF_S = 60.0
LEASE_S = 8.0


@dataclass(frozen=True, slots=True)
class Polled:
    """How far it got, for the next poll to go on from, and when that is due.

    `again_in_s` 0 goes on at once: so a long run is many short polls, each with its own mark.
    None: at the poller's usual interval.
    """

    mark: Mapping[str, Any] = field(default_factory=dict)
    again_in_s: float | None = None


class Poll(Protocol):
    async def __call__(self, mark: Mapping[str, Any], lease: Lease) -> Polled:
        """Do one bounded piece of work, of seconds. `mark` is what the last one returned, {} first.

        Idempotent: a crash before the mark is written repeats it. What it raises is told as the
        post's trouble, and tried again after a while.
        """


class Claim(Protocol):
    """As `cluster.stores.leases.Tenure`."""

    async def lease(self) -> Lease | None: ...
    def forget(self) -> None: ...


class Marks(Protocol):
    """As `cluster.stores.poll_marks.PostgresPollMarks`."""

    async def read(self, name: str) -> PollMark | None: ...
    async def write(self, lease: Lease, mark: PollMark) -> None: ...


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds: between polls, between looks at the clock, before a failed poll is tried again."""

    every_s: float
    look_every_s: float = 0.5
    backoff_s: float = 1.0
    clock: Clock = utc_now


class Poller:
    """Implements `actors.health.Runnable`."""

    def __init__(self, post: str, poll: Poll, claim: Claim, marks: Marks, rhythm: Rhythm) -> None:
        self._poll = poll
        self._claim = claim
        self._marks = marks
        self._rhythm = rhythm
        self._clock = rhythm.clock
        self._stopping = asyncio.Event()
        self._health = Health(post, State.OPENING)
        self._failures = 0
        self._heartbeat = time.monotonic()

    async def run(self) -> None:
        while not self._stopping.is_set():
            self._heartbeat = time.monotonic()
            await self._pause(await self._look())

    async def stop(self) -> None:
        """The poll in hand is finished first."""
        self._stopping.set()

    def health(self) -> Health:
        silent_s = time.monotonic() - self._heartbeat
        return Health(
            self._health.post,
            self._health.state,
            trouble=self._health.trouble,
            handled=self._health.handled,
            silent_s=silent_s,
        )

    async def _look(self) -> float:
        """Poll if it is time. Returns how long to wait, in seconds."""
        try:
            wait_s = await self._poll_if_due()
        except LeaseLost:
            self._claim.forget()
            return self._rhythm.look_every_s
        except Unavailable as outage:
            logger.warning("%s: %s", self._health.post, outage)
            return self._fail(outage)
        except Exception as error:
            logger.exception("%s met a defect", self._health.post)
            return self._fail(error)
        return wait_s

    async def _poll_if_due(self) -> float:
        lease = await self._claim.lease()
        if lease is None:
            self._tell(State.STANDBY)
            return self._rhythm.look_every_s
        known = await self._marks.read(lease.name)
        if known and known.due_at > self._clock():
            # A poll that failed is still due: so it was a look that failed, and this one has not.
            self._failures = 0
            self._tell(State.UP)
            return self._rhythm.look_every_s
        polled = await self._poll(known.mark if known else {}, lease)
        again_in_s = self._rhythm.every_s if polled.again_in_s is None else polled.again_in_s
        due_at = self._clock() + timedelta(seconds=again_in_s)
        await self._marks.write(lease, PollMark(polled.mark, due_at))
        self._failures = 0
        self._tell(State.UP, handled=self._health.handled + 1)
        return 0.0

    def _fail(self, error: Exception) -> float:
        self._failures += 1
        self._tell(State.DEGRADED, trouble=describe(error))
        backoff_s: float = self._rhythm.backoff_s * 2 ** min(self._failures - 1, 10)
        return min(backoff_s, LONGEST_BACKOFF_S)

    def _tell(self, state: State, trouble: str | None = None, handled: int | None = None) -> None:
        handled = self._health.handled if handled is None else handled
        self._health = Health(self._health.post, state, trouble=trouble, handled=handled)

    async def _pause(self, wait_s: float) -> None:
        """In short steps, so that it is no silence."""
        until = time.monotonic() + wait_s
        while (left_s := until - time.monotonic()) > 0 and not self._stopping.is_set():
            self._heartbeat = time.monotonic()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), min(left_s, 1.0))


@asynccontextmanager
async def open_poller(
    post: str, poll: Poll, *, every_s: float, clock: Clock = utc_now
) -> AsyncIterator[Poller]:
    """A poller whose lease and mark are named like its post."""
    async with open_pool(Settings().postgres, "mch_relay", size=2) as pool:
        rhythm = Rhythm(every_s, clock=clock)
        async with open_tenure(pool, post, ttl_s=LEASE_S) as tenure:
            yield Poller(post, poll, tenure, PostgresPollMarks(pool), rhythm)
