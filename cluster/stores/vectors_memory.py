"""The vector index in memory: a twin for tests, held to the contract of the real ones."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from domain.access import PUBLIC
from domain.errors import Invalid, NotFound
from domain.fusion import fuse
from domain.vectors import (
    Asked,
    Collection,
    Held,
    Hit,
    Properties,
    Vector,
    VectorRecord,
    Where,
    meets,
    vector_id,
)


@dataclass
class MemoryVectorCollections:
    """Implements `domain.ports.VectorCollections`."""

    held: dict[str, dict[UUID, VectorRecord]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    with_text: set[str] = field(default_factory=set)
    """Names of collections that keep it."""

    async def create(self, collection: Collection) -> None:
        self.held.setdefault(collection.name, {})
        if collection.keeps_text:
            self.with_text.add(collection.name)

    async def point(self, alias: str, name: str) -> None:
        if name not in self.held:
            raise NotFound(what="vector collection", key=name)
        self.aliases[alias] = name

    async def target(self, alias: str) -> str | None:
        return self.aliases.get(alias)

    async def names(self) -> list[str]:
        return sorted(self.held)

    async def drop(self, name: str) -> None:
        if name in self.aliases.values():
            raise Invalid(what=f"dropping {name}", reason="an alias points at it")
        self.held.pop(name, None)

    async def erase(self, tenant_id: UUID) -> None:
        for name, held in self.held.items():
            self.held[name] = {k: it for k, it in held.items() if it.tenant_id != tenant_id}


class MemoryVectorIndex:
    """Implements `domain.ports.VectorIndex`."""

    def __init__(self, collections: MemoryVectorCollections, name: str) -> None:
        self._collections = collections
        self._name = name

    async def upsert(self, records: Sequence[VectorRecord]) -> None:
        held = self._held()
        subject = self._target().split("_", 1)[0]
        for record in records:
            id_ = vector_id(record.tenant_id, subject, record.key, record.chunk)
            is_kept = record.tenant_id == PUBLIC and self._target() in self._collections.with_text
            text = record.text if is_kept else ""
            held[id_] = replace(record, vector=_unit(record.vector), text=text)

    async def describe(self, tenant_id: UUID, properties: Mapping[str, Properties]) -> None:
        held = self._held()
        for id_, record in held.items():
            if record.tenant_id == tenant_id and record.key in properties:
                news = {**record.properties, **properties[record.key]}
                held[id_] = replace(record, properties=news)

    async def delete(self, tenant_id: UUID, keys: Sequence[str], *, from_chunk: int = 0) -> None:
        held = self._held()
        for id_, record in list(held.items()):
            mine = record.tenant_id == tenant_id and record.key in keys
            if mine and record.chunk >= from_chunk:
                del held[id_]

    async def held(self, tenant_id: UUID, keys: Sequence[str]) -> dict[str, Held]:
        found: dict[str, dict[int, VectorRecord]] = {}
        for record in self._held().values():
            if record.tenant_id == tenant_id and record.key in keys:
                found.setdefault(record.key, {})[record.chunk] = record
        return {
            key: Held({n: it.digest for n, it in chunks.items()}, chunks[min(chunks)].properties)
            for key, chunks in found.items()
        }

    async def search(
        self, tenant_id: UUID, vector: Vector, *, limit: int, where: Where = ()
    ) -> list[Hit]:
        hits = [
            Hit(record.key, record.chunk, _cosine(vector, record.vector))
            for record in self._seen(tenant_id)
            if meets(record.properties, where)
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.key, hit.chunk))[:limit]

    async def hybrid(
        self, tenant_id: UUID, asked: Asked, *, limit: int, where: Where = ()
    ) -> list[Hit] | None:
        """Scored by how many of the words a chunk has."""
        seen = [it for it in self._seen(tenant_id) if meets(it.properties, where)]
        if self._target() not in self._collections.with_text:
            return None
        wanted = asked.words.lower().split()
        by_meaning = {_place(it): _cosine(asked.vector, it.vector) for it in seen}
        common = {_place(it): sum(map(it.text.lower().split().count, wanted)) for it in seen}
        by_words = {place: float(count) for place, count in common.items() if count}
        scores = fuse(by_meaning, by_words, asked.share)
        hits = [Hit(key, chunk, score) for (key, chunk), score in scores.items()]
        return sorted(hits, key=lambda hit: (-hit.score, hit.key, hit.chunk))[:limit]

    async def similarity(
        self, tenant_id: UUID, vector: Vector, keys: Sequence[str]
    ) -> dict[str, float]:
        best: dict[str, float] = {}
        for record in self._seen(tenant_id):
            if record.key in keys:
                score = _cosine(vector, record.vector)
                best[record.key] = max(score, best.get(record.key, -1.0))
        return best

    async def vectors_of(self, tenant_id: UUID, key: str) -> dict[int, Vector]:
        seen = self._seen(tenant_id)
        return {record.chunk: record.vector for record in seen if record.key == key}

    async def count(self, tenant_id: UUID) -> int:
        return len({record.key for record in self._seen(tenant_id)})

    def _target(self) -> str:
        return self._collections.aliases.get(self._name, self._name)

    def _held(self) -> dict[UUID, VectorRecord]:
        try:
            return self._collections.held[self._target()]
        except KeyError as error:
            raise NotFound(what="vector collection", key=self._name) from error

    def _seen(self, tenant_id: UUID) -> list[VectorRecord]:
        return [it for it in self._held().values() if it.tenant_id in {tenant_id, PUBLIC}]


def _place(record: VectorRecord) -> tuple[str, int]:
    return record.key, record.chunk


def _unit(vector: Vector) -> Vector:
    length = math.hypot(*vector) or 1.0
    return [value / length for value in vector]


def _cosine(one: Vector, other: Vector) -> float:
    return sum(map(float.__mul__, _unit(one), _unit(other)))
