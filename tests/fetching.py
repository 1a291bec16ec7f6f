"""A hub as far as attachments need one, and a SAM.gov that does as it is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from uuid import UUID, uuid4

from actors.fetch_attachments import POST
from actors.fetching_task import Counter, fetch_attachment
from actors.work_pool import WorkPool
from cluster.clients.sam_gov_files import FetchedFile
from cluster.stores.attachments import FETCH, AttachmentRow, NoticeFiles, PostgresAttachments
from cluster.stores.blob_store import memory_blob_store
from cluster.stores.postgres import Pool
from cluster.stores.work import PostgresWork
from domain.errors import HubError
from tests.documents import TENANT, cause, tenant_documents

OTHER = UUID(int=2)
PDF = b"%PDF-1.4\nnothing much\n%%EOF\n"
ONE, TWO = (f"https://sam.gov/files/{n}" for n in (1, 2))


@dataclass
class SamGovs:
    """Its files by link; errors come before any file, one a call."""

    files: dict[str, bytes] = field(default_factory=lambda: {ONE: PDF, TWO: b"Price schedule"})
    errors: list[HubError] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def fetch(self, link: str, path: Path) -> FetchedFile:
        self.asked.append(link)
        if self.errors:
            raise self.errors.pop(0)
        await asyncio.to_thread(path.write_bytes, self.files[link])
        return FetchedFile(f"{link[-1]}.pdf", len(self.files[link]))


class House:
    def __init__(self, app: Pool, relay: Pool) -> None:
        self.app, self.relay = app, relay
        self.source = SamGovs()
        self.documents = tenant_documents(app, memory_blob_store())
        self.attachments = PostgresAttachments(app)
        self.counter = Counter(self.source, self.attachments, NoticeFiles(app), self.documents)
        self.work = PostgresWork(app, relay, lease_s=0.4)

    async def ask(self, *urls: str, tenant_id: UUID = TENANT) -> int:
        return await self.attachments.ask(tenant_id, "n1", urls, "someone", cause())

    async def rows(self, tenant_id: UUID = TENANT) -> dict[str, AttachmentRow]:
        return {row.url: row for row in await self.attachments.of_notice(tenant_id, "n1")}

    @asynccontextmanager
    async def pool(self, counter: Counter | None = None) -> AsyncIterator[WorkPool]:
        does = {FETCH: partial(fetch_attachment, counter or self.counter)}
        pool = WorkPool(POST, self.work, does)
        running = asyncio.create_task(pool.run())
        yield pool
        await pool.stop()
        await running

    async def settled(self, tenant_id: UUID = TENANT) -> dict[str, AttachmentRow]:
        async with self.pool(), asyncio.timeout(20):
            while any(row.state == "waiting" for row in (await self.rows(tenant_id)).values()):
                await asyncio.sleep(0.02)
        return await self.rows(tenant_id)

    async def once(self) -> float | None:
        """One row, done by hand."""
        item = await self.work.take([FETCH], me := uuid4())
        assert item
        again = await fetch_attachment(self.counter, item)
        if again is not None:
            await self.work.release(item, me)
        return again
