"""Uploads in pieces: how far each has come, and the pieces until they are a file."""

from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

from cluster.stores.blob_store import S3BlobStore
from cluster.stores.postgres import Pool, as_tenant
from domain.errors import Invalid, NotFound

_BEGIN = """
insert into upload (tenant_id, upload_id, name, notice_id, length_bytes) values ($1, $2, $3, $4, $5)
"""

_GET = """
select upload_id, name, notice_id, length_bytes, received, pieces, document_id from upload
where (tenant_id, upload_id) = ($1, $2)
"""

_ADVANCE = """
update upload set received = $4, pieces = pieces || $5::text, touched_at = now()
where (tenant_id, upload_id) = ($1, $2) and received = $3 returning true
"""

_BECAME = "update upload set document_id = $3 where (tenant_id, upload_id) = ($1, $2)"

_DELETE = "delete from upload where (tenant_id, upload_id) = ($1, $2)"

_STALE = """
delete from upload where tenant_id = $1 and touched_at < now() - interval '1 day'
returning upload_id
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    upload_id: UUID
    name: str
    notice_id: str | None
    length_bytes: int
    received: int = 0
    pieces: tuple[str, ...] = ()
    document_id: UUID | None = None


class Uploads:
    """A tenant's. What was not touched for a day is forgotten. Raises `Unavailable`."""

    def __init__(self, pool: Pool, files: S3BlobStore) -> None:
        self._pool = pool
        self._files = files

    async def begin(self, tenant_id: UUID, upload: Upload) -> None:
        async with as_tenant(self._pool, tenant_id) as connection:
            stale = await connection.fetch(_STALE, tenant_id)
            facts = upload.upload_id, upload.name, upload.notice_id, upload.length_bytes
            await connection.execute(_BEGIN, tenant_id, *facts)
        for row in stale:
            await self._files.drop_pieces(tenant_id, row["upload_id"])

    async def get(self, tenant_id: UUID, upload_id: UUID) -> Upload:
        """Raises `NotFound`."""
        async with as_tenant(self._pool, tenant_id) as connection:
            row = await connection.fetchrow(_GET, tenant_id, upload_id)
        if row is None:
            raise NotFound(what="upload", key=str(upload_id))
        return Upload(**{**dict(row), "pieces": tuple(row["pieces"])})

    async def append(self, tenant_id: UUID, upload_id: UUID, at: int, piece: bytes) -> int:
        """Returns where the next piece goes. The piece is kept before anything counts it.

        Raises `Invalid` where another got there first.
        """
        name = f"{at:012}-{uuid4().hex}"
        await self._files.put_piece(tenant_id, upload_id, name, piece)
        to = at + len(piece)
        async with as_tenant(self._pool, tenant_id) as connection:
            if not await connection.fetchval(_ADVANCE, tenant_id, upload_id, at, to, name):
                raise Invalid(what="the piece", reason=f"the upload is no longer at {at}")
        return to

    async def join(self, tenant_id: UUID, upload: Upload, path: Path) -> None:
        """The whole file, from its pieces."""
        await self._files.join_pieces(tenant_id, upload.upload_id, upload.pieces, path)

    async def became(self, tenant_id: UUID, upload_id: UUID, document_id: UUID) -> None:
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_BECAME, tenant_id, upload_id, document_id)
        await self._files.drop_pieces(tenant_id, upload_id)

    async def drop(self, tenant_id: UUID, upload_id: UUID) -> None:
        """Repeating it changes nothing."""
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_DELETE, tenant_id, upload_id)
        await self._files.drop_pieces(tenant_id, upload_id)
