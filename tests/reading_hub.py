"""A hub that really reads: documents, matrices and answers over Postgres, and the posts between."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from uuid import UUID

from actors import embed_documents, extract_requirements, notify, process_documents
from actors.extract_requirements import ExtractRequirements
from actors.keep_matrices import HEEDED as KEPT_ON
from actors.keep_matrices import LINKED_ON, build_keeping
from actors.notify import Notify
from actors.process_documents import ProcessDocuments, open_desk, open_slots
from actors.reading_pool import ReadingPool
from cluster.settings import ReadingSettings
from cluster.stores.blob_store import S3BlobStore
from cluster.stores.document_chunks import PostgresDocumentChunks
from cluster.stores.document_pages import DocumentPages
from cluster.stores.documents import project_documents
from cluster.stores.event_log import PostgresEventLog
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.matrices import PostgresMatrices
from cluster.stores.postgres import Pool
from cluster.stores.requirements import PostgresRequirements
from cluster.stores.vectors import ensure_live
from cluster.stores.vectors_memory import MemoryVectorCollections, MemoryVectorIndex
from deployments.backends import Backends
from deployments.document_answers import DocumentAnswers
from deployments.matrix_desk import MatrixDesk
from deployments.open_backends import open_matrix_desk
from domain.document_embedding import DOCUMENT_VECTORS, DOCUMENTS, EmbedDocuments
from domain.events import Event, Recorded
from domain.flows import EVENT_TYPES
from domain.matrix_keeping import ProposeLinks
from domain.ports import Lease, LiveFeed
from tests.app import Hub
from tests.documents import tenant_documents
from tests.embedding import KeywordEmbedder, KeywordEmbedding

Handle = Callable[[Sequence[Recorded]], Awaitable[None]]


@dataclass
class ReadingHub(Hub):
    """The memory's hub, but for what is about documents."""

    desk: MatrixDesk | None = None
    answering: DocumentAnswers | None = None

    def backends(self) -> Backends:
        assert self.desk
        assert self.answering
        return replace(super().backends(), matrix=self.desk, answers=self.answering)


@dataclass
class Posts:
    """The posts of the document flow, one after the other; the log in place of the topic."""

    app: Pool
    relay: Pool
    lease: Lease
    files: S3BlobStore
    vectors: MemoryVectorCollections = field(default_factory=MemoryVectorCollections)
    _position: int = 0
    _seen: set[str] = field(default_factory=set)

    def hub(self) -> ReadingHub:
        index = MemoryVectorIndex(self.vectors, DOCUMENTS)
        chunks, pages = PostgresDocumentChunks(self.app), DocumentPages(self.app, self.files)
        return ReadingHub(
            documents=tenant_documents(self.app, self.files),
            desk=open_matrix_desk(self.app, self.files),
            answering=DocumentAnswers(
                KeywordEmbedding(), index, chunks, pages, PostgresRequirements(self.app)
            ),
        )

    @asynccontextmanager
    async def at_work(self, hub: Hub, feed: LiveFeed) -> AsyncIterator[None]:
        """Ends with the block."""
        await ensure_live(self.vectors, DOCUMENTS, DOCUMENT_VECTORS)
        events = PostgresEventStore(self.app, EVENT_TYPES, {"Document": project_documents})
        desk = open_desk(self.app, self.relay, self.files, feed, events)
        slots = open_slots(ReadingSettings(processes=1), self.files)
        pool = ReadingPool(process_documents.POST, desk, slots)
        begin = ProcessDocuments(desk.documents, desk.work, pool.nudge)
        handlers = self._handlers(hub, feed, begin)
        tasks = [asyncio.create_task(pool.run()), asyncio.create_task(self._pass_on(handlers))]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks)

    async def until(self, name: str, within_s: float = 90.0) -> None:
        """An event of this type went to all who heed it."""
        async with asyncio.timeout(within_s):
            while name not in self._seen:
                await asyncio.sleep(0.02)

    def _handlers(
        self, hub: Hub, feed: LiveFeed, begin: Handle
    ) -> list[tuple[tuple[type[Event], ...], Handle]]:
        pages, index = (
            DocumentPages(self.app, self.files),
            MemoryVectorIndex(self.vectors, DOCUMENTS),
        )
        extract = ExtractRequirements(
            pages, PostgresRequirements(self.app), PostgresEventStore(self.app, EVENT_TYPES)
        )
        chunks = PostgresDocumentChunks(self.app)
        propose = ProposeLinks(PostgresMatrices(self.app), KeywordEmbedding())
        return [
            (process_documents.HEEDED, begin),
            (extract_requirements.HEEDED, extract),
            (embed_documents.HEEDED, EmbedDocuments(KeywordEmbedder(), index, pages, chunks)),
            (KEPT_ON, build_keeping(self.app, self.files)),
            (LINKED_ON, propose),
            (notify.HEEDED, Notify(hub.notifications, feed, nobody)),
        ]

    async def _pass_on(self, handlers: Sequence[tuple[tuple[type[Event], ...], Handle]]) -> None:
        log = PostgresEventLog(self.relay, EVENT_TYPES)
        while True:
            await log.number(self.lease, limit=100)
            batch = await log.read(after=self._position, limit=100)
            for heeded, handle in handlers:
                if wanted := [one for one in batch if isinstance(one.event, heeded)]:
                    await handle(wanted)
            self._seen |= {one.event.type for one in batch}
            self._position = max([self._position, *(one.position for one in batch)])
            await asyncio.sleep(0.02)


async def nobody(tenant_id: UUID) -> Sequence[str]:
    """Who is told of matches: not what is tested here."""
    return ()
