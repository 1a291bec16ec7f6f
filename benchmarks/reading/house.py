"""As much of the hub as reads documents: its pool of processes and posts, over real stores."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from actors.process_documents import POST, ProcessDocuments, open_desk, open_slots
from actors.reading_pool import ReadingPool
from cluster.settings import PostgresSettings, ReadingSettings
from cluster.stores.blob_store import S3BlobStore
from cluster.stores.documents import DocumentRow, project_documents
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.live_feed import MemoryLiveFeed
from cluster.stores.postgres import Pool, open_pool
from domain.flows import EVENT_TYPES
from domain.pages import Page
from tests.documents import TENANT, newest, upload

PROCESSES = 2


@dataclass
class House:
    """`begin` lets the post hear of an upload, as the topic would; the pool then reads."""

    app: Pool
    relay: Pool
    files: S3BlobStore

    def __post_init__(self) -> None:
        self.events = PostgresEventStore(self.app, EVENT_TYPES, {"Document": project_documents})
        self.desk = open_desk(self.app, self.relay, self.files, MemoryLiveFeed(), self.events)
        slots = open_slots(ReadingSettings(processes=PROCESSES), self.files)
        self.pool = ReadingPool(POST, self.desk, slots)
        self._post = ProcessDocuments(self.desk.documents, self.desk.work, self.pool.nudge)

    async def upload(self, content: bytes, name: str, tenant_id: UUID = TENANT) -> UUID:
        return await upload(self.app, self.files, content, name, tenant_id=tenant_id)

    async def begin(self, document_id: UUID, tenant_id: UUID = TENANT) -> None:
        await self._post([await newest(self.events, document_id, tenant_id)])

    async def until_over(self, document_id: UUID, tenant_id: UUID = TENANT) -> DocumentRow:
        """Looks 20 times a second."""
        while True:
            row = await self.desk.documents.get(tenant_id, document_id)
            if row.state in {"processed", "failed"}:
                return row
            await asyncio.sleep(0.05)

    async def read(self, contents: Sequence[bytes]) -> list[list[Page]]:
        """Upload them, and read them all. Every page of each must be read."""
        ids = [await self.upload(content, "a.pdf") for content in contents]
        for document_id in ids:
            await self.begin(document_id)
        rows = [await self.until_over(document_id) for document_id in ids]
        assert all(row.state == "processed" and not row.pages_failed for row in rows), rows
        return [await self.desk.pages.read(TENANT, document_id) for document_id in ids]


@asynccontextmanager
async def open_house(postgres: PostgresSettings, files: S3BlobStore) -> AsyncIterator[House]:
    """The pool works until the block ends."""
    async with (
        open_pool(postgres, "mch_app", size=4) as app,
        open_pool(postgres, "mch_relay", size=4) as relay,
    ):
        house = House(app, relay, files)
        working = asyncio.create_task(house.pool.run())
        try:
            yield house
        finally:
            await house.pool.stop()
            await working
