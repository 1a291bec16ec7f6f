"""The state of a hub: what its supervisor wrote, what its posts wrote, what its stores hold."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from cluster.home import Home
from cluster.servers.deployment import HUB
from cluster.servers.lock import HomeLock
from cluster.servers.parts import Part, State, read_parts
from cluster.settings import Profile, Settings
from cluster.stores.analytics import open_analytics
from cluster.stores.opportunities import PostgresOpportunities
from cluster.stores.postgres import Pool, fetch_rows, open_pool
from cluster.stores.posts import PostgresPosts, PostStatus
from cluster.stores.progress import PostgresProgress
from cluster.stores.vectors import open_vectors
from deployments.cli.tail import published_ids
from domain.access import PUBLIC
from domain.errors import HubError
from domain.flows import EVENT_TYPES
from domain.vectors import OPPORTUNITIES
from domain.wire import TOPICS

WITHIN_S = 20.0
SILENT_AFTER_S = 10.0

T = TypeVar("T")

_HEADS = "select partition, position from topic_head where topic = $1"


@dataclass(frozen=True, slots=True)
class PartState:
    state: str
    pid: int | None
    detail: str


@dataclass(frozen=True, slots=True)
class Inspected:
    """`counts` are distinct opportunities in each store; None where it cannot be asked."""

    ready: bool
    address: str
    parts: Mapping[str, PartState]
    counts: Mapping[str, int | None]
    lag: Mapping[str, int]

    def as_json(self) -> dict[str, Any]:
        """The shape that the contracts promise."""
        return asdict(self)


async def inspect() -> Inspected:
    """Takes no longer than the slowest store's patience. A store that is away is not an error."""
    settings = Settings()
    home = Home(settings.home)
    runs = settings.profile == Profile.CLUSTER or HomeLock(home.lock_file).holder() is not None
    parts = read_parts(home.parts_file) if runs else {}
    if not runs:
        return Inspected(False, _address(settings), {}, {}, {})
    async with AsyncExitStack() as opened:
        relay = await opened.enter_async_context(open_pool(settings.postgres, "mch_relay", size=2))
        app = await opened.enter_async_context(open_pool(settings.postgres, "mch_app", size=2))
        counts = await _counts(settings, app, relay)
        posts = await _known(lambda: PostgresPosts(relay).statuses()) or []
        lag = await _known(lambda: _lags(relay)) or {}
    shown = {name: _shown(part) for name, part in parts.items() if name != HUB}
    shown["vectors"] = _vectors(settings, shown, counts["vectors"])
    shown |= {post.name: _post(post) for post in posts}
    ready = HUB in parts and parts[HUB].state == State.UP
    everything = all(part.state in {"up", "standby"} for part in shown.values())
    return Inspected(ready and everything, _address(settings), shown, counts, lag)


async def _counts(settings: Settings, app: Pool, relay: Pool) -> dict[str, int | None]:
    async def in_postgres() -> int:
        return (await PostgresOpportunities(app, EVENT_TYPES).counts())["known"]

    async def in_kafka() -> int:
        topic = TOPICS["Opportunity"]
        heads = {
            row["partition"]: row["position"] for row in await fetch_rows(relay, _HEADS, topic)
        }
        return len(await published_ids(settings.kafka, topic, heads))

    async def in_clickhouse() -> int:
        async with open_analytics(settings.clickhouse) as analytics:
            return await analytics.opportunities()

    async def in_vectors() -> int:
        async with open_vectors(settings, app) as vectors:
            return await vectors.index(OPPORTUNITIES).count(PUBLIC)

    asked = {
        "postgres": in_postgres,
        "kafka": in_kafka,
        "clickhouse": in_clickhouse,
        "vectors": in_vectors,
    }
    found = await asyncio.gather(*(_known(ask) for ask in asked.values()))
    return dict(zip(asked, found, strict=True))


async def _lags(relay: Pool) -> dict[str, int]:
    progress = PostgresProgress(relay)
    return {"relay_events": await progress.relay_lag(), **await progress.lags()}


async def _known(ask: Callable[[], Awaitable[T]]) -> T | None:
    try:
        return await asyncio.wait_for(ask(), WITHIN_S)
    except (HubError, OSError, TimeoutError):
        return None


def _shown(part: Part) -> PartState:
    return PartState(part.state, part.pid, part.detail)


def _post(post: PostStatus) -> PartState:
    """A post that has not told of itself for long is down, whatever it said last."""
    told = post.told
    if post.at is None:
        return PartState("down", None, "has not started")
    silent_s = (datetime.now(UTC) - post.at).total_seconds()
    if silent_s > SILENT_AFTER_S:
        return PartState("down", told.get("pid"), f"silent for {silent_s:.0f} s")
    return PartState(str(told["state"]), told.get("pid"), told.get("trouble") or "")


def _vectors(settings: Settings, parts: Mapping[str, PartState], count: int | None) -> PartState:
    store = f"Weaviate at {settings.weaviate.host}" if settings.weaviate.host else "pgvector"
    if count is not None:
        return PartState("up", None, store)
    pid = parts["postgres"].pid if "postgres" in parts else None
    return PartState("down", pid, f"{store} does not answer")


def _address(settings: Settings) -> str:
    return f"http://127.0.0.1:{settings.port}"
