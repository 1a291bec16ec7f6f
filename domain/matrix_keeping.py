"""Keep the matrix of each document as what is drawn from it tells, and propose links within it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from domain.amendments import Compared, Comparison, compare
from domain.decider import execute
from domain.document_versions import LEAST_SHARED, VersionGuess, VersionLink, shared
from domain.errors import Invalid, NotFound
from domain.events import Cause, Recorded
from domain.extraction import DocumentRequirement
from domain.matrix import MATRIX, AmendMatrix, MatrixCommand, StartMatrix
from domain.matrix_links import Linkable, ProposedLink, linkable, propose_links
from domain.matrix_views import MatrixHead, MatrixRowView
from domain.ports import EventStore, TextEmbedding


class Requirements(Protocol):
    """The part of `PostgresRequirements` that is needed here."""

    async def rows(self, tenant_id: UUID, document_id: UUID) -> list[DocumentRequirement]: ...


class Matrices(Protocol):
    """The part of `PostgresMatrices` that is needed here."""

    async def find(self, tenant_id: UUID, document_id: UUID) -> MatrixHead: ...
    async def rows(self, tenant_id: UUID, matrix_id: UUID) -> list[MatrixRowView]: ...
    async def propose(
        self, tenant_id: UUID, matrix_id: UUID, links: Sequence[ProposedLink]
    ) -> None: ...


class Versions(Protocol):
    """As `PostgresDocumentVersions`."""

    async def link_of(self, tenant_id: UUID, document_id: UUID) -> VersionLink: ...
    async def candidates(self, tenant_id: UUID, document_id: UUID) -> list[VersionGuess]: ...
    async def remember(self, tenant_id: UUID, link: VersionLink) -> None: ...
    async def undo(self, tenant_id: UUID, document_id: UUID, by: str) -> None: ...


class KeepMatrices:
    """Starts a matrix with what was drawn from a document, and amends it when that is drawn anew;
    that of an earlier version, where the document looks like a new version of it.

    `events` must project what it appends into what `matrices` reads. Repeating changes nothing.
    """

    def __init__(
        self,
        requirements: Requirements,
        matrices: Matrices,
        events: EventStore,
        versions: Versions,
    ) -> None:
        self.versions = versions
        self._requirements = requirements
        self._matrices = matrices
        self._events = events

    async def __call__(self, batch: Sequence[Recorded]) -> None:
        newest = {event.stream: event for event in batch}
        for recorded in newest.values():
            cause = replace(recorded.cause, causation_id=recorded.event_id)
            tenant_id = recorded.stream.tenant_id
            await self.keep(tenant_id, UUID(recorded.stream.aggregate_id), cause)

    async def keep(self, tenant_id: UUID, document_id: UUID, cause: Cause) -> None:
        """Bring the matrix at this document to what was drawn from it last."""
        rows = await self._requirements.rows(tenant_id, document_id)
        try:
            head = await self._matrices.find(tenant_id, document_id)
        except NotFound:  # The first time that something was drawn from it.
            if not await self._follow(tenant_id, document_id, rows, cause):
                await self._start(tenant_id, document_id, rows, cause)
            return
        if head.document_id == document_id:
            await self.amend(tenant_id, head, document_id, cause)

    async def amend(
        self, tenant_id: UUID, head: MatrixHead, document_id: UUID, cause: Cause
    ) -> None:
        """Bring this matrix to that version of its document. Raises `NotFound`."""
        rows = await self._requirements.rows(tenant_id, document_id)
        before = await self._matrices.rows(tenant_id, head.matrix_id)
        command = await asyncio.to_thread(_amendment, head, before, document_id, rows)
        await self._do(tenant_id, replace(command, by=cause.user_id), cause)

    async def undo(self, tenant_id: UUID, document_id: UUID, cause: Cause) -> None:
        """It is no version of that document: the older one gets its matrix back, with all that
        people wrote in it, and this one a matrix of its own. Repeating changes nothing.

        Raises `NotFound`, and `Invalid` where a newer version has followed.
        """
        link = await self.versions.link_of(tenant_id, document_id)
        if link.undone_at is not None:
            return
        await self._take_back(tenant_id, link, cause)
        rows = await self._requirements.rows(tenant_id, document_id)
        await self._start(tenant_id, document_id, rows, cause)
        await self.versions.undo(tenant_id, document_id, cause.user_id or "")

    async def _take_back(self, tenant_id: UUID, link: VersionLink, cause: Cause) -> None:
        try:
            head = await self._matrices.find(tenant_id, link.document_id)
        except NotFound:
            if await self._stands_at(tenant_id, link.predecessor_id):
                return  # An earlier undoing got so far.
            reason = "a newer version has followed; undo that first"
            raise Invalid(what="undoing", reason=reason) from None
        if head.matrix_id != link.document_id:
            await self.amend(tenant_id, head, link.predecessor_id, cause)

    async def _stands_at(self, tenant_id: UUID, document_id: UUID) -> bool:
        try:
            head = await self._matrices.find(tenant_id, document_id)
        except NotFound:
            return False
        return head.document_id == document_id

    async def _follow(
        self,
        tenant_id: UUID,
        document_id: UUID,
        rows: Sequence[DocumentRequirement],
        cause: Cause,
    ) -> bool:
        """Amend the matrix of what it is a new version of, in nobody's name. False if of none."""
        link = await self._predecessor(tenant_id, document_id, rows)
        if link is None or link.undone_at is not None:
            return False
        head = await self._matrices.find(tenant_id, link.predecessor_id)
        await self.amend(tenant_id, head, document_id, replace(cause, user_id=None))
        return True

    async def _predecessor(
        self, tenant_id: UUID, document_id: UUID, rows: Sequence[DocumentRequirement]
    ) -> VersionLink | None:
        """As it was found before, or the first that shares enough."""
        try:
            return await self.versions.link_of(tenant_id, document_id)
        except NotFound:
            pass  # Nobody has looked yet.
        for guess in await self.versions.candidates(tenant_id, document_id):
            before = await self._requirements.rows(tenant_id, guess.document_id)
            found = await asyncio.to_thread(compare, compared(before), compared(rows))
            if (alike := shared(found)) >= LEAST_SHARED:
                link = VersionLink(document_id, guess.document_id, guess.why, round(alike, 4))
                await self.versions.remember(tenant_id, link)
                return link
        return None

    async def _start(
        self,
        tenant_id: UUID,
        document_id: UUID,
        rows: Sequence[DocumentRequirement],
        cause: Cause,
    ) -> None:
        keys = tuple(row.key for row in rows)
        await self._do(tenant_id, StartMatrix(document_id, document_id, keys), cause)

    async def _do(self, tenant_id: UUID, command: MatrixCommand, cause: Cause) -> None:
        stream = MATRIX.stream(tenant_id, str(command.matrix_id))
        await execute(self._events, MATRIX, stream, command, cause=cause)


class ProposeLinks:
    """Asks the model for the meaning of each row, and proposes which belong together."""

    def __init__(self, matrices: Matrices, embedding: TextEmbedding) -> None:
        self._matrices = matrices
        self._embedding = embedding

    async def __call__(self, batch: Sequence[Recorded]) -> None:
        """Raises `Unavailable`. Repeating it changes nothing."""
        for stream in dict.fromkeys(event.stream for event in batch):
            matrix_id = UUID(stream.aggregate_id)
            rows = await self._matrices.rows(stream.tenant_id, matrix_id)
            asked = linkable([_linkable(row) for row in rows if row.touched != "removed"])
            vectors = await self._embedding.embed([row.text for row in asked])
            keyed = {row.key: vector for row, vector in zip(asked, vectors, strict=True)}
            links = await asyncio.to_thread(propose_links, asked, keyed)
            await self._matrices.propose(stream.tenant_id, matrix_id, links)


def _amendment(
    head: MatrixHead,
    before: Sequence[MatrixRowView],
    document_id: UUID,
    rows: Sequence[DocumentRequirement],
) -> AmendMatrix:
    found = comparison(before, rows)
    return AmendMatrix(
        head.matrix_id,
        document_id,
        tuple(row.key for row in rows),
        {change.before.key: change.after.key for change in found.changed},
        frozenset(change.after.key for change in found.moved),
    )


def comparison(before: Sequence[MatrixRowView], after: Sequence[DocumentRequirement]) -> Comparison:
    """What the rows of a matrix, removed ones apart, and of a version have in common."""
    return compare(
        [_compared(row.row_key, row) for row in before if row.touched != "removed"],
        compared(after),
    )


def compared(rows: Sequence[DocumentRequirement]) -> list[Compared]:
    return [_compared(row.key, row) for row in rows]


def _compared(key: str, row: MatrixRowView | DocumentRequirement) -> Compared:
    one = row.requirement
    return Compared(key, one.quote, one.section, one.paragraph, one.page)


def _linkable(row: MatrixRowView) -> Linkable:
    one = row.requirement
    text = f"{one.lead_in} {one.quote}" if one.lead_in else one.quote
    return Linkable(row.row_key, one.section, text)
