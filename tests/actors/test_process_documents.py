"""Documents read by the real pool: real Postgres and child processes, files and feed in memory."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psutil
import pytest

from actors.process_documents import POST, ProcessDocuments, open_desk
from actors.reading_pool import ReadingPool, Slot
from actors.reading_task import Reading
from cluster.engines.reading_process import Bounds, ReadingProcess
from cluster.stores.blob_store import S3BlobStore, memory_blob_store
from cluster.stores.document_pages import DocumentPages
from cluster.stores.documents import DocumentRow, PostgresDocuments, project_documents
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.live_feed import MemoryLiveFeed
from cluster.stores.postgres import Pool, fetch_rows
from domain.document import DOCUMENT, CancelReading, DocumentEvent, ReadAgain
from domain.events import Recorded
from domain.feed import START, document_room
from domain.flows import EVENT_TYPES
from tests.documents import TENANT, cause, command_document, newest, upload
from tests.engines.test_reading import pdf
from tests.readers import Brittle, Long

Start = Callable[[Path, Reading], Any]
OTHER = UUID(int=2)


async def start_process(path: Path, reading: Reading) -> ReadingProcess:
    return await ReadingProcess.start(path, reading.mode, Bounds())


@dataclass
class House:
    """A hub as far as documents need one; `work` runs a pool in it."""

    app: Pool
    relay: Pool
    files: S3BlobStore = field(default_factory=memory_blob_store)
    feed: MemoryLiveFeed = field(default_factory=MemoryLiveFeed)
    pids: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.events = PostgresEventStore(self.app, EVENT_TYPES, {"Document": project_documents})
        self.documents = PostgresDocuments(self.app)
        self.pages = DocumentPages(self.app, self.files)

    async def upload(self, path: Path, tenant_id: UUID = TENANT) -> UUID:
        content = await asyncio.to_thread(path.read_bytes)
        return await upload(self.app, self.files, content, path.name, tenant_id=tenant_id)

    @asynccontextmanager
    async def pool(
        self, slots: int = 1, start: Start = start_process
    ) -> AsyncIterator[ReadingPool]:
        desk = open_desk(self.app, self.relay, self.files, self.feed, self.events)

        async def fetch(reading: Reading, path: Path) -> None:
            await self.files.fetch(reading.tenant_id, reading.digest, path)

        async def started(path: Path, reading: Reading) -> Any:
            reader = await start(path, reading)
            self.pids.add(getattr(reader, "pid", 0))
            return reader

        pool = ReadingPool(POST, desk, tuple(Slot(fetch, started) for _ in range(slots)))
        running = asyncio.create_task(pool.run())
        yield pool
        await pool.stop()
        await running

    async def hear(self, document_id: UUID, tenant_id: UUID = TENANT) -> None:
        """Let the post handle the newest event of the document."""
        recorded = await newest(self.events, document_id, tenant_id)
        desk = open_desk(self.app, self.relay, self.files, self.feed, self.events)
        await ProcessDocuments(self.documents, desk.work, lambda: None)([recorded])

    async def until_over(self, document_id: UUID, tenant_id: UUID = TENANT) -> DocumentRow:
        async with asyncio.timeout(100):
            while True:
                row = await self.documents.get(tenant_id, document_id)
                if row.state in {"processed", "failed"}:
                    return row
                await asyncio.sleep(0.05)

    async def told(self, document_id: UUID) -> list[DocumentEvent]:
        history = await self.events.load(DOCUMENT.stream(TENANT, str(document_id)))
        return [event for event in history.events if isinstance(event, DOCUMENT.events)]


@pytest.fixture
def house(app_pool: Pool, relay_pool: Pool) -> House:
    return House(app_pool, relay_pool)


def pages(path: Path, count: int) -> Path:
    return pdf(path, *([(72.0, 100.0, f"Page number {n}")] for n in range(1, count + 1)))


async def test_every_page_is_read_and_accounted_for(house: House, tmp_path: Path) -> None:
    document_id = await house.upload(pages(tmp_path / "a.pdf", 40))
    await house.hear(document_id)
    async with house.pool(slots=2):
        row = await house.until_over(document_id)
    assert (row.state, row.pages, row.pages_done, row.pages_failed) == ("processed", 40, 40, 0)
    read = await house.pages.read(TENANT, document_id)
    assert [page.text for page in read] == [f"Page number {n}" for n in range(1, 41)]
    assert [event.type for event in await house.told(document_id)] == [
        "DocumentUploaded",
        "DocumentProcessed",
    ]
    history = await house.feed.since(document_room(TENANT, document_id), START)
    last = history.messages[-1]
    assert (last.kind, last.body["state"], last.body["done"]) == ("progress", "processed", 40)


async def test_with_nothing_left_to_do_no_process_is_left(house: House, tmp_path: Path) -> None:
    document_id = await house.upload(pages(tmp_path / "a.pdf", 2))
    await house.hear(document_id)
    async with house.pool(slots=2):
        await house.until_over(document_id)
        async with asyncio.timeout(20):
            while any(psutil.pid_exists(pid) for pid in house.pids):
                await asyncio.sleep(0.05)
    assert house.pids


async def test_a_reader_goes_on_with_its_document(house: House, tmp_path: Path) -> None:
    """Of two of one tenant each is opened in a process once."""
    first, second = [
        await house.upload(pages(tmp_path / f"{name}.pdf", count))
        for name, count in (("a", 6), ("b", 8))
    ]
    await house.hear(first)
    await house.hear(second)
    async with house.pool():
        for document_id in (first, second):
            assert (await house.until_over(document_id)).state == "processed"
    assert len(house.pids) == 2


async def test_what_cannot_be_opened_fails_with_its_reason(house: House, tmp_path: Path) -> None:
    file = pdf(tmp_path / "a.pdf", [(72, 100, "x")], password="secret")  # noqa: S106
    document_id = await house.upload(file)
    await house.hear(document_id)
    async with house.pool():
        row = await house.until_over(document_id)
    assert (row.state, row.reason, row.detail) == (
        *("failed", "locked", "it is locked with a password"),
    )


@pytest.mark.parametrize(
    ("deaths", "code", "failed"),
    [
        ({3: 1, 7: 1}, "crashed", []),
        ({3: 9}, "crashed", [3]),
        ({3: 1}, "timed_out", [3]),
        (dict.fromkeys(range(1, 11), 9), "crashed", list(range(1, 11))),
    ],
)
async def test_a_page_at_which_the_reader_dies_does_not_take_the_others_along(
    house: House, tmp_path: Path, deaths: dict[int, int], code: str, failed: list[int]
) -> None:
    document_id = await house.upload(pages(tmp_path / "a.pdf", 1))
    await house.hear(document_id)

    async def start(path: Path, reading: Reading) -> Brittle:
        return Brittle(deaths, code)

    async with house.pool(start=start):
        row = await house.until_over(document_id)
    outcomes = await house.pages.outcomes(TENANT, document_id)
    assert [page.number for page in outcomes if page.state == "failed"] == failed
    assert all(page.reason for page in outcomes if page.state == "failed")
    assert row.pages_done + row.pages_failed == 10
    assert row.state == ("failed" if len(failed) == 10 else "processed")


async def test_readers_killed_in_the_middle_cost_no_page(house: House, tmp_path: Path) -> None:
    document_id = await house.upload(pages(tmp_path / "a.pdf", 120))
    await house.hear(document_id)
    killed: set[int] = set()

    async def kill() -> None:
        while len(killed) < 3:
            await asyncio.sleep(0.05)
            done = (await house.documents.get(TENANT, document_id)).pages_done
            if done > len(killed) * 20:
                alive = {pid for pid in house.pids - killed if psutil.pid_exists(pid)}
                for pid in list(alive)[:1]:
                    os.kill(pid, signal.SIGKILL)
                    killed.add(pid)

    async with house.pool():
        killing = asyncio.create_task(kill())
        row = await house.until_over(document_id)
        killing.cancel()
    assert killed
    assert (row.state, row.pages_done, row.pages_failed) == ("processed", 120, 0)
    numbers = [page.number for page in await house.pages.read(TENANT, document_id)]
    assert numbers == list(range(1, 121))
    assert len(await house.told(document_id)) == 2


async def test_a_tenant_with_500_pages_does_not_hold_up_anothers_two(
    house: House, tmp_path: Path
) -> None:
    async def start(path: Path, reading: Reading) -> Long:
        return Long(2 if reading.tenant_id == OTHER else 500)

    large = await house.upload(pages(tmp_path / "large.pdf", 1))
    small = await house.upload(pages(tmp_path / "small.pdf", 2), OTHER)
    await house.hear(large)
    async with house.pool(slots=1, start=start):
        async with asyncio.timeout(30):
            while (await house.documents.get(TENANT, large)).pages_done < 20:
                await asyncio.sleep(0.02)
        await house.hear(small, OTHER)
        row = await house.until_over(small, OTHER)
        others = await house.documents.get(TENANT, large)
    assert (row.state, row.pages_done) == ("processed", 2)
    assert (others.state, others.pages_done < 120) == ("reading", True)


async def test_a_cancelled_reading_ends_and_can_be_asked_for_again(
    house: House, tmp_path: Path
) -> None:
    document_id = await house.upload(pages(tmp_path / "a.pdf", 3))
    await house.hear(document_id)
    await command_document(house.app, document_id, CancelReading())
    await house.hear(document_id)
    assert not await fetch_rows(house.relay, "select from work")
    await command_document(house.app, document_id, ReadAgain("text"))
    await house.hear(document_id)
    async with house.pool():
        row = await house.until_over(document_id)
    assert (row.state, row.run, row.pages_done) == ("processed", 2, 3)


async def test_a_replayed_upload_is_not_read_again(house: House, tmp_path: Path) -> None:
    document_id = await house.upload(pages(tmp_path / "a.pdf", 1))
    await command_document(house.app, document_id, CancelReading())
    stream = DOCUMENT.stream(TENANT, str(document_id))
    first = (await house.events.read_stream(stream))[0]
    recorded = Recorded(
        position=1,
        stream=stream,
        version=1,
        event_id=uuid4(),
        schema_version=1,
        cause=cause(),
        recorded_at=first.recorded_at,
        event=first.event,
    )
    desk = open_desk(house.app, house.relay, house.files, house.feed, house.events)
    await ProcessDocuments(house.documents, desk.work, lambda: None)([recorded])
    assert not await fetch_rows(house.relay, "select from work")
