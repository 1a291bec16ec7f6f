"""What people do with compliance matrices: look, edit, link, compare, amend."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from cluster.stores.documents import DocumentRow
from cluster.stores.requirements import ExtractedFacts
from domain.access import Principal
from domain.amendments import Comparison, compare
from domain.decider import execute
from domain.document_versions import VersionLink
from domain.errors import NotFound
from domain.events import Cause
from domain.extraction import DocumentRequirement
from domain.matrix import MATRIX, DecideLink, EditRows, MatrixCommand
from domain.matrix_events import Field, Verdict
from domain.matrix_keeping import KeepMatrices, compared
from domain.matrix_views import MatrixChangeView, MatrixHead, MatrixLinkView, MatrixRowView
from domain.ports import EventStore

_TEXTS: frozenset[Field] = frozenset({"note", "answer"})


class Documents(Protocol):
    """The part of `PostgresDocuments` that is needed here."""

    async def get(self, tenant_id: UUID, document_id: UUID) -> DocumentRow: ...


class Requirements(Protocol):
    """As the reads of `PostgresRequirements`."""

    async def rows(self, tenant_id: UUID, document_id: UUID) -> list[DocumentRequirement]: ...
    async def facts(self, tenant_id: UUID, document_id: UUID) -> ExtractedFacts: ...


class Matrices(Protocol):
    """As `PostgresMatrices`, but for the proposing."""

    async def find(self, tenant_id: UUID, document_id: UUID) -> MatrixHead: ...
    async def rows(self, tenant_id: UUID, matrix_id: UUID) -> list[MatrixRowView]: ...
    async def history(
        self, tenant_id: UUID, matrix_id: UUID, row_key: str | None = None, *, limit: int = 200
    ) -> list[MatrixChangeView]: ...
    async def links(self, tenant_id: UUID, matrix_id: UUID) -> list[MatrixLinkView]: ...
    async def keep_text(self, tenant_id: UUID, text: str) -> str: ...


@dataclass(frozen=True, slots=True)
class OpenMatrix:
    """`document` is the version that the matrix stands at."""

    document: DocumentRow
    head: MatrixHead
    rows: list[MatrixRowView]
    links: list[MatrixLinkView]


@dataclass(frozen=True, slots=True)
class Edit:
    """`seen` is the matrix's version that the editor looked at. Texts in words."""

    rows: tuple[str, ...]
    changes: Mapping[Field, str | None]
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """`touched` are rows of the older version's matrix that the newer one changes."""

    comparison: Comparison
    touched: Sequence[MatrixRowView]


class MatrixDesk:
    """Every call raises `NotFound` and `Unavailable`."""

    def __init__(
        self,
        documents: Documents,
        requirements: Requirements,
        matrices: Matrices,
        events: EventStore,
        keeping: KeepMatrices,
    ) -> None:
        self.requirements = requirements
        self._documents = documents
        self._matrices = matrices
        self._events = events
        self._keeping = keeping

    async def open(self, tenant_id: UUID, document_id: UUID) -> OpenMatrix:
        head = await self._matrices.find(tenant_id, document_id)
        return OpenMatrix(
            await self._documents.get(tenant_id, head.document_id),
            head,
            await self._matrices.rows(tenant_id, head.matrix_id),
            await self._matrices.links(tenant_id, head.matrix_id),
        )

    async def edit(self, who: Principal, document_id: UUID, edit: Edit, cause: Cause) -> None:
        """Also raises `Invalid`, and `VersionConflict` where another changed a row since."""
        head = await self._matrices.find(who.tenant_id, document_id)
        changes = {
            field: await self._digest(who.tenant_id, field, told or None)
            for field, told in edit.changes.items()
        }
        command = EditRows(head.matrix_id, edit.rows, changes, who.user_id, edit.seen)
        await self._do(who.tenant_id, command, cause)

    async def decide_link(
        self,
        who: Principal,
        document_id: UUID,
        pair: tuple[str, str],
        verdict: Verdict,
        cause: Cause,
    ) -> None:
        head = await self._matrices.find(who.tenant_id, document_id)
        command = DecideLink(head.matrix_id, *pair, verdict, who.user_id)
        await self._do(who.tenant_id, command, cause)

    async def history(
        self, tenant_id: UUID, document_id: UUID, row_key: str | None
    ) -> list[MatrixChangeView]:
        head = await self._matrices.find(tenant_id, document_id)
        return await self._matrices.history(tenant_id, head.matrix_id, row_key)

    async def difference(self, tenant_id: UUID, newer: UUID, older: UUID) -> Difference:
        """Of two documents by requirement, and what it means for the older one's matrix."""
        before = await self.requirements.rows(tenant_id, older)
        after = await self.requirements.rows(tenant_id, newer)
        found = compare(compared(before), compared(after))
        keys = {one.key for one in found.removed}
        keys |= {change.before.key for change in (*found.changed, *found.moved)}
        try:
            head = await self._matrices.find(tenant_id, older)
        except NotFound:  # It will be made soon; there is nothing that could be touched yet.
            return Difference(found, ())
        rows = await self._matrices.rows(tenant_id, head.matrix_id)
        return Difference(found, [row for row in rows if row.row_key in keys])

    async def amend(self, tenant_id: UUID, document_id: UUID, newer: UUID, cause: Cause) -> None:
        """Bring the matrix of a document to a newer version of it."""
        head = await self._matrices.find(tenant_id, document_id)
        await self._keeping.amend(tenant_id, head, newer, cause)

    async def version_link(self, tenant_id: UUID, document_id: UUID) -> VersionLink:
        """What this document was taken for a new version of."""
        return await self._keeping.versions.link_of(tenant_id, document_id)

    async def undo_version(self, tenant_id: UUID, document_id: UUID, cause: Cause) -> None:
        """It is none: either document has a matrix of its own again. Also raises `Invalid`."""
        await self._keeping.undo(tenant_id, document_id, cause)

    async def _digest(self, tenant_id: UUID, field: Field, told: str | None) -> str | None:
        if told is None or field not in _TEXTS:
            return told
        return await self._matrices.keep_text(tenant_id, told)

    async def _do(self, tenant_id: UUID, command: MatrixCommand, cause: Cause) -> None:
        stream = MATRIX.stream(tenant_id, str(command.matrix_id))
        await execute(self._events, MATRIX, stream, command, cause=cause)
