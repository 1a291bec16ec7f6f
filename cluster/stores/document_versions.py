"""Which document is a new version of which, and what else it could have been one of."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from cluster.stores.document_pages import DocumentPages
from cluster.stores.postgres import Pool, as_tenant
from domain.document_versions import Version, VersionGuess, VersionLink, guesses, relation
from domain.errors import NotFound

_LINK = """
select document_id, predecessor_id, why, alike, linked_at, undone_by, undone_at
from document_version where (tenant_id, document_id) = ($1, $2)
"""
_REMEMBER = """
insert into document_version (tenant_id, document_id, predecessor_id, why, alike)
values ($1, $2, $3, $4, $5) on conflict do nothing
"""
_UNDO = """
update document_version set undone_by = $3, undone_at = now()
where (tenant_id, document_id) = ($1, $2) and undone_at is null
"""

# The document itself, and those at which a matrix stands.
_VERSIONS = """
select document_id, name, uploaded_at,
    array(select notice_id from document_notice as link
          where (link.tenant_id, link.document_id) = ($1, document.document_id)) as notice_ids,
    array(select solicitation from document_notice as link
              join solicitation_notice using (notice_id)
          where (link.tenant_id, link.document_id) = ($1, document.document_id)
          union select fact ->> 'value' from extraction, jsonb_array_elements(facts) as fact
          where (extraction.tenant_id, extraction.document_id) = ($1, document.document_id)
              and fact ->> 'name' = 'solicitation_number') as numbers
from document
where tenant_id = $1 and (document_id = $2 or exists (
    select from matrix where (matrix.tenant_id, matrix.document_id) = ($1, document.document_id)))
order by uploaded_at desc limit 1000
"""


class PostgresDocumentVersions:
    """Implements `domain.matrix_keeping.Versions`. Raises `Unavailable`."""

    def __init__(self, pool: Pool, pages: DocumentPages) -> None:
        self._pool = pool
        self._pages = pages

    async def link_of(self, tenant_id: UUID, document_id: UUID) -> VersionLink:
        """Raises `NotFound`."""
        async with as_tenant(self._pool, tenant_id) as connection:
            row = await connection.fetchrow(_LINK, tenant_id, document_id)
        if row is None:
            raise NotFound(what="earlier version of document", key=str(document_id))
        return VersionLink(**dict(row))

    async def candidates(self, tenant_id: UUID, document_id: UUID) -> list[VersionGuess]:
        """Documents with a matrix that it may be a new version of, the likeliest first."""
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_VERSIONS, tenant_id, document_id)
        found = [_version(row) for row in rows]
        new = next((one for one in found if one.document_id == document_id), None)
        if new is None:
            return []
        new = await self._opened(tenant_id, new)
        related = [one for one in found if relation(new, one) is not None]
        return guesses(new, await self._all_opened(tenant_id, related))

    async def remember(self, tenant_id: UUID, link: VersionLink) -> None:
        """Repeating it changes nothing."""
        facts = link.document_id, link.predecessor_id, link.why, link.alike
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_REMEMBER, tenant_id, *facts)

    async def undo(self, tenant_id: UUID, document_id: UUID, by: str) -> None:
        """Repeating it changes nothing."""
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_UNDO, tenant_id, document_id, by)

    async def _all_opened(self, tenant_id: UUID, versions: Sequence[Version]) -> list[Version]:
        return [await self._opened(tenant_id, one) for one in versions]

    async def _opened(self, tenant_id: UUID, version: Version) -> Version:
        """With the text of its first page, where that could be read."""
        try:
            page = await self._pages.read_one(tenant_id, version.document_id, 1)
        except NotFound:
            return version
        return replace(version, opening=page.text)


def _version(row: Any) -> Version:
    return Version(
        row["document_id"],
        row["name"],
        row["uploaded_at"],
        notice_ids=frozenset(row["notice_ids"]),
        numbers=frozenset(row["numbers"]),
    )
