"""Rebuild the vectors of notices from the log, beside the live ones, and swap."""

import asyncio
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from cluster.engines.embedder import MiniLmEmbedder
from cluster.settings import Settings
from cluster.stores.event_log import PostgresEventLog
from cluster.stores.postgres import open_pool
from cluster.stores.texts import PostgresTextStore
from cluster.stores.vectors import open_vectors
from domain.embedding import EMBEDDED_ON, EmbedNotices
from domain.events import Recorded
from domain.flows import EVENT_TYPES
from domain.narrowing import OPPORTUNITY_VECTORS
from domain.ports import Embedder, TextStore, VectorCollections, VectorIndex
from domain.vectors import OPPORTUNITIES

BATCH = 200

Tell = Callable[[int], None]
"""Told up to which position it has come."""


class Log(Protocol):
    """The part of `domain.ports.EventLog` that a replay needs."""

    async def read(self, *, after: int, limit: int) -> Sequence[Recorded]: ...


class Vectors(Protocol):
    """The part of `cluster.stores.vectors.Vectors` that a replay needs."""

    @property
    def collections(self) -> VectorCollections: ...

    def index(self, name: str) -> VectorIndex: ...


@dataclass(frozen=True, slots=True)
class Replayed:
    """The collection that is live now, the one it replaced, and how far the log was read."""

    collection: str
    replaced: str | None
    position: int


async def replay_vectors(
    log: Log,
    vectors: Vectors,
    embedder: Embedder,
    texts: TextStore,
    *,
    tell: Tell = lambda position: None,
) -> Replayed:
    """Embeds everything anew; the old collection is kept until dropped. Notifies nobody.

    The post that embeds goes on meanwhile: what it still wrote into the old collection is read
    from the log after the swap, in order, to its end; so the newest event has the last word.
    Running it again after a crash starts over in another collection.
    """
    replaced = await vectors.collections.target(OPPORTUNITIES)
    name = next_version(OPPORTUNITY_VECTORS.name, await vectors.collections.names())
    await vectors.collections.create(replace(OPPORTUNITY_VECTORS, name=name))
    embed = EmbedNotices(embedder, vectors.index(name), texts)
    position = await _copy(log, embed, 0, tell)
    await vectors.collections.point(OPPORTUNITIES, name)
    return Replayed(name, replaced, await _copy(log, embed, position, tell))


async def replay_from_settings(tell: Tell = lambda position: None) -> Replayed:
    """As `mch replay vectors` runs it. Loads the model."""
    settings = Settings()
    embedder = await asyncio.to_thread(MiniLmEmbedder.load, settings.embedder)
    async with (
        open_pool(settings.postgres, "mch_relay", size=1) as relay,
        open_pool(settings.postgres, "mch_app", size=2) as pool,
        open_vectors(settings, pool) as vectors,
    ):
        log, texts = PostgresEventLog(relay, EVENT_TYPES), PostgresTextStore(pool)
        return await replay_vectors(log, vectors, embedder, texts, tell=tell)


def next_version(name: str, names: Iterable[str]) -> str:
    """After the highest number that any collection of this subject and model has."""
    stem = name.rpartition("_")[0]
    numbered = (re.fullmatch(rf"{re.escape(stem)}_(\d+)", held) for held in names)
    return f"{stem}_{max((int(it[1]) for it in numbered if it), default=0) + 1}"


async def _copy(log: Log, embed: EmbedNotices, position: int, tell: Tell) -> int:
    """Everything that the log holds by now. Returns the last position."""
    while events := await log.read(after=position, limit=BATCH):
        await embed([event for event in events if isinstance(event.event, EMBEDDED_ON)])
        position = events[-1].position
        tell(position)
    return position
