"""From pages to passages that are found, on a real Postgres."""

import pytest

from cluster.stores.blob_store import memory_blob_store
from cluster.stores.document_chunks import PostgresDocumentChunks
from cluster.stores.postgres import Pool, as_tenant
from cluster.stores.vectors import ensure_live, in_postgres
from deployments.document_answers import DocumentAnswers
from domain.document_embedding import DOCUMENT_VECTORS, DOCUMENTS, EmbedDocuments
from domain.errors import NotYet
from domain.ports import Lease
from tests.cluster.test_documents import OTHER
from tests.documents import TENANT
from tests.embedding import KeywordEmbedder, KeywordEmbedding
from tests.solicitations import FIRST, SECOND, DocumentFlow, page_of

pytestmark = pytest.mark.stores


class Hub:
    def __init__(self, flow: DocumentFlow) -> None:
        vectors = in_postgres(flow.pool)
        self.collections = vectors.collections
        self.index = vectors.index(DOCUMENTS)
        self.chunks = PostgresDocumentChunks(flow.pool)
        self.embedder = KeywordEmbedder()
        self.handle = EmbedDocuments(self.embedder, self.index, flow.pages, self.chunks)
        self.answers = DocumentAnswers(
            KeywordEmbedding(),
            self.index,
            self.chunks,
            flow.pages,
            flow.requirements,
        )


@pytest.fixture
def flow(app_pool: Pool, relay_pool: Pool, lease: Lease) -> DocumentFlow:
    return DocumentFlow(app_pool, relay_pool, lease, memory_blob_store())


@pytest.fixture
async def hub(flow: DocumentFlow) -> Hub:
    hub = Hub(flow)
    await ensure_live(hub.collections, DOCUMENTS, DOCUMENT_VECTORS)
    return hub


async def test_passages_are_found_in_their_document_with_their_places(
    flow: DocumentFlow, hub: Hub
) -> None:
    first = await flow.add(FIRST)
    second = await flow.add(SECOND, "b.pdf")
    await hub.handle(await flow.told("DocumentProcessed"))
    found = await hub.answers.search(TENANT, "warranty on every part", limit=3)
    assert (found[0].document_id, found[0].chunk.heading) == (
        second,
        "SECTION C - STATEMENT OF WORK",
    )
    assert found[0].chunk.places[0].page == 1
    within = await hub.answers.search(TENANT, "warranty", limit=9, document_id=first)
    assert {one.document_id for one in within} == {first}


async def test_an_answer_is_a_sentence_of_the_page_and_nothing_else(
    flow: DocumentFlow, hub: Hub
) -> None:
    document_id = await flow.add(FIRST)
    await hub.handle(await flow.told("DocumentProcessed"))
    answer, *_ = await hub.answers.ask(TENANT, document_id, "Who shall train the nurses?")
    assert answer.quote.text == FIRST[2]
    assert answer.quote.boxes[0].top == 160
    assert await hub.answers.ask(TENANT, document_id, "Is a parking permit needed?") == []


async def test_a_sentence_that_the_page_no_longer_has_is_not_shown(
    flow: DocumentFlow, hub: Hub
) -> None:
    document_id = await flow.add(FIRST)
    await hub.handle(await flow.told("DocumentProcessed"))
    await flow.pages.write(TENANT, document_id, [page_of(FIRST[:2])])
    assert await hub.answers.ask(TENANT, document_id, "Who shall train the nurses?") == []


async def test_what_has_not_changed_is_not_embedded_again(flow: DocumentFlow, hub: Hub) -> None:
    document_id = await flow.add(FIRST)
    batch = await flow.told("DocumentProcessed")
    await hub.handle(batch)
    asked = len(hub.embedder.asked)
    await hub.handle([*batch, *batch])
    assert len(hub.embedder.asked) == asked
    await flow.pages.write(TENANT, document_id, [page_of(FIRST[:3])])
    await hub.handle(batch)
    held = await hub.index.held(TENANT, [str(document_id)])
    assert set(held[str(document_id)].digests) == {0}
    assert await hub.chunks.get(TENANT, [(document_id, 1)]) == {}


async def test_a_document_that_was_not_embedded_yet_says_so(flow: DocumentFlow, hub: Hub) -> None:
    document_id = await flow.add(FIRST)
    with pytest.raises(NotYet):
        await hub.answers.ask(TENANT, document_id, "Who shall train the nurses?")


async def test_nothing_of_it_is_another_tenants(flow: DocumentFlow, hub: Hub) -> None:
    await flow.add(FIRST)
    await hub.handle(await flow.told("DocumentProcessed"))
    assert await hub.answers.search(OTHER, "scanners", limit=9) == []
    async with as_tenant(flow.pool, OTHER) as connection:
        assert await connection.fetchval("select count(*) from document_chunk") == 0
