from uuid import UUID

import asyncpg
import pytest

from cluster.stores.blob_store import memory_blob_store
from cluster.stores.document_pages import DocumentPages
from cluster.stores.documents import PostgresDocuments
from cluster.stores.postgres import Pool, as_tenant
from domain.document import CancelReading, FailReading, FinishReading, ReadAgain
from domain.errors import NotFound
from domain.pages import Box, Line, Page, Word
from tests.documents import TENANT, command_document, upload

OTHER = UUID(int=2)
_FOREIGN_WORK = "insert into work (tenant_id, kind, key, payload) values ($1, 'a', 'b', '{}')"
WORD = Word("Gloves", Box(72, 90, 110, 102))
ONE = Page(1, (Line("Gloves", WORD.box, (WORD,), size=10.0),), width=612, height=792)
THREE = Page(3, (Line("Gowns"),), engine="tesseract", confidence=0.5, warnings=("faint",))


async def test_pages_come_back_as_they_were_written_in_their_order(app_pool: Pool) -> None:
    files = memory_blob_store()
    document_id = await upload(app_pool, files, b"x")
    pages = DocumentPages(app_pool, files)
    await pages.expect(TENANT, document_id, 1, 4)
    await pages.write(TENANT, document_id, [THREE, ONE])
    await pages.fail(TENANT, document_id, 1, 2, "too faint")
    assert await pages.read(TENANT, document_id) == [ONE, THREE]
    assert await pages.read_one(TENANT, document_id, 3) == THREE
    told = [
        (page.number, page.state, page.reason) for page in await pages.outcomes(TENANT, document_id)
    ]
    assert told == [
        (1, "done", None),
        (2, "failed", "too faint"),
        (3, "done", None),
        (4, "waiting", None),
    ]
    row = await PostgresDocuments(app_pool).get(TENANT, document_id)
    assert (row.pages_done, row.pages_failed) == (2, 1)


async def test_a_settled_page_stays_settled(app_pool: Pool) -> None:
    files = memory_blob_store()
    document_id = await upload(app_pool, files, b"x")
    pages = DocumentPages(app_pool, files)
    await pages.write(TENANT, document_id, [ONE])
    await pages.fail(TENANT, document_id, 1, 1, "late")
    [outcome] = await pages.outcomes(TENANT, document_id)
    assert (outcome.state, outcome.characters) == ("done", 6)


async def test_a_page_of_an_earlier_reading_is_none_of_the_one_begun_meanwhile(
    app_pool: Pool,
) -> None:
    files = memory_blob_store()
    document_id = await upload(app_pool, files, b"x")
    pages = DocumentPages(app_pool, files)
    await pages.expect(TENANT, document_id, 1, 1)
    await command_document(app_pool, document_id, CancelReading())
    await command_document(app_pool, document_id, ReadAgain("ocr"))
    await PostgresDocuments(app_pool).start(TENANT, document_id, 2, 1)
    await pages.expect(TENANT, document_id, 2, 1)
    await pages.write(TENANT, document_id, [ONE], run=1)
    [before] = await pages.outcomes(TENANT, document_id, run=1)
    [now] = await pages.outcomes(TENANT, document_id)
    assert (before.state, now.state) == ("done", "waiting")


async def test_another_tenant_finds_neither_document_nor_pages(app_pool: Pool) -> None:
    files = memory_blob_store()
    document_id = await upload(app_pool, files, b"x")
    pages = DocumentPages(app_pool, files)
    await pages.write(TENANT, document_id, [ONE])
    with pytest.raises(NotFound):
        await pages.read(OTHER, document_id)
    with pytest.raises(NotFound):
        await PostgresDocuments(app_pool).get(OTHER, document_id)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with as_tenant(app_pool, OTHER) as connection:
            await connection.execute(
                "insert into work (tenant_id, kind, key, payload) values ($1, 'a', 'b', '{}')",
                TENANT,
            )


async def test_a_document_is_listed_with_how_far_its_newest_reading_is(app_pool: Pool) -> None:
    files, documents = memory_blob_store(), PostgresDocuments(app_pool)
    one = await upload(app_pool, files, b"one", "one.pdf")
    two = await upload(app_pool, files, b"two", "two.pdf")
    assert await upload(app_pool, files, b"one", "again.pdf") == one
    done = FinishReading(run=1, pages=2, pages_failed=1, characters=5, engine="text")
    await command_document(app_pool, one, done)
    await command_document(app_pool, two, FailReading(1, "locked"))
    rows, total = await documents.page(TENANT, limit=1)
    assert ([row.document_id for row in rows], total) == ([two, one], 2)
    assert (rows[0].state, rows[0].reason) == ("failed", "locked")
    assert (rows[1].state, rows[1].pages, rows[1].name) == ("processed", 2, "one.pdf")
    await command_document(app_pool, two, ReadAgain("ocr"))
    row = await documents.get(TENANT, two)
    assert (row.state, row.run, row.mode, row.reason) == ("waiting", 2, "ocr", None)
