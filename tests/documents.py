"""Documents for tests: uploaded, without a file behind them unless one is given."""

from typing import cast
from uuid import UUID, uuid4

from cluster.stores.attachments import PostgresAttachments
from cluster.stores.blob_store import S3BlobStore, memory_blob_store
from cluster.stores.documents import NewDocument, PostgresDocuments, project_documents
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.postgres import Pool
from cluster.stores.tenant_documents import TenantDocuments
from cluster.stores.uploads import Uploads
from domain.decider import execute
from domain.document import DOCUMENT, DocumentCommand, UploadDocument, document_id_of
from domain.events import Cause, Recorded
from domain.flows import EVENT_TYPES
from domain.ports import EventStore

TENANT = UUID(int=1)


def cause() -> Cause:
    one = uuid4()
    return Cause(correlation_id=one, causation_id=one, user_id="local")


async def newest(events: EventStore, document_id: UUID, tenant_id: UUID = TENANT) -> Recorded:
    """The last event of the document, as its topic brings it."""
    stream = DOCUMENT.stream(tenant_id, str(document_id))
    written = (await events.read_stream(stream))[-1]
    return Recorded(
        position=1,
        stream=stream,
        version=written.version,
        event_id=written.event_id,
        schema_version=1,
        cause=cause(),
        recorded_at=written.recorded_at,
        event=written.event,
    )


async def upload(
    pool: Pool,
    files: S3BlobStore,
    content: bytes,
    name: str = "a.pdf",
    media_type: str = "application/pdf",
    tenant_id: UUID = TENANT,
) -> UUID:
    """A document whose reading has not begun."""
    digest = await files.put(tenant_id, content)
    document_id = document_id_of(tenant_id, digest)
    new = NewDocument(
        document_id=document_id,
        digest=digest,
        name=name,
        media_type=media_type,
        size_bytes=len(content),
        uploaded_by="local",
    )
    await PostgresDocuments(pool).add(tenant_id, new)
    command = UploadDocument(
        document_id=document_id, digest=digest, media_type=media_type, size_bytes=len(content)
    )
    await command_document(pool, document_id, command, tenant_id)
    return document_id


async def command_document(
    pool: Pool, document_id: UUID, command: DocumentCommand, tenant_id: UUID = TENANT
) -> None:
    store = PostgresEventStore(pool, EVENT_TYPES, {"Document": project_documents})
    stream = DOCUMENT.stream(tenant_id, str(document_id))
    await execute(store, DOCUMENT, stream, command, cause=cause())


def tenant_documents(pool: Pool, files: S3BlobStore) -> TenantDocuments:
    events = PostgresEventStore(pool, EVENT_TYPES, {"Document": project_documents})
    return TenantDocuments(pool, files, events)


class Away:
    """A pool whose Postgres nobody answers for."""

    def acquire(self) -> None:
        raise ConnectionRefusedError("nobody answers")


def documents_away() -> TenantDocuments:
    return tenant_documents(cast("Pool", Away()), memory_blob_store())


def uploads_away() -> Uploads:
    return Uploads(cast("Pool", Away()), memory_blob_store())


def attachments_away() -> PostgresAttachments:
    return PostgresAttachments(cast("Pool", Away()))
