"""How each part is: asked, read from what posts wrote down, and remembered since when."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from time import monotonic
from typing import Any, TypeVar

from cluster.stores.posts import PostStatus
from cluster.stores.system_reads import SyncState
from deployments.backends import Backends, Probe
from domain.errors import Unavailable
from domain.flows import FLOWS

T = TypeVar("T")

LOOK_EVERY_S = 2.0
PROBE_WITHIN_S = 3.0
SILENT_AFTER_S = 10.0
"""A post is replaced when its last heartbeat is older (see the contracts)."""

_WANTED = {"pause": "paused", "drain": "drained"}
_WELL = {"up": "works", "standby": "stands by: another hub holds the lease", "opening": "starts"}

ESSENTIAL = "postgres"
"""Without it nothing can be answered; without any other part, less."""


class State(StrEnum):
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


class Group(StrEnum):
    STORES = "Stores"
    POSTS = "Posts that work all the time"
    APPLICATIONS = "Applications"
    SOURCES = "Sources"


@dataclass(frozen=True, slots=True)
class Part:
    """`since` is when this replica first saw it in this state."""

    name: str
    group: Group
    state: State
    detail: str
    since: datetime
    lag: int | None = None
    checked_at: datetime | None = None
    """Of a source: when it last answered."""


Clock = Callable[[], datetime]
EXPECTED = {
    "relay_events",
    *(step.post for flow in FLOWS.values() for step in flow),
} - {"posts", "app"}
"""Posts that every hub has: one that never said anything is down, not absent."""

APPLICATIONS = frozenset({"app", "ai", "realtime", "ray"})


class PartsWatch:
    """Looks at most every `LOOK_EVERY_S`, however many ask; all who wait share one look."""

    def __init__(self, backends: Backends, now: Clock = lambda: datetime.now(UTC)) -> None:
        self._backends = backends
        self._now = now
        self._parts: dict[str, Part] = {}
        self._looked_at = float("-inf")
        self._lock = asyncio.Lock()
        self._looking: asyncio.Task[Sequence[Part]] | None = None

    async def look(self) -> Sequence[Part]:
        """By group, then by name. Raises nothing: a part that cannot be asked is down."""
        async with self._lock:
            if monotonic() - self._looked_at >= LOOK_EVERY_S:
                self._remember(await self._ask())
                self._looked_at = monotonic()
        return tuple(self._parts.values())

    async def glance(self) -> Sequence[Part]:
        """What the last look found, at once; if that is old, another look begins behind it."""
        if not self._parts:
            return await self.look()
        if monotonic() - self._looked_at >= LOOK_EVERY_S and self._looking is None:
            self._looking = asyncio.create_task(self.look())
            self._looking.add_done_callback(self._looked)
        return tuple(self._parts.values())

    async def close(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.wait([self._looking])

    def _looked(self, task: asyncio.Task[Sequence[Part]]) -> None:
        self._looking = None

    async def _ask(self) -> list[Part]:
        stores, posts, sources = await asyncio.gather(
            self._ask_probes(), self._ask_posts(), self._ask_sources()
        )
        app = Part("app", Group.APPLICATIONS, State.UP, "this page", self._now())
        applications = [part for part in stores if part.group is Group.APPLICATIONS]
        rest = [part for part in stores if part.group is Group.STORES]
        return [*rest, *posts, app, *applications, *sources]

    async def _ask_probes(self) -> list[Part]:
        probes = self._backends.probes
        answers = await asyncio.gather(*(_answer(probe) for probe in probes.values()))
        return [
            Part(name, _group(name), state, detail, self._now())
            for name, (state, detail) in zip(probes, answers, strict=True)
        ]

    async def _ask_posts(self) -> list[Part]:
        try:
            posts, lags = await _soon(self._read_posts())
        except (Unavailable, TimeoutError):
            return [
                replace(part, state=State.DEGRADED, detail="not known while PostgreSQL is down")
                for part in self._parts.values()
                if part.group is Group.POSTS
            ]
        silent = [_silent(name) for name in sorted(EXPECTED - {post.name for post in posts})]
        return [self._post(post, lags) for post in [*posts, *silent]]

    async def _read_posts(self) -> tuple[Sequence[PostStatus], dict[str, int]]:
        posts = await self._backends.posts.statuses()
        lags = dict(await self._backends.lags.lags())
        return posts, lags | {"relay_events": await self._backends.lags.relay_lag()}

    def _post(self, post: PostStatus, lags: Mapping[str, int]) -> Part:
        state, detail = judge_post(post, self._now())
        return Part(post.name, Group.POSTS, state, detail, self._now(), lags.get(post.name))

    async def _read_syncs(self) -> Sequence[SyncState]:
        return await self._backends.system.syncs()

    async def _ask_sources(self) -> list[Part]:
        try:
            syncs = await _soon(self._read_syncs())
        except (Unavailable, TimeoutError):
            return [part for part in self._parts.values() if part.group is Group.SOURCES]
        if not syncs:
            detail = "not fetched yet"
            return [Part("sam_gov", Group.SOURCES, State.DEGRADED, detail, self._now())]
        failing = [sync for sync in syncs if sync.is_failing]
        state = State.DEGRADED if failing else State.UP
        detail = failing[0].last_error or "failed" if failing else "fetched as planned"
        answered = [sync.last_success_at for sync in syncs if sync.last_success_at]
        checked_at = max(answered, default=None)
        now = self._now()
        return [Part("sam_gov", Group.SOURCES, state, detail, now, checked_at=checked_at)]

    def _remember(self, parts: Sequence[Part]) -> None:
        self._parts = {part.name: self._since(part) for part in parts}

    def _since(self, part: Part) -> Part:
        before = self._parts.get(part.name)
        same = before is not None and before.state is part.state
        return replace(part, since=before.since) if before and same else part


async def _soon(asked: Coroutine[Any, Any, T]) -> T:
    """Raises `TimeoutError` at once: a store that hangs also hangs the end of what was asked."""
    task = asyncio.create_task(asked)
    done, _ = await asyncio.wait({task}, timeout=PROBE_WITHIN_S)
    if not done:
        task.cancel()
        raise TimeoutError
    return task.result()


def _silent(name: str) -> PostStatus:
    return PostStatus(name, "run", None, {}, None)


def judge_post(post: PostStatus, now: datetime) -> tuple[State, str]:
    """From what it last said of itself, from how long ago that was, and from what is wanted."""
    if post.wanted != "run":
        because = f": {post.reason}" if post.reason else ""
        return State.DEGRADED, f"{_WANTED[post.wanted]} by an operator{because}"
    if post.at is None:
        return State.DOWN, "has not started"
    trouble = post.told.get("trouble")
    silent_s = (now - post.at).total_seconds()
    if silent_s > SILENT_AFTER_S:
        return State.DOWN, f"silent for {round(silent_s)} s" + (f": {trouble}" if trouble else "")
    said = str(post.told.get("state", "up"))
    if said in _WELL and not trouble:
        return State.UP, _WELL[said]
    return State.DOWN if said == "down" else State.DEGRADED, str(trouble or said)


def worst(parts: Sequence[Part]) -> State:
    """Of the replica: down only without what is essential."""
    if any(part.state is State.DOWN and part.name == ESSENTIAL for part in parts):
        return State.DOWN
    troubled = any(part.state is not State.UP for part in parts)
    return State.DEGRADED if troubled else State.UP


def _group(name: str) -> Group:
    return Group.APPLICATIONS if name in APPLICATIONS else Group.STORES


async def _answer(probe: Probe) -> tuple[State, str]:
    try:
        return State.UP, await _soon(probe())
    except Unavailable as error:
        return State.DOWN, error.reason
    except TimeoutError:
        return State.DOWN, f"no answer within {PROBE_WITHIN_S:g} s"
