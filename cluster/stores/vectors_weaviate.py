"""The vector index in Weaviate: multi-tenant collections that bring their own vectors."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, TypeVar
from uuid import UUID

from weaviate.classes.data import DataObject
from weaviate.classes.query import Filter, HybridFusion, MetadataQuery
from weaviate.exceptions import WeaviateQueryError

from cluster.stores.weaviate_client import Weaviate, is_absent_tenant
from cluster.stores.weaviate_collections import TEXT, class_name, keeps_text, resolve
from domain.access import PUBLIC
from domain.errors import NotFound, Unavailable
from domain.vectors import (
    Asked,
    Between,
    Condition,
    Held,
    Hit,
    Is,
    OneOf,
    Properties,
    Property,
    StartsWith,
    Vector,
    VectorRecord,
    Where,
    vector_id,
)

T = TypeVar("T")

MOST_RESULTS = 10_000
"""Weaviate's own limit for one query."""
KEYS_AT_ONCE = 100
"""With at most 64 chunks each, all their chunks fit one answer."""
OBJECTS_AT_ONCE = 500

_FIXED = {"key", "chunk", "digest", TEXT}


class WeaviateVectorIndex:
    """Implements `domain.ports.VectorIndex`. `name` is an alias or a collection."""

    def __init__(self, weaviate: Weaviate, name: str) -> None:
        self._weaviate = weaviate
        self._name = name
        self._subject = name.split("_", 1)[0]

    async def upsert(self, records: Sequence[VectorRecord]) -> None:
        ordered = sorted(records, key=lambda record: record.tenant_id)
        async with self._weaviate.use(self._name) as client:
            target = await resolve(client, self._name)
            if target is None:
                # Weaviate would make a collection of its own, with a schema that it guesses.
                raise NotFound(what="vector collection", key=self._name)
            with_text = await keeps_text(client, target)
            for tenant_id, share in groupby(ordered, key=lambda record: record.tenant_id):
                tenant = client.collections.use(class_name(self._name)).with_tenant(str(tenant_id))
                told = [self._object(it, with_text=with_text) for it in share]
                for objects in _slices(told, OBJECTS_AT_ONCE):
                    done = await tenant.data.insert_many(objects)
                    if done.has_errors:
                        reason = str(next(iter(done.errors.values())).message)
                        raise Unavailable(service="vectors", reason=reason)

    async def describe(self, tenant_id: UUID, properties: Mapping[str, Properties]) -> None:
        held = await self.held(tenant_id, list(properties))

        async def update(tenant: Any) -> None:
            for key in held:
                for chunk in held[key].digests:
                    id_ = vector_id(tenant_id, self._subject, key, chunk)
                    await tenant.data.update(id_, properties=_stored(properties[key]))

        await self._in_tenant(tenant_id, update, absent=None)

    async def delete(self, tenant_id: UUID, keys: Sequence[str], *, from_chunk: int = 0) -> None:
        async def delete(tenant: Any) -> None:
            for some in _slices(keys, KEYS_AT_ONCE):
                rest = Filter.by_property("chunk").greater_or_equal(from_chunk)
                await tenant.data.delete_many(where=_of(some) & rest)

        await self._in_tenant(tenant_id, delete, absent=None)

    async def held(self, tenant_id: UUID, keys: Sequence[str]) -> dict[str, Held]:
        found: dict[str, dict[int, dict[str, Any]]] = {}

        async def fetch(tenant: Any) -> None:
            for some in _slices(keys, KEYS_AT_ONCE):
                answer = await tenant.query.fetch_objects(filters=_of(some), limit=MOST_RESULTS)
                for it in (held.properties for held in answer.objects):
                    found.setdefault(it["key"], {})[it["chunk"]] = it

        await self._in_tenant(tenant_id, fetch, absent=None)
        return {
            key: Held({n: it["digest"] for n, it in chunks.items()}, _told(chunks[min(chunks)]))
            for key, chunks in found.items()
        }

    async def search(
        self, tenant_id: UUID, vector: Vector, *, limit: int, where: Where = ()
    ) -> list[Hit]:
        filters = [_filter(condition) for condition in where]
        hits = await self._nearest(tenant_id, vector, limit, filters)
        return sorted(hits, key=lambda hit: (-hit.score, hit.key, hit.chunk))[:limit]

    async def hybrid(
        self, tenant_id: UUID, asked: Asked, *, limit: int, where: Where = ()
    ) -> list[Hit] | None:
        """Weaviate's own: BM25 and cosine, each stretched from 0 to 1 before they are weighed.

        Scores are of one owner's chunks. Who has no text is found by meaning alone.
        """
        if not await self._keeps_text():
            return None
        filters = [_filter(condition) for condition in where]

        async def query(tenant: Any) -> list[Hit]:
            answer = await tenant.query.hybrid(
                asked.words,
                vector=asked.vector,
                alpha=asked.share,
                fusion_type=HybridFusion.RELATIVE_SCORE,
                query_properties=[TEXT],
                limit=limit,
                filters=Filter.all_of(filters) if filters else None,
                return_metadata=MetadataQuery(score=True),
                return_properties=["key", "chunk"],
            )
            return [
                Hit(it.properties["key"], it.properties["chunk"], it.metadata.score)
                for it in answer.objects
            ]

        nothing: list[Hit] = []
        found = await self._in_each(tenant_id, query, absent=nothing)
        hits = [hit for hits in found for hit in hits]
        return sorted(hits, key=lambda hit: (-hit.score, hit.key, hit.chunk))[:limit]

    async def similarity(
        self, tenant_id: UUID, vector: Vector, keys: Sequence[str]
    ) -> dict[str, float]:
        best: dict[str, float] = {}
        for some in _slices(keys, KEYS_AT_ONCE):
            for hit in await self._nearest(tenant_id, vector, MOST_RESULTS, [_of(some)]):
                best[hit.key] = max(hit.score, best.get(hit.key, -1.0))
        return best

    async def vectors_of(self, tenant_id: UUID, key: str) -> dict[int, Vector]:
        async def fetch(tenant: Any) -> dict[int, Vector]:
            answer = await tenant.query.fetch_objects(
                filters=_of([key]), limit=MOST_RESULTS, include_vector=True
            )
            return {it.properties["chunk"]: it.vector["default"] for it in answer.objects}

        nothing: dict[int, Vector] = {}
        found = await self._in_each(tenant_id, fetch, absent=nothing)
        return {chunk: vector for vectors in found for chunk, vector in vectors.items()}

    async def count(self, tenant_id: UUID) -> int:
        """Each key has a chunk 0, and a key is public or a tenant's."""

        async def count(tenant: Any) -> int:
            first = Filter.by_property("chunk").equal(0)
            answer = await tenant.aggregate.over_all(filters=first, total_count=True)
            return int(answer.total_count)

        return sum(await self._in_each(tenant_id, count, absent=0))

    async def _nearest(
        self, tenant_id: UUID, vector: Vector, limit: int, filters: list[Any]
    ) -> list[Hit]:
        async def query(tenant: Any) -> list[Hit]:
            answer = await tenant.query.near_vector(
                vector,
                limit=limit,
                filters=Filter.all_of(filters) if filters else None,
                return_metadata=MetadataQuery(distance=True),
                return_properties=["key", "chunk"],
            )
            return [
                Hit(it.properties["key"], it.properties["chunk"], 1 - it.metadata.distance)
                for it in answer.objects
            ]

        nothing: list[Hit] = []
        found = await self._in_each(tenant_id, query, absent=nothing)
        return [hit for hits in found for hit in hits]

    async def _in_each(
        self, tenant_id: UUID, ask: Callable[[Any], Awaitable[T]], *, absent: T
    ) -> list[T]:
        """What the tenant's own vectors answer, and the public ones."""
        tenants = sorted({tenant_id, PUBLIC})
        asked = (self._in_tenant(tenant, ask, absent=absent) for tenant in tenants)
        return await asyncio.gather(*asked)

    async def _in_tenant(
        self, tenant_id: UUID, ask: Callable[[Any], Awaitable[T]], *, absent: T
    ) -> T:
        async with self._weaviate.use(self._name) as client:
            collection = client.collections.use(class_name(self._name))
            try:
                return await ask(collection.with_tenant(str(tenant_id)))
            except WeaviateQueryError as error:
                if is_absent_tenant(error):
                    return absent
                raise

    async def _keeps_text(self) -> bool:
        """Asked each time: a replay swaps what the alias points at under a running process."""
        async with self._weaviate.use(self._name) as client:
            target = await resolve(client, self._name)
            if target is None:
                raise NotFound(what="vector collection", key=self._name)
            return await keeps_text(client, target)

    def _object(self, record: VectorRecord, *, with_text: bool) -> DataObject[dict[str, Any], None]:
        """With the text of what is public. A company's lies in Postgres alone (decision 0023)."""
        is_kept = with_text and record.tenant_id == PUBLIC
        return DataObject(
            uuid=vector_id(record.tenant_id, self._subject, record.key, record.chunk),
            properties={
                "key": record.key,
                "chunk": record.chunk,
                "digest": record.digest,
                **({TEXT: record.text} if is_kept else {}),
                **_stored(record.properties),
            },
            vector=record.vector,
        )


def _stored(properties: Properties) -> dict[str, Any]:
    return {name: _value(value) for name, value in properties.items()}


def _value(value: Property) -> Any:
    """Text may have several values, so one is a list of one. Booleans are 0 and 1: the client
    cannot filter by them with the newest protobuf.
    """
    match value:
        case str():
            return [value]
        case tuple():
            return list(value)
        case bool():
            return int(value)
        case _:
            return value


def _told(stored: Mapping[str, Any]) -> Properties:
    """As it was given, save that a single text comes back for a tuple of one, and 1 for True."""
    own = {name: it for name, it in stored.items() if name not in _FIXED}
    return {
        name: (it[0] if len(it) == 1 else tuple(it)) if isinstance(it, list) else it
        for name, it in own.items()
    }


def _of(keys: Sequence[str]) -> Any:
    return Filter.by_property("key").contains_any(list(keys))


def _filter(condition: Condition) -> Any:
    prop = Filter.by_property(condition.field)
    match condition:
        case OneOf(_, values):
            return prop.contains_any(list(values))
        case StartsWith(_, prefixes):
            return Filter.any_of([prop.like(f"{_literally(prefix)}*") for prefix in prefixes])
        case Between(_, low, high):
            ends = [prop.greater_or_equal(low)] if low is not None else []
            ends += [prop.less_or_equal(high)] if high is not None else []
            return Filter.all_of(ends)
        case Is(_, value):
            return prop.equal(int(value))


def _literally(text: str) -> str:
    return text.replace("\\", r"\\").replace("*", r"\*").replace("?", r"\?")


def _slices(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
