"""Words and meaning in one query of the index: its contract, its text, and the search above it."""

import asyncio
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from cluster.settings import WeaviateSettings
from cluster.stores.opportunity_search import PostgresOpportunitySearch
from cluster.stores.postgres import Pool
from cluster.stores.vectors import Vectors
from cluster.stores.vectors_memory import MemoryVectorCollections
from cluster.stores.vectors_weaviate import WeaviateVectorIndex
from cluster.stores.weaviate_client import open_weaviate
from cluster.stores.weaviate_collections import class_name
from domain.access import PUBLIC
from domain.embedding import EmbedNotices
from domain.errors import NotFound
from domain.events import Recorded
from domain.narrowing import OPPORTUNITY_VECTORS
from domain.opportunity import OpportunityAmended, OpportunityClosed, OpportunityDiscovered
from domain.search import SearchQuery, SearchResult
from domain.vectors import OPPORTUNITIES, Asked, Collection, OneOf, Vector, VectorRecord
from pipelines.replay_vectors import replay_vectors
from tests.cluster.test_vectors import (
    EAST,
    FIELDS,
    NORTH,
    THEM,
    UP,
    US,
    Store,
    backend,
    record,
    store,
)
from tests.embedding import HashEmbedder
from tests.events import recorded
from tests.pipelines.test_replay_vectors import Texts, told
from tests.searched import Near, tell

__all__ = ["backend", "store"]

WORDED = Collection("worded_toy_1", 3, FIELDS, keeps_text=True)


def chunk(key: str, vector: Vector, text: str, tenant: UUID = PUBLIC) -> VectorRecord:
    one = record(key, vector, tenant=tenant)
    return VectorRecord(
        tenant_id=tenant,
        key=key,
        chunk=0,
        digest=one.digest,
        properties=one.properties,
        vector=vector,
        text=text,
    )


GLOVES = chunk("gloves", EAST, "nitrile gloves for nurses")
MASKS = chunk("masks", NORTH, "masks for surgeons")
BEDS = chunk("beds", UP, "beds")


async def worded(store: Store, *records: VectorRecord) -> Any:
    await store.collections.create(WORDED)
    index = store.index(WORDED.name)
    await index.upsert(records)
    return index


@pytest.fixture
def fusing(store: Store) -> Store:
    """A store whose index searches words itself."""
    if store.pool:
        pytest.skip("pgvector keeps no text: see the next test")
    return store


async def asked(
    index: Any, words: str, vector: Vector, share: float = 0.5, *where: OneOf
) -> list[str]:
    hits = await index.hybrid(US, Asked(words, vector, share), limit=9, where=where)
    return [hit.key for hit in hits]


async def test_an_index_without_text_leaves_fusing_to_who_asks(store: Store) -> None:
    plain = store.index()
    await plain.upsert([GLOVES])
    assert await plain.hybrid(US, Asked("gloves", EAST, 0.5), limit=9) is None
    if store.pool:
        index = await worded(store, GLOVES)
        assert await index.hybrid(US, Asked("gloves", EAST, 0.5), limit=9) is None


async def test_words_and_meaning_are_weighed(fusing: Store) -> None:
    index = await worded(fusing, GLOVES, MASKS, BEDS)
    assert (await asked(index, "masks", EAST, 0.9))[0] == "gloves"
    assert (await asked(index, "masks", EAST, 0.1))[0] == "masks"
    assert (await asked(index, "MASKS nothing", UP, 0.1))[0] == "masks"
    hits = await index.hybrid(US, Asked("nitrile", EAST, 0.5), limit=1)
    assert [(hit.key, hit.score) for hit in hits] == [("gloves", pytest.approx(1.0))]


async def test_both_halves_are_narrowed(fusing: Store) -> None:
    index = await worded(fusing, GLOVES, MASKS)
    await index.describe(PUBLIC, {"masks": {"naics": "62"}})
    assert await asked(index, "gloves", EAST, 0.5, OneOf("naics", ("62",))) == ["masks"]
    assert (await asked(index, "masks", EAST, 0.1))[0] == "masks", "a description keeps the text"


async def test_a_tenant_finds_its_own_and_the_public_by_both(fusing: Store) -> None:
    theirs = chunk("theirs", EAST, "nitrile gloves", THEM)
    index = await worded(fusing, GLOVES, chunk("ours", NORTH, "nitrile gloves", US), theirs)
    assert set(await asked(index, "nitrile gloves", EAST)) == {"gloves", "ours"}


async def test_a_hybrid_query_of_what_is_not_there_is_told(fusing: Store) -> None:
    with pytest.raises(NotFound, match="nothing_toy_1"):
        await asked(fusing.index("nothing_toy_1"), "gloves", EAST)


async def everything(store: Store, name: str, tenants: Sequence[UUID]) -> dict[str, Any]:
    """Objects of a collection as they lie in it, by id."""
    if isinstance(store.collections, MemoryVectorCollections):
        held = store.collections.held[name].items()
        return {str(id_): (it.text, it.properties, it.vector) for id_, it in held}
    assert store.weaviate
    found = {}
    async with store.weaviate.use(name) as client:
        collection = client.collections.use(class_name(name))
        known = await collection.tenants.get()
        for tenant in (str(one) for one in tenants if str(one) in known):
            async for it in collection.with_tenant(tenant).iterator(include_vector=True):
                own = dict(it.properties)
                found[str(it.uuid)] = (own.pop("text", None), own, it.vector["default"])
    return found


async def test_the_text_of_a_company_is_not_kept_and_public_text_goes(fusing: Store) -> None:
    private = "our price is 4711"
    ours = chunk("ours", NORTH, private, US)
    index = await worded(fusing, GLOVES, ours)
    held = await everything(fusing, WORDED.name, [PUBLIC, US])
    assert GLOVES.text in str(held), "else this test finds nothing anywhere"
    assert len(held) == 2
    assert private not in str(held)
    await index.delete(PUBLIC, ["gloves"])
    await fusing.collections.erase(US)
    assert await everything(fusing, WORDED.name, [PUBLIC, US]) == {}


class Log:
    def __init__(self, *events: Recorded) -> None:
        self.events = events

    async def read(self, *, after: int, limit: int) -> Sequence[Recorded]:
        return self.events[after : after + limit]


async def test_a_replay_equals_what_was_live_with_its_text(fusing: Store) -> None:
    await fusing.collections.create(OPPORTUNITY_VECTORS)
    await fusing.collections.point(OPPORTUNITIES, OPPORTUNITY_VECTORS.name)
    events = [
        *(OpportunityDiscovered(notice=told(n, "one")) for n in range(3)),
        OpportunityAmended(notice=told(1, "two"), changed=("description_digest",)),
        OpportunityClosed(notice_id="n2", reason="deadline"),
    ]
    log = Log(*(recorded(event, at) for at, event in enumerate(events, start=1)))
    post = EmbedNotices(HashEmbedder(), fusing.index(OPPORTUNITIES), Texts())
    for event in log.events:
        await post([event])
    vectors = Vectors(fusing.collections, fusing.index)
    replayed = await replay_vectors(log, vectors, HashEmbedder(), Texts())
    live = await everything(fusing, OPPORTUNITY_VECTORS.name, [PUBLIC])
    assert any("two sentence" in text for text, _, _ in live.values())
    again = await everything(fusing, replayed.collection, [PUBLIC])
    assert {id_: it[:2] for id_, it in again.items()} == {id_: it[:2] for id_, it in live.items()}
    for id_, (_, _, vector) in again.items():
        assert vector == pytest.approx(live[id_][2], abs=1e-5)


class Counting(PostgresOpportunitySearch):
    """Tells how often Postgres was asked for the best by words."""

    asked_for_words = 0

    async def _best_by_words(self, tenant_id: UUID, query: SearchQuery) -> dict[str, float]:
        self.asked_for_words += 1
        return await super()._best_by_words(tenant_id, query)


@pytest.fixture
def pool(app_pool: Pool) -> Pool:
    """Asked for before a loop runs."""
    return app_pool


@pytest.fixture
async def search(pool: Pool, fusing: Store) -> Counting:
    vectors = await tell(pool, Vectors(fusing.collections, fusing.index))
    return Counting(pool, vectors.index(OPPORTUNITIES), Near())


async def found(search: PostgresOpportunitySearch, **query: Any) -> SearchResult:
    return await search.search(US, SearchQuery.model_validate(query))


@pytest.mark.stores
async def test_the_search_uses_the_hybrid_query(search: Counting) -> None:
    result = await found(search, q="surgical gloves")
    assert result.items[0].notice_id == "n2"
    assert result.degraded == ()
    assert search.asked_for_words == 0
    closed = await found(search, q="gloves", status="closed")
    assert [item.notice_id for item in closed.items] == ["n2"]


@pytest.mark.stores
async def test_a_number_still_comes_first(search: Counting) -> None:
    result = await found(search, q="waste 36C24726Q0269")
    assert result.items[0].notice_id == "n1"
    assert search.asked_for_words == 1


@pytest.mark.stores
async def test_words_alone_answer_while_weaviate_is_away(app_pool: Pool) -> None:
    await tell(app_pool)
    away = WeaviateSettings(host="127.0.0.1", http_port=1, grpc_port=2)
    async with open_weaviate(away) as weaviate:
        index = WeaviateVectorIndex(weaviate, OPPORTUNITIES)
        search = PostgresOpportunitySearch(app_pool, index, Near())
        result = await asyncio.wait_for(found(search, q="gloves"), 30)
    assert {item.notice_id for item in result.items} == {"n1", "n2"}
    assert result.degraded == ("vectors",)
