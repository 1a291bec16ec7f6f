"""A tenant's documents as routes and posts use them: taken in, listed, read, commanded."""

import asyncio
import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from uuid import UUID

from cluster.engines.sniff import media_type_of
from cluster.stores.blob_store import S3BlobStore
from cluster.stores.document_pages import DocumentPages
from cluster.stores.documents import DocumentRow, NewDocument, PostgresDocuments
from cluster.stores.page_words import PageWords
from cluster.stores.postgres import Pool
from domain.decider import execute
from domain.document import (
    DOCUMENT,
    MAX_DOCUMENT_BYTES,
    DocumentCommand,
    DocumentSource,
    UploadDocument,
    document_id_of,
)
from domain.errors import NotFound, Unreadable
from domain.events import Cause
from domain.ports import EventStore

_LONGEST_NAME = 200


@dataclass(frozen=True, slots=True)
class Intake:
    """Where a file came from, beside its bytes."""

    name: str
    uploaded_by: str
    source: DocumentSource = "upload"
    notice_id: str | None = None
    parent_id: UUID | None = None


class TenantDocuments:
    """Raises `Unavailable`. `rows`, `pages` and `words` are for those who only read."""

    def __init__(self, pool: Pool, files: S3BlobStore, events: EventStore) -> None:
        self.rows = PostgresDocuments(pool)
        self.pages = DocumentPages(pool, files)
        self.words = PageWords(pool)
        self.files = files
        self._events = events

    async def receive(
        self, tenant_id: UUID, path: Path, intake: Intake, cause: Cause
    ) -> tuple[DocumentRow, bool]:
        """The document that this file is, and whether it is new. Raises `Unreadable`.

        The file is kept before anything tells of it; so a crash leaves a file that nobody names,
        and uploading it again goes on from there.
        """
        size, digest, media_type = await asyncio.to_thread(_look, path)
        document_id = document_id_of(tenant_id, digest)
        is_new = not await self._is_known(tenant_id, document_id)
        await self.files.put_file(tenant_id, path)
        new = NewDocument(
            document_id=document_id,
            digest=digest,
            name=clean_name(intake.name),
            media_type=media_type,
            size_bytes=size,
            source=intake.source,
            parent_id=intake.parent_id,
            uploaded_by=intake.uploaded_by,
        )
        await self.rows.add(tenant_id, new, intake.notice_id)
        command = UploadDocument(
            document_id=document_id,
            digest=digest,
            media_type=media_type,
            size_bytes=size,
            source=intake.source,
            notice_id=intake.notice_id,
            parent_id=intake.parent_id,
        )
        await self.command(tenant_id, document_id, command, cause)
        return await self.rows.get(tenant_id, document_id), is_new

    async def command(
        self, tenant_id: UUID, document_id: UUID, command: DocumentCommand, cause: Cause
    ) -> None:
        """Raises what `domain.document.decide` raises."""
        stream = DOCUMENT.stream(tenant_id, str(document_id))
        await execute(self._events, DOCUMENT, stream, command, cause=cause)

    async def _is_known(self, tenant_id: UUID, document_id: UUID) -> bool:
        try:
            await self.rows.get(tenant_id, document_id)
        except NotFound:
            return False
        return True


def clean_name(name: str) -> str:
    """As it is shown: no folder, no sign that does not print, and not endless."""
    last = PurePosixPath(name.replace("\\", "/")).name
    printed = "".join(sign for sign in last if sign.isprintable()).strip(". ")
    return printed[:_LONGEST_NAME] or "document"


def _look(path: Path) -> tuple[int, str, str]:
    size = path.stat().st_size
    if size > MAX_DOCUMENT_BYTES:
        reason = f"it has {size:,} bytes, more than {MAX_DOCUMENT_BYTES:,}"
        raise Unreadable(file="the file", reason=reason, code="oversized")
    media_type = media_type_of(path)
    with path.open("rb") as file:
        return size, hashlib.file_digest(file, "sha256").hexdigest(), media_type
