"""Words of a document found in Postgres."""

from uuid import UUID

import pytest

from cluster.stores.blob_store import memory_blob_store
from cluster.stores.page_words import FoundWords, PageWords
from cluster.stores.postgres import Pool, as_tenant
from domain.document import FinishReading, ReadAgain
from domain.pages import Line, Page
from tests.documents import TENANT, command_document, tenant_documents, upload

OTHER = UUID(int=2)


@pytest.fixture
async def document_id(app_pool: Pool) -> UUID:
    documents = tenant_documents(app_pool, memory_blob_store())
    document_id = await upload(app_pool, documents.files, b"%PDF-1.7")
    pages = [
        Page(1, (Line("Nitrile gloves (50%)"), Line("and more\x00gloves"))),
        Page(2, (Line("Gowns"),)),
        Page(11, (Line("GLOVES again"),)),
    ]
    await documents.pages.write(TENANT, document_id, pages)
    return document_id


async def test_each_place_is_found_in_the_order_of_the_pages(
    app_pool: Pool, document_id: UUID
) -> None:
    found = await PageWords(app_pool).find(TENANT, document_id, "gloves")
    assert [(hit.page, hit.nth) for hit in found.hits] == [(1, 1), (1, 2), (11, 1)]
    assert found.unknown == 0


@pytest.mark.parametrize(
    ("words", "pages"),
    [
        ("(50%)", [1]),
        ("gloves (50%) AND", [1]),
        ("more gloves", [1]),
        ("glo.es", []),
        (r"\m", []),
    ],
)
async def test_signs_stand_for_themselves(
    app_pool: Pool, document_id: UUID, words: str, pages: list[int]
) -> None:
    found = await PageWords(app_pool).find(TENANT, document_id, words)
    assert [hit.page for hit in found.hits] == pages


async def test_where_nothing_is_asked_nothing_is_found(app_pool: Pool, document_id: UUID) -> None:
    assert await PageWords(app_pool).find(TENANT, document_id, " \x00") == FoundWords()


async def test_another_company_finds_nothing(app_pool: Pool, document_id: UUID) -> None:
    assert await PageWords(app_pool).find(OTHER, document_id, "gloves") == FoundWords()


async def test_pages_of_an_earlier_reading_are_not_searched(
    app_pool: Pool, document_id: UUID
) -> None:
    done = FinishReading(run=1, pages=3, pages_failed=0, characters=40, engine="text")
    await command_document(app_pool, document_id, done)
    await command_document(app_pool, document_id, ReadAgain("ocr"))
    assert (await PageWords(app_pool).find(TENANT, document_id, "gloves")).hits == ()


async def test_pages_whose_words_were_not_kept_are_told(app_pool: Pool, document_id: UUID) -> None:
    async with as_tenant(app_pool, TENANT) as connection:
        await connection.execute("update document_page set body = null where number = 11")
    found = await PageWords(app_pool).find(TENANT, document_id, "gloves")
    assert ([hit.page for hit in found.hits], found.unknown) == ([1, 1], 1)
