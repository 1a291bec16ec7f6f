"""Versions of documents in memory."""

from dataclasses import dataclass, field, replace
from uuid import UUID

from domain.document_versions import VersionGuess, VersionLink
from domain.errors import NotFound
from tests.app_search import NOW


@dataclass
class MemoryVersions:
    """Implements `domain.matrix_keeping.Versions`. `guesses` by the document that may be newer."""

    guesses: dict[UUID, list[VersionGuess]] = field(default_factory=dict)
    links: dict[tuple[UUID, UUID], VersionLink] = field(default_factory=dict)

    async def link_of(self, tenant_id: UUID, document_id: UUID) -> VersionLink:
        if (tenant_id, document_id) not in self.links:
            raise NotFound(what="earlier version of document", key=str(document_id))
        return self.links[tenant_id, document_id]

    async def candidates(self, tenant_id: UUID, document_id: UUID) -> list[VersionGuess]:
        return self.guesses.get(document_id, [])

    async def remember(self, tenant_id: UUID, link: VersionLink) -> None:
        self.links[tenant_id, link.document_id] = replace(link, linked_at=NOW)

    async def undo(self, tenant_id: UUID, document_id: UUID, by: str) -> None:
        link = self.links[tenant_id, document_id]
        self.links[tenant_id, document_id] = replace(link, undone_by=by, undone_at=NOW)
