"""One contract for every vector index: memory, pgvector, Weaviate."""

import math
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID

import pytest

from cluster.settings import WeaviateSettings
from cluster.stores.postgres import Pool
from cluster.stores.vectors_memory import MemoryVectorCollections, MemoryVectorIndex
from cluster.stores.vectors_postgres import PostgresVectorCollections, PostgresVectorIndex
from cluster.stores.vectors_weaviate import WeaviateVectorIndex
from cluster.stores.weaviate_client import Weaviate, open_weaviate
from cluster.stores.weaviate_collections import WeaviateVectorCollections
from domain.access import PUBLIC
from domain.errors import Invalid, NotFound, Unavailable
from domain.ports import VectorCollections, VectorIndex
from domain.vectors import (
    Between,
    Collection,
    Condition,
    Is,
    OneOf,
    StartsWith,
    Vector,
    VectorRecord,
    meets,
)

US, THEM = UUID(int=7), UUID(int=8)
FIELDS = {"naics": str, "state": str, "agency": str, "posted": int, "medical": bool}
FIRST = Collection("trial_toy_1", 3, FIELDS)
SECOND = Collection("trial_toy_2", 3, FIELDS)
ALIAS = "trial"

EAST, NORTH, UP = [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]
NORTH_EAST = [3.0, 3.0, 0.0]


@dataclass
class Store:
    collections: VectorCollections
    pool: "Pool | None" = None
    weaviate: Weaviate | None = None

    def index(self, name: str = ALIAS) -> VectorIndex:
        if self.pool:
            return PostgresVectorIndex(self.pool, name)
        if self.weaviate:
            return WeaviateVectorIndex(self.weaviate, name)
        assert isinstance(self.collections, MemoryVectorCollections)
        return MemoryVectorIndex(self.collections, name)


@pytest.fixture(
    params=[
        "memory",
        pytest.param("postgres", marks=pytest.mark.stores),
        pytest.param("weaviate", marks=pytest.mark.services),
    ]
)
def backend(request: pytest.FixtureRequest) -> "Pool | str":
    """A pool is asked for here, where no loop runs yet."""
    if request.param == "postgres":
        return request.getfixturevalue("app_pool")  # type: ignore[no-any-return]
    return str(request.param)


@pytest.fixture
async def store(backend: "Pool | str") -> AsyncIterator[Store]:
    async with AsyncExitStack() as stack:
        if backend == "memory":
            held = Store(MemoryVectorCollections())
        elif isinstance(backend, str):
            held = await stack.enter_async_context(_weaviate())
        else:
            held = Store(PostgresVectorCollections(backend), pool=backend)
        await held.collections.create(FIRST)
        await held.collections.point(ALIAS, FIRST.name)
        yield held


@asynccontextmanager
async def _weaviate() -> AsyncIterator[Store]:
    address = os.environ.get("TEST_WEAVIATE") or pytest.skip(
        "needs TEST_WEAVIATE=host:http port:grpc port:key, see `make services`"
    )
    host, http_port, grpc_port, key = address.split(":")
    settings = WeaviateSettings.model_validate(
        {"host": host, "http_port": http_port, "grpc_port": grpc_port, "api_key": key}
    )
    async with open_weaviate(settings) as weaviate:
        async with weaviate.use("") as client:
            for alias in await client.alias.list_all():
                await client.alias.delete(alias_name=alias)
            await client.collections.delete_all()
        yield Store(WeaviateVectorCollections(weaviate), weaviate=weaviate)


@pytest.fixture
def index(store: Store) -> VectorIndex:
    return store.index()


def record(key: str, vector: Vector, chunk: int = 0, tenant: UUID = PUBLIC) -> VectorRecord:
    return VectorRecord(
        tenant_id=tenant,
        key=key,
        chunk=chunk,
        digest=f"{key}{chunk}",
        properties={"naics": "339113", "agency": ("DOD", "DLA"), "posted": 5, "medical": True},
        vector=vector,
    )


async def keys(index: VectorIndex, vector: Vector, *where: Condition) -> list[str]:
    return [hit.key for hit in await index.search(US, vector, limit=9, where=where)]


async def digests(index: VectorIndex, *keys: str) -> dict[str, Mapping[int, str]]:
    return {key: it.digests for key, it in (await index.held(PUBLIC, keys)).items()}


async def test_the_nearest_come_first_with_their_similarity(index: VectorIndex) -> None:
    await index.upsert([record("a", EAST), record("b", NORTH), record("c", NORTH_EAST)])
    hits = await index.search(US, EAST, limit=2)
    assert [(hit.key, hit.chunk) for hit in hits] == [("a", 0), ("c", 0)]
    assert [hit.score for hit in hits] == pytest.approx([1, math.sqrt(0.5)], abs=1e-3)


async def test_an_upsert_replaces_what_it_repeats(index: VectorIndex) -> None:
    await index.upsert([record("a", EAST)])
    await index.upsert([record("a", EAST)])
    await index.upsert([record("a", NORTH)])
    hits = await index.search(US, NORTH, limit=9)
    assert [(hit.key, hit.chunk) for hit in hits] == [("a", 0)]
    assert hits[0].score == pytest.approx(1, abs=1e-3)


async def test_an_empty_upsert_is_none(index: VectorIndex) -> None:
    await index.upsert([])
    assert await index.count(US) == 0


async def test_what_is_held_is_told(index: VectorIndex) -> None:
    await index.upsert([record("a", EAST), record("a", NORTH, chunk=1), record("b", UP)])
    held = await index.held(PUBLIC, ["a", "z"])
    assert {key: it.digests for key, it in held.items()} == {"a": {0: "a0", 1: "a1"}}
    assert record("a", EAST).properties.items() <= held["a"].properties.items()
    assert await index.held(US, ["a"]) == {}


async def test_keys_go_whole_or_from_a_chunk_on(index: VectorIndex) -> None:
    await index.upsert([record("a", EAST, chunk) for chunk in range(3)] + [record("b", EAST)])
    await index.delete(PUBLIC, ["a"], from_chunk=1)
    assert await digests(index, "a", "b") == {"a": {0: "a0"}, "b": {0: "b0"}}
    await index.delete(PUBLIC, ["a", "z"])
    await index.delete(PUBLIC, ["a", "z"])
    assert await digests(index, "a", "b") == {"b": {0: "b0"}}


async def test_a_key_is_as_similar_as_its_nearest_chunk(index: VectorIndex) -> None:
    await index.upsert([record("a", UP), record("a", NORTH_EAST, chunk=1), record("b", UP)])
    found = await index.similarity(US, EAST, ["a", "b", "z"])
    assert found == pytest.approx({"a": math.sqrt(0.5), "b": 0}, abs=1e-3)


async def test_vectors_come_back_by_chunk(index: VectorIndex) -> None:
    await index.upsert([record("a", EAST), record("a", UP, chunk=1)])
    held = await index.vectors_of(US, "a")
    assert held == {0: pytest.approx(EAST), 1: pytest.approx(UP)}


async def test_keys_are_counted_once(index: VectorIndex) -> None:
    await index.upsert([record("a", EAST), record("a", UP, chunk=1), record("b", UP)])
    assert await index.count(US) == 2


CONDITIONS: list[tuple[Condition, bool]] = [
    (OneOf("naics", ("1", "339113")), True),
    (OneOf("naics", ("3391",)), False),
    (OneOf("agency", ("DLA",)), True),
    (OneOf("agency", ("dla", "D")), False),
    (OneOf("state", ("FL",)), False),
    (StartsWith("naics", ("62", "3391")), True),
    (StartsWith("naics", ("3391%",)), False),
    (StartsWith("naics", ("3_9",)), False),
    (StartsWith("naics", ("?39*",)), False),
    (Between("posted", 5, 5), True),
    (Between("posted", 6, None), False),
    (Between("posted", None, 4), False),
    (Between("posted", None, 6), True),
    (Is("medical", value=True), True),
    (Is("medical", value=False), False),
]


@pytest.mark.parametrize(("condition", "met"), CONDITIONS, ids=str)
async def test_a_search_is_narrowed(index: VectorIndex, condition: Condition, met: bool) -> None:
    await index.upsert([record("a", EAST)])
    assert await keys(index, EAST, condition) == ["a"] * met
    assert meets(record("a", EAST).properties, [condition]) is met


async def test_all_conditions_must_hold(index: VectorIndex) -> None:
    await index.upsert([record("a", EAST)])
    one, other = OneOf("naics", ("339113",)), Is("medical", value=False)
    assert await keys(index, EAST, one) == ["a"]
    assert await keys(index, EAST, one, other) == []


async def test_what_is_rare_is_found_among_many(index: VectorIndex) -> None:
    common = [record(f"k{n}", [1.0, n / 1_000, 0.0]) for n in range(300)]
    rare = record("rare", UP)
    await index.upsert([*common, replace(rare, properties={"naics": "1", "posted": 1})])
    assert await keys(index, EAST, OneOf("naics", ("1",))) == ["rare"]


async def test_properties_change_without_their_vector(index: VectorIndex) -> None:
    await index.upsert([record("a", EAST), record("a", UP, chunk=1), record("b", UP)])
    await index.describe(PUBLIC, {"a": {"medical": False, "agency": "VA"}, "z": {"posted": 1}})
    await index.describe(PUBLIC, {})
    assert await keys(index, EAST, Is("medical", value=False)) == ["a", "a"]
    assert await keys(index, EAST, OneOf("agency", ("VA",)), Between("posted", 5, 5)) == ["a", "a"]
    assert await keys(index, EAST, Is("medical", value=True)) == ["b"]


async def test_a_tenant_sees_its_own_and_the_public(index: VectorIndex) -> None:
    mine, theirs = record("a", EAST, tenant=US), record("b", EAST, tenant=THEM)
    await index.upsert([record("c", UP), mine, theirs])
    assert await keys(index, EAST) == ["a", "c"]
    assert await index.count(US) == 2
    assert await index.similarity(US, EAST, ["b"]) == {}
    assert await index.vectors_of(US, "b") == {}
    await index.delete(US, ["b", "c"])
    await index.describe(US, {"c": {"posted": 9}})
    assert await index.count(THEM) == 2
    assert await keys(index, EAST, Between("posted", 9, 9)) == []


async def test_an_alias_is_swapped_and_the_old_collection_dropped(store: Store) -> None:
    live, shadow = store.index(), store.index(SECOND.name)
    await live.upsert([record("a", EAST)])
    await store.collections.create(SECOND)
    await store.collections.create(SECOND)
    await shadow.upsert([record("b", EAST)])
    assert await keys(live, EAST) == ["a"]
    await store.collections.point(ALIAS, SECOND.name)
    assert await keys(live, EAST) == ["b"]
    assert await store.collections.target(ALIAS) == SECOND.name
    assert await store.collections.names() == [FIRST.name, SECOND.name]
    with pytest.raises(Invalid, match="alias"):
        await store.collections.drop(SECOND.name)
    await store.collections.drop(FIRST.name)
    await store.collections.drop(FIRST.name)
    assert await store.collections.names() == [SECOND.name]
    assert await keys(live, EAST) == ["b"]


async def test_a_tenant_is_erased_from_every_collection(store: Store) -> None:
    await store.collections.create(SECOND)
    for index in (indexes := [store.index(FIRST.name), store.index(SECOND.name)]):
        await index.upsert([record(f"{who}", EAST, tenant=who) for who in (US, THEM, PUBLIC)])
    for _ in range(2):
        await store.collections.erase(US)
    for index in indexes:
        left = [*await keys(index, EAST), *await index.held(THEM, [f"{THEM}"])]
        assert left == [f"{PUBLIC}", f"{THEM}"]


async def test_what_is_not_there_is_told(store: Store) -> None:
    nowhere = store.index("nothing_toy_1")
    with pytest.raises(NotFound, match="nothing_toy_1"):
        await nowhere.search(US, EAST, limit=1)
    with pytest.raises(NotFound, match="nothing_toy_1"):
        await nowhere.upsert([record("a", EAST)])
    with pytest.raises(NotFound, match="nothing_toy_1"):
        await store.collections.point(ALIAS, "nothing_toy_1")
    assert await store.collections.target("nothing") is None
    assert await store.collections.names() == [FIRST.name]


async def test_a_weaviate_that_is_away_is_unavailable() -> None:
    away = WeaviateSettings(host="127.0.0.1", http_port=1, grpc_port=2)
    async with open_weaviate(away) as weaviate:
        index = WeaviateVectorIndex(weaviate, ALIAS)
        with pytest.raises(Unavailable, match="vectors"):
            await index.search(US, EAST, limit=1)
        with pytest.raises(Unavailable, match="vectors"):
            await WeaviateVectorCollections(weaviate).names()


def test_a_name_that_is_no_table_is_refused(store: Store) -> None:
    if store.pool:
        with pytest.raises(Invalid):
            store.index('event"; drop table event; --')
