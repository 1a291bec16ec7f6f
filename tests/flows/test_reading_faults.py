"""kill -9 of the process that owns the pool, again and again, in the middle of a document."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import pytest

from actors.process_documents import ProcessDocuments
from cluster.settings import PostgresSettings, Settings
from cluster.stores.blob_store import open_blob_store
from cluster.stores.document_pages import DocumentPages
from cluster.stores.documents import PostgresDocuments
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.postgres import Pool
from cluster.stores.work import PostgresWork
from domain.document import DOCUMENT
from domain.events import Recorded
from domain.flows import EVENT_TYPES
from tests.conftest import owner_dsn
from tests.documents import TENANT, cause, upload
from tests.engines.test_reading import pdf

PAGES = 150
LEASE_S = "2"
ROOT = Path(__file__).parents[2]


@contextmanager
def pool_process(database: PostgresSettings, settings: Settings) -> Iterator[psutil.Popen]:
    environment = {
        **os.environ,
        "MCH_HOME": str(settings.home),
        "MCH_POSTGRES__DSN": str(database.dsn.get_secret_value()),
        "MCH_POSTGRES__OWNER_DSN": owner_dsn(database),
    }
    arguments = [sys.executable, "-m", "tests.flows.reading_pool_process", LEASE_S]
    process = psutil.Popen(arguments, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
    try:
        yield process
    finally:
        with suppress(psutil.NoSuchProcess):
            process.kill()
        process.wait()


class Watched:
    """A document that processes of their own read, seen from outside."""

    def __init__(self, app: Pool, relay: Pool, settings: Settings) -> None:
        self.files = open_blob_store(settings.s3)
        self.documents = PostgresDocuments(app)
        self.pages = DocumentPages(app, self.files)
        self._app = app
        self._events = PostgresEventStore(app, EVENT_TYPES)
        self._work = PostgresWork(app, relay)

    async def begin(self, content: bytes) -> None:
        self.id = await upload(self._app, self.files, content)
        self.stream = DOCUMENT.stream(TENANT, str(self.id))
        [written] = await self._events.read_stream(self.stream)
        recorded = Recorded(
            position=1,
            stream=self.stream,
            version=1,
            event_id=written.event_id,
            schema_version=1,
            cause=cause(),
            recorded_at=written.recorded_at,
            event=written.event,
        )
        await ProcessDocuments(self.documents, self._work, lambda: None)([recorded])

    async def until(self, enough: int) -> int:
        """How many pages are done, once it is so many or the end."""
        async with asyncio.timeout(180):
            while True:
                row = await self.documents.get(TENANT, self.id)
                if row.state == "processed" or enough <= row.pages_done < PAGES:
                    return row.pages_done
                await asyncio.sleep(0.02)

    async def told(self) -> list[str]:
        return [event.type for event in (await self._events.load(self.stream)).events]


async def kill(process: psutil.Popen) -> None:
    children = process.children(recursive=True)
    process.kill()
    process.wait()
    _, alive = await asyncio.to_thread(psutil.wait_procs, children, 10)
    assert not alive, "a reader outlived its pool"


@pytest.mark.timeout(400)
async def test_a_killed_pool_costs_neither_a_page_nor_a_second_end(
    database: PostgresSettings,
    app_pool: Pool,
    relay_pool: Pool,
    embedded_stores: Settings,
    tmp_path: Path,
) -> None:
    watched = Watched(app_pool, relay_pool, embedded_stores)
    sheets = [[(72.0, 100.0, f"Page number {n}")] for n in range(1, PAGES + 1)]
    await watched.begin(await asyncio.to_thread(pdf(tmp_path / "a.pdf", *sheets).read_bytes))
    done = []
    for enough in (1, 60):
        with pool_process(database, embedded_stores) as process:
            done.append(await watched.until(enough))
            await kill(process)
    assert 0 < done[0] < PAGES
    with pool_process(database, embedded_stores):
        await watched.until(PAGES)
    row = await watched.documents.get(TENANT, watched.id)
    assert (row.pages, row.pages_done, row.pages_failed) == (PAGES, PAGES, 0)
    pages = await watched.pages.read(TENANT, watched.id)
    assert [page.text for page in pages] == [f"Page number {n}" for n in range(1, PAGES + 1)]
    assert await watched.told() == ["DocumentUploaded", "DocumentProcessed"]
