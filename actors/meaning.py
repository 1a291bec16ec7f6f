"""How near notices are to what a company says of itself, waiting for vectors on their way."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from actors.lanes import quiet_lane
from domain.access import PUBLIC
from domain.errors import NotYet
from domain.ports import Heads, Partition, TextEmbedding
from domain.vectors import Vector

EMBEDDERS_POST = "embed_opportunities"


class Place(NamedTuple):
    """Where an event came from: its partition, its position there, and the lane that it takes."""

    partition: Partition
    position: int
    is_live: bool


class Vectors(Protocol):
    """The part of `domain.ports.VectorIndex` that is needed here."""

    async def similarity(
        self, tenant_id: UUID, vector: Vector, keys: Sequence[str]
    ) -> dict[str, float]: ...


class Finished(Protocol):
    """The part of `domain.ports.Progress` that is needed here."""

    async def finished(self, consumer: str) -> Heads: ...


class Meaning:
    """Cosine similarities, from vectors that `embed_opportunities` makes beside us."""

    def __init__(
        self,
        embedding: TextEmbedding,
        vectors: Vectors,
        progress: Finished,
        *,
        patience_s: float = 2.0,
        look_every_s: float = 0.05,
    ) -> None:
        self._embedding = embedding
        self._vectors = vectors
        self._progress = progress
        self._patience_s = patience_s
        self._look_every_s = look_every_s
        self._statements: dict[str, Vector] = {}

    async def similarities(
        self, statement: str, notices: Mapping[str, Place | None]
    ) -> dict[str, float]:
        """By notice id; one whose embedding came to nothing is left out.

        A place says which event must be embedded before, None that what there is will do. Raises
        `NotYet` while embeddings are on their way for longer than our patience.
        """
        if not statement or not notices:
            return {}
        await self._embedded([place for place in notices.values() if place])
        vector = await self._vector(statement)
        return await self._vectors.similarity(PUBLIC, vector, list(notices))

    async def _embedded(self, places: Sequence[Place]) -> None:
        deadline = time.monotonic() + self._patience_s
        while behind := await self._behind(places):
            if time.monotonic() >= deadline:
                raise NotYet(waits_for=f"{EMBEDDERS_POST}, which has {behind} notices before it")
            await asyncio.sleep(self._look_every_s)

    async def _behind(self, places: Sequence[Place]) -> int:
        behind = 0
        for is_live in {place.is_live for place in places}:
            lane = EMBEDDERS_POST if is_live else quiet_lane(EMBEDDERS_POST)
            finished = await self._progress.finished(lane)
            theirs = (place for place in places if place.is_live is is_live)
            behind += sum(place.position > finished.get(place.partition, 0) for place in theirs)
        return behind

    async def _vector(self, statement: str) -> Vector:
        if statement not in self._statements:
            [self._statements[statement]] = await self._embedding.embed([statement])
        return self._statements[statement]
