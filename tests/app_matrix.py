"""One document with its matrix over memory, for the application's tests."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from cluster.stores.documents import DocumentRow
from cluster.stores.memory import MemoryEventStore
from cluster.stores.requirements import ExtractedFacts
from cluster.stores.vectors import ensure_live
from cluster.stores.vectors_memory import MemoryVectorCollections, MemoryVectorIndex
from deployments.auth import LOCAL
from deployments.document_answers import DocumentAnswers
from deployments.matrix_desk import MatrixDesk
from domain.document_chunks import DocumentChunk
from domain.document_embedding import DOCUMENT_VECTORS, DOCUMENTS, EmbedDocuments
from domain.errors import NotFound
from domain.events import Recorded, Stream
from domain.extraction import (
    DocumentRequirement,
    Extracted,
    RequirementsExtracted,
    extract_document,
)
from domain.flows import EVENT_TYPES
from domain.matrix import MATRIX, Matrix
from domain.matrix_events import MatrixRowsEdited
from domain.matrix_keeping import KeepMatrices, ProposeLinks
from domain.matrix_links import ProposedLink
from domain.matrix_views import MatrixChangeView, MatrixHead, MatrixLinkView, MatrixRowView
from domain.pages import Page
from tests.app_versions import MemoryVersions
from tests.documents import cause
from tests.embedding import KeywordEmbedder, KeywordEmbedding
from tests.solicitations import FIRST, SECOND, page_of

D1, D2 = UUID(int=0xD1), UUID(int=0xD2)
NAMES = {D1: "Solicitation 36C2 <draft>.pdf", D2: "Amendment 1.pdf"}
NOW = datetime(2026, 4, 13, 12, 40, tzinfo=UTC)


class MemoryDocuments:
    async def get(self, tenant_id: UUID, document_id: UUID) -> DocumentRow:
        if tenant_id != LOCAL.tenant_id or document_id not in NAMES:
            raise NotFound(what="document", key=str(document_id))
        return DocumentRow(
            document_id=document_id,
            digest="0" * 64,
            name=NAMES[document_id],
            media_type="application/pdf",
            size_bytes=1,
            source="upload",
            parent_id=None,
            uploaded_by=LOCAL.user_id,
            uploaded_at=NOW,
            run=1,
            mode="auto",
            state="processed",
            pages=1,
            engine="text",
            characters=1,
            reason=None,
            detail=None,
            started_at=NOW,
            ended_at=NOW,
            pages_done=1,
            pages_failed=0,
            notice_ids=(),
        )


class MemoryRequirements:
    def __init__(self) -> None:
        drawn = {D1: FIRST, D2: SECOND}
        self.drawn = {key: extract_document([page_of(lines)]) for key, lines in drawn.items()}

    async def rows(self, tenant_id: UUID, document_id: UUID) -> list[DocumentRequirement]:
        return list(self._extracted(tenant_id, document_id).requirements)

    async def facts(self, tenant_id: UUID, document_id: UUID) -> ExtractedFacts:
        found = self._extracted(tenant_id, document_id)
        return ExtractedFacts(found.facts, found.items, found.digest, NOW)

    def _extracted(self, tenant_id: UUID, document_id: UUID) -> Extracted:
        if tenant_id != LOCAL.tenant_id or document_id not in self.drawn:
            raise NotFound(what="requirements of document", key=str(document_id))
        return self.drawn[document_id]


class MemoryMatrices:
    """Reads the streams themselves; knows the one matrix of the first document."""

    def __init__(self, events: MemoryEventStore, requirements: MemoryRequirements) -> None:
        self._events = events
        self._requirements = requirements
        self._texts: dict[str, str] = {}
        self._proposed: list[ProposedLink] = []

    async def find(self, tenant_id: UUID, document_id: UUID) -> MatrixHead:
        state = await self._state(tenant_id)
        if document_id not in {D1, state.document_id} or state.document_id is None:
            raise NotFound(what="matrix of document", key=str(document_id))
        return MatrixHead(D1, state.document_id, state.version)

    async def rows(self, tenant_id: UUID, matrix_id: UUID) -> list[MatrixRowView]:
        known = {
            row.key: (document_id, row.requirement)
            for document_id in (D1, D2)
            for row in await self._requirements.rows(tenant_id, document_id)
        }
        state = await self._state(tenant_id)
        return [
            MatrixRowView(
                row_key=key,
                document_id=known[key][0],
                number=number,
                label=number,
                status=row.status,
                assignee=row.assignee,
                note=self._texts.get(row.note or ""),
                answer=self._texts.get(row.answer or ""),
                section=row.section,
                touched=row.touched,
                version=row.version,
                edited_by=None,
                edited_at=None,
                requirement=known[key][1],
                before=None,
            )
            for number, (key, row) in enumerate(state.rows.items(), start=1)
        ]

    async def history(
        self, tenant_id: UUID, matrix_id: UUID, row_key: str | None = None, *, limit: int = 200
    ) -> list[MatrixChangeView]:
        written = await self._events.read_stream(MATRIX.stream(tenant_id, str(matrix_id)))
        return [
            MatrixChangeView(
                one.version, key, field, one.event.by, NOW, None, self._texts.get(new or "", new)
            )
            for one in reversed(written)
            if isinstance(one.event, MatrixRowsEdited)
            for key in one.event.rows
            for field, new in one.event.changes.items()
            if row_key in {None, key}
        ]

    async def links(self, tenant_id: UUID, matrix_id: UUID) -> list[MatrixLinkView]:
        decided = (await self._state(tenant_id)).links
        return [
            *(
                MatrixLinkView(*pair, None, verdict, LOCAL.user_id, NOW)
                for pair, verdict in decided.items()
            ),
            *(
                MatrixLinkView(link.source, link.target, link.score, "proposed", None, None)
                for link in self._proposed
                if (link.source, link.target) not in decided
            ),
        ]

    async def keep_text(self, tenant_id: UUID, text: str) -> str:
        digest = hashlib.sha256(text.encode()).hexdigest()
        self._texts[digest] = text
        return digest

    async def propose(
        self, tenant_id: UUID, matrix_id: UUID, links: Sequence[ProposedLink]
    ) -> None:
        self._proposed = list(links)

    async def _state(self, tenant_id: UUID) -> Matrix:
        return MATRIX.fold((await self._events.load(MATRIX.stream(tenant_id, str(D1)))).events)


class MemoryPages:
    """The one page of each document."""

    async def read(self, tenant_id: UUID, document_id: UUID) -> list[Page]:
        return [page_of({D1: FIRST, D2: SECOND}[document_id])]

    async def read_one(self, tenant_id: UUID, document_id: UUID, number: int) -> Page:
        return (await self.read(tenant_id, document_id))[number - 1]


class MemoryChunks:
    def __init__(self) -> None:
        self._held: dict[tuple[UUID, UUID], list[DocumentChunk]] = {}

    async def save(
        self, tenant_id: UUID, document_id: UUID, chunks: Sequence[DocumentChunk]
    ) -> None:
        self._held[tenant_id, document_id] = list(chunks)

    async def get(
        self, tenant_id: UUID, keys: Sequence[tuple[UUID, int]]
    ) -> dict[tuple[UUID, int], DocumentChunk]:
        return {key: self._held[tenant_id, key[0]][key[1]] for key in keys}

    async def has_any(self, tenant_id: UUID, document_id: UUID) -> bool:
        return bool(self._held.get((tenant_id, document_id)))


class MatrixHub:
    """`desk` is what the application works with; `begin` makes the matrix of the first document."""

    def __init__(self) -> None:
        self.events = MemoryEventStore(EVENT_TYPES)
        self.versions = MemoryVersions()
        self.requirements = requirements = MemoryRequirements()
        self.matrices = MemoryMatrices(self.events, requirements)
        self.keeping = KeepMatrices(requirements, self.matrices, self.events, self.versions)
        self.propose = ProposeLinks(self.matrices, KeywordEmbedding())
        self.desk = MatrixDesk(
            MemoryDocuments(), requirements, self.matrices, self.events, self.keeping
        )
        self._collections = MemoryVectorCollections()
        index, chunks = MemoryVectorIndex(self._collections, DOCUMENTS), MemoryChunks()
        pages = MemoryPages()
        self.answers = DocumentAnswers(KeywordEmbedding(), index, chunks, pages, requirements)
        self._embed = EmbedDocuments(KeywordEmbedder(), index, pages, chunks)

    async def begin(self) -> list[MatrixRowView]:
        await self.keeping.keep(LOCAL.tenant_id, D1, cause())
        return await self.matrices.rows(LOCAL.tenant_id, D1)

    async def embed(self) -> None:
        """The first document, so that it can be searched and asked."""
        await ensure_live(self._collections, DOCUMENTS, DOCUMENT_VECTORS)
        recorded = Recorded(
            position=1,
            stream=Stream(LOCAL.tenant_id, "Document", str(D1)),
            version=1,
            event_id=D1,
            schema_version=1,
            cause=cause(),
            recorded_at=NOW,
            event=RequirementsExtracted(document_id=D1, count=0, by_type={}, digest=""),
        )
        await self._embed([recorded])

    async def started(self) -> list[Recorded]:
        """As the topic brings it."""
        [written] = await self.events.read_stream(MATRIX.stream(LOCAL.tenant_id, str(D1)))
        return [
            Recorded(
                position=1,
                stream=written.stream,
                version=written.version,
                event_id=written.event_id,
                schema_version=1,
                cause=cause(),
                recorded_at=NOW,
                event=written.event,
            )
        ]
