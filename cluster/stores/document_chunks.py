"""Chunks of documents as searches find them: text with its places."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import TypeAdapter

from cluster.stores.postgres import Pool, as_tenant
from domain.document_chunks import DocumentChunk
from domain.errors import NotFound
from domain.requirements.models import Place

_DELETE = "delete from document_chunk where tenant_id = $1 and document_id = $2 and chunk >= $3"
_SAVE = """
insert into document_chunk (tenant_id, document_id, chunk, heading, body, starts, ends, places)
select $1, $2, chunk - 1, heading, body, starts, ends, places::jsonb
from unnest($3::text[], $4::text[], $5::integer[], $6::integer[], $7::text[])
    with ordinality as new (heading, body, starts, ends, places, chunk)
on conflict (tenant_id, document_id, chunk) do update set heading = excluded.heading,
    body = excluded.body, starts = excluded.starts, ends = excluded.ends, places = excluded.places
"""
_GET = """
select document_id, chunk, heading, body, starts, ends, places
from document_chunk
join unnest($2::uuid[], $3::integer[]) as asked (document_id, chunk) using (document_id, chunk)
where tenant_id = $1
"""
_EXISTS = """
select exists (select from document_chunk where tenant_id = $1 and document_id = $2)
from document where tenant_id = $1 and document_id = $2
"""

_PLACES = TypeAdapter(tuple[Place, ...])


class PostgresDocumentChunks:
    """Raises `Unavailable`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def save(
        self, tenant_id: UUID, document_id: UUID, chunks: Sequence[DocumentChunk]
    ) -> None:
        """In place of what there was. Repeating it changes nothing."""
        columns = (
            [chunk.heading for chunk in chunks],
            [chunk.text for chunk in chunks],
            [chunk.start for chunk in chunks],
            [chunk.end for chunk in chunks],
            [_PLACES.dump_json(chunk.places).decode() for chunk in chunks],
        )
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_SAVE, tenant_id, document_id, *columns)
            await connection.execute(_DELETE, tenant_id, document_id, len(chunks))

    async def get(
        self, tenant_id: UUID, keys: Sequence[tuple[UUID, int]]
    ) -> dict[tuple[UUID, int], DocumentChunk]:
        """By document and number, those that there are."""
        documents, numbers = [key for key, _ in keys], [number for _, number in keys]
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_GET, tenant_id, documents, numbers)
        return {
            (row["document_id"], row["chunk"]): DocumentChunk(
                row["heading"],
                row["body"],
                row["starts"],
                row["ends"],
                _PLACES.validate_json(row["places"]),
            )
            for row in rows
        }

    async def has_any(self, tenant_id: UUID, document_id: UUID) -> bool:
        """Raises `NotFound` where there is no such document."""
        async with as_tenant(self._pool, tenant_id) as connection:
            found: bool | None = await connection.fetchval(_EXISTS, tenant_id, document_id)
        if found is None:
            raise NotFound(what="document", key=str(document_id))
        return found
