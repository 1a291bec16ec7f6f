"""A small solicitation in two versions, and what the document flow needs to handle it."""

from collections.abc import Sequence
from uuid import UUID

from actors.extract_requirements import ExtractRequirements
from actors.keep_matrices import build_keeping
from cluster.stores.blob_store import S3BlobStore
from cluster.stores.document_pages import DocumentPages
from cluster.stores.documents import PostgresDocuments
from cluster.stores.event_log import PostgresEventLog
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.matrices import PostgresMatrices
from cluster.stores.postgres import Pool
from cluster.stores.requirements import PostgresRequirements
from domain.document import FinishReading
from domain.events import Recorded
from domain.extraction import RequirementsExtracted
from domain.flows import EVENT_TYPES
from domain.matrix_keeping import ProposeLinks
from domain.pages import Box, Line, Page, Word
from domain.ports import Lease
from tests.documents import TENANT, command_document, upload
from tests.embedding import KeywordEmbedding

FIRST = (
    "SECTION C - STATEMENT OF WORK",
    "The Contractor shall deliver ten bladder scanners within 30 days after award.",
    "The Contractor shall train all nurses of the hospital on the bladder scanners.",
    "SECTION L - INSTRUCTIONS TO OFFERORS",
    "Offerors shall submit a technical description of the bladder scanners.",
    "Quotes shall be signed and dated.",
    "SECTION M - EVALUATION FACTORS",
    "Offers will be evaluated on the technical description of the bladder scanners.",
)

SECOND = (
    "SECTION C - STATEMENT OF WORK",
    "The Contractor shall deliver ten bladder scanners within 45 days after award.",
    "The Contractor shall provide a warranty of two years on every part and on labor.",
    "SECTION L - INSTRUCTIONS TO OFFERORS",
    "Offerors shall submit a technical description of the bladder scanners.",
    "Quotes shall be signed and dated.",
    "SECTION M - EVALUATION FACTORS",
    "Offers will be evaluated on the technical description of the bladder scanners.",
)


def page_of(lines: Sequence[str], number: int = 1) -> Page:
    return Page(number, tuple(_lines(lines)), width=612, height=792)


def _lines(texts: Sequence[str]) -> list[Line]:
    lines = []
    for at, text in enumerate(texts):
        top = 100 + at * 30.0
        words = tuple(
            Word(word, Box(72 + 6 * place, top, 77 + 6 * place, top + 10))
            for place, word in enumerate(text.split())
        )
        box = Box(72, top, words[-1].box.right, top + 10)
        heading = int(text.isupper())
        lines.append(Line(text, box, words, size=10.0, bold=bool(heading), heading=heading))
    return lines


class DocumentFlow:
    """The posts behind the reading of documents, over Postgres; the log in place of the topic."""

    def __init__(self, app: Pool, relay: Pool, lease: Lease, files: S3BlobStore) -> None:
        self.pool = app
        self.pages = DocumentPages(app, files)
        self.requirements = PostgresRequirements(app)
        self.matrices = PostgresMatrices(app)
        self.extract = ExtractRequirements(
            self.pages, self.requirements, PostgresEventStore(app, EVENT_TYPES)
        )
        self.keeping = build_keeping(app, files)
        self.propose = ProposeLinks(self.matrices, KeywordEmbedding())
        self._files = files
        self._log = PostgresEventLog(relay, EVENT_TYPES)
        self._lease = lease

    async def add(
        self,
        lines: Sequence[str],
        name: str = "a.pdf",
        tenant_id: UUID = TENANT,
        notice_id: str | None = None,
    ) -> UUID:
        """A document that was read and told of, and nothing more."""
        content = "\n".join(lines).encode()
        document_id = await upload(self.pool, self._files, content, name, tenant_id=tenant_id)
        await self.pages.write(tenant_id, document_id, [page_of(lines)])
        if notice_id is not None:
            await PostgresDocuments(self.pool).link(tenant_id, document_id, [notice_id])
        done = FinishReading(run=1, pages=1, pages_failed=0, characters=99, engine="text")
        await command_document(self.pool, document_id, done, tenant_id)
        return document_id

    async def told(self, name: str) -> list[Recorded]:
        """All events of this type, with their positions."""
        await self._log.number(self._lease, limit=1_000)
        events = await self._log.read(after=0, limit=1_000)
        return [event for event in events if event.event.type == name]

    async def draw(
        self,
        lines: Sequence[str] = FIRST,
        name: str = "a.pdf",
        *,
        notice_id: str | None = None,
        tenant_id: UUID = TENANT,
    ) -> UUID:
        """A document with its requirements, its matrix and the links proposed in it."""
        document_id = await self.add(lines, name, tenant_id, notice_id=notice_id)
        await self.extract(await self.told("DocumentProcessed"))
        await self.keeping(await self.told(RequirementsExtracted.__name__))
        await self.propose(await self.told("MatrixStarted"))
        return document_id
