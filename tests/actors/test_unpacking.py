"""Archives taken apart by the real process: their files become documents, or say why not."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from actors.process_documents import POST, open_desk
from actors.unpacking_task import UNPACK, Bench, open_bench, unpack_archive
from actors.work_pool import WorkPool
from cluster.engines.reading_process import Bounds
from cluster.engines.sniff import ZIP
from cluster.engines.unpacking_process import Unpacked, unpack
from cluster.stores.documents import DocumentRow
from cluster.stores.postgres import Pool, fetch_rows
from cluster.stores.tenant_documents import Intake, TenantDocuments
from domain.document import ReadAgain
from domain.errors import ReaderEnded, Unreadable
from tests.actors.test_process_documents import House
from tests.archives import encrypted, linked, lying, zipped
from tests.documents import TENANT, cause, command_document

TEXT = b"The contractor shall deliver gloves."
PDF = b"%PDF-1.4\nnothing much\n%%EOF\n"
BOUNDS = Bounds(512 * 1024**2, 30, 30)


class Archives(House):
    def __init__(self, app: Pool, relay: Pool) -> None:
        super().__init__(app, relay)
        self.taken_in = TenantDocuments(app, self.files, self.events)
        self.desk = open_desk(app, relay, self.files, self.feed, self.events)

    async def put(self, content: bytes, folder: Path, notice_id: str | None = None) -> UUID:
        path = folder / "upload.zip"
        await asyncio.to_thread(path.write_bytes, content)
        intake = Intake("upload.zip", "someone", notice_id=notice_id)
        row, _ = await self.taken_in.receive(TENANT, path, intake, cause())
        return row.document_id

    @asynccontextmanager
    async def at_work(self, bench: Bench | None = None) -> AsyncIterator[None]:
        bench = bench or open_bench(self.desk, self.taken_in, BOUNDS)
        pool = WorkPool(POST, self.desk.work, {UNPACK: partial(unpack_archive, bench)}, at_once=1)
        running = asyncio.create_task(pool.run())
        yield
        await pool.stop()
        await running

    async def unpacked(self, document_id: UUID) -> DocumentRow:
        await self.hear(document_id)
        async with self.at_work():
            return await self.until_over(document_id)

    async def members(self, document_id: UUID) -> dict[str, DocumentRow]:
        rows, _ = await self.documents.page(TENANT, limit=50)
        return {row.name: row for row in rows if row.parent_id == document_id}


@pytest.fixture
def archives(app_pool: Pool, relay_pool: Pool) -> Archives:
    return Archives(app_pool, relay_pool)


async def test_each_file_in_it_becomes_a_document_of_its_notice(
    archives: Archives, tmp_path: Path
) -> None:
    content = zipped({"a/": b"", "a/one.txt": TEXT, "two.pdf": PDF, "__MACOSX/._x": b"\0"})
    document_id = await archives.put(content, tmp_path, "n1")
    assert (await archives.documents.get(TENANT, document_id)).media_type == ZIP
    row = await archives.unpacked(document_id)
    assert (row.state, row.pages, row.pages_done, row.engine) == ("processed", 2, 2, "archive")
    members = await archives.members(document_id)
    assert {(one.name, one.source, one.notice_ids) for one in members.values()} == {
        ("one.txt", "archive", ("n1",)),
        ("two.pdf", "archive", ("n1",)),
    }
    assert await archives.files.get(TENANT, members["one.txt"].digest) == TEXT
    pages = await archives.pages.read(TENANT, document_id)
    assert [page.text for page in pages] == ["a/one.txt", "two.pdf"]
    assert not await fetch_rows(archives.relay, "select from work where state <> 'done'")


async def test_what_cannot_be_taken_says_why_and_the_rest_is_read(
    archives: Archives, tmp_path: Path
) -> None:
    content = zipped(
        {
            "../../etc/cron.d/evil": b"* * * * * root x",
            "bomb.txt": bytes(30 * 1024 * 1024),
            "empty.txt": b"",
            "good.txt": TEXT,
            "old.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
            "program": b"\x7fELF" + bytes(100),
        }
    )
    document_id = await archives.put(content, tmp_path)
    row = await archives.unpacked(document_id)
    assert (row.state, row.pages, row.pages_failed) == ("processed", 6, 5)
    outcomes = await archives.pages.outcomes(TENANT, document_id)
    told = [page.reason for page in outcomes if page.reason]
    expected = ("leads out", "out of next to none", "it is empty", "old Office", "none of PDF")
    assert all(words in reason for words, reason in zip(expected, told, strict=True)), told
    assert set(await archives.members(document_id)) == {"good.txt"}


WHOLE = {
    "only links": (linked("a", "/etc/passwd"), "no_page_read"),
    "locked": (encrypted({"a.txt": TEXT}), "no_page_read"),
    "lies about its size": (lying("a.txt", TEXT * 90, 10), "no_page_read"),
    "no file": (zipped({"a/": b""}), "empty"),
    "too many": (zipped({f"{n}.txt": b"x" for n in range(1_001)}), "bomb"),
    "cut off": (zipped({"a.txt": TEXT})[:-30] + b"PK\x05\x06" + bytes(18), "empty"),
}


@pytest.mark.parametrize("name", WHOLE)
async def test_an_archive_of_which_nothing_is_left_fails_with_its_reason(
    archives: Archives, tmp_path: Path, name: str
) -> None:
    content, reason = WHOLE[name]
    row = await archives.unpacked(await archives.put(content, tmp_path))
    assert (row.state, row.reason) == ("failed", reason)
    assert await archives.members(row.document_id) == {}


async def test_archives_in_archives_are_opened_to_a_depth(
    archives: Archives, tmp_path: Path
) -> None:
    innermost = zipped({"deep.txt": TEXT})
    inner = zipped({"c.zip": innermost, "b.txt": b"words"})
    outer = await archives.put(zipped({"b.zip": inner}), tmp_path)
    await archives.unpacked(outer)
    second = (await archives.members(outer))["b.zip"].document_id
    assert (await archives.unpacked(second)).state == "processed"
    members = await archives.members(second)
    assert set(members) == {"b.txt", "c.zip"}
    third = await archives.unpacked(members["c.zip"].document_id)
    assert (third.state, third.reason) == ("failed", "bomb")
    assert "take it out" in (third.detail or "")


async def test_a_crash_in_the_middle_loses_and_doubles_nothing(
    archives: Archives, tmp_path: Path
) -> None:
    document_id = await archives.put(zipped({"a.txt": b"one", "b.txt": b"two"}), tmp_path)
    await archives.hear(document_id)
    reached = asyncio.Event()

    async def half(archive: Path, folder: Path) -> list[Unpacked]:
        await unpack(archive, folder, BOUNDS)
        await archives.desk.pages.expect(TENANT, document_id, 1, 2)
        reached.set()
        await asyncio.Event().wait()
        return []

    bench = Bench(archives.desk, archives.taken_in, half)
    item = await archives.desk.work.take([UNPACK], uuid4())
    assert item
    dying = asyncio.create_task(unpack_archive(bench, item))
    await reached.wait()
    dying.cancel()
    await asyncio.wait([dying])
    await archives.relay.execute("update work set leased_until = now()")
    async with archives.at_work():
        row = await archives.until_over(document_id)
    assert (row.pages, row.pages_done) == (2, 2)
    assert set(await archives.members(document_id)) == {"a.txt", "b.txt"}
    assert len(await archives.told(document_id)) == 2


async def test_it_can_be_taken_apart_again(archives: Archives, tmp_path: Path) -> None:
    document_id = await archives.put(zipped({"a.txt": TEXT}), tmp_path)
    await archives.unpacked(document_id)
    await command_document(archives.app, document_id, ReadAgain())
    row = await archives.unpacked(document_id)
    assert (row.state, row.run, row.pages_done) == ("processed", 2, 1)


async def test_what_takes_too_long_or_is_no_archive_is_told(tmp_path: Path) -> None:
    archive, out = tmp_path / "a.zip", tmp_path / "out"
    out.mkdir()
    archive.write_bytes(zipped({"a.txt": TEXT}))
    with pytest.raises(ReaderEnded, match="longer than"):
        await unpack(archive, out, Bounds(open_s=0.01))
    archive.write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(Unreadable, match="broken archive"):
        await unpack(archive, out, BOUNDS)
