"""Documents as they are listed: the read model beside their streams."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from cluster.stores.postgres import Connection, Pool, as_tenant
from domain.document import (
    DocumentFailed,
    DocumentProcessed,
    DocumentReadingRequested,
    DocumentUploaded,
)
from domain.errors import NotFound
from domain.events import Written

_ADD = """
insert into document (tenant_id, document_id, digest, name, media_type, size_bytes, source,
                      parent_id, uploaded_by)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict do nothing
"""

_LINK = """
insert into document_notice (tenant_id, document_id, notice_id) values ($1, $2, $3)
on conflict do nothing
"""

_COLUMNS = """
select document_id, digest, name, media_type, size_bytes, source, parent_id, uploaded_by,
    uploaded_at, run, mode, state, pages, engine, characters, reason, detail, started_at, ended_at,
    pages_done, pages_failed,
    array(select notice_id from document_notice
          where (document_notice.tenant_id, document_notice.document_id)
              = (document.tenant_id, document.document_id) order by notice_id) as notice_ids
from document, lateral (
    select count(*) filter (where page.state = 'done') as pages_done,
        count(*) filter (where page.state = 'failed') as pages_failed
    from document_page as page
    where (page.tenant_id, page.document_id, page.run)
        = (document.tenant_id, document.document_id, document.run)) as counted
where document.tenant_id = $1 and run > 0
"""

_GET = f"{_COLUMNS} and document_id = $2"

_PAGE = f"""
{_COLUMNS}
    and ($2::timestamptz is null or (uploaded_at, document_id) < ($2, $3::uuid))
    and ($4::text is null or exists (
        select from document_notice as link
        where (link.tenant_id, link.document_id) = (document.tenant_id, document.document_id)
            and link.notice_id = $4))
order by uploaded_at desc, document_id desc
limit $5
"""

_TOTAL = """
select count(*) from document
where tenant_id = $1 and run > 0 and ($2::text is null or exists (
    select from document_notice as link
    where (link.tenant_id, link.document_id) = (document.tenant_id, document.document_id)
        and link.notice_id = $2))
"""

_BEGUN = """
update document
set run = $3, mode = $4, state = 'waiting', pages = null, engine = null, characters = null,
    reason = null, detail = null, started_at = null, ended_at = null
where (tenant_id, document_id) = ($1, $2)
"""

_PROCESSED = """
update document set state = 'processed', pages = $3, engine = $4, characters = $5, ended_at = $6
where (tenant_id, document_id) = ($1, $2)
"""

_FAILED = """
update document set state = 'failed', reason = $3, ended_at = $4
where (tenant_id, document_id) = ($1, $2)
"""

_STARTED = """
update document set state = 'reading', pages = $4, started_at = coalesce(started_at, now())
where (tenant_id, document_id, run) = ($1, $2, $3) and state in ('waiting', 'reading')
"""

_IS_READING = """
select true from document
where (tenant_id, document_id, run) = ($1, $2, $3) and state in ('waiting', 'reading')
"""

_EXPLAINED = "update document set detail = $4 where (tenant_id, document_id, run) = ($1, $2, $3)"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewDocument:
    document_id: UUID
    digest: str
    name: str
    media_type: str
    size_bytes: int
    source: str = "upload"
    parent_id: UUID | None = None
    uploaded_by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """`pages` is None until somebody has looked; what is neither done nor failed waits."""

    document_id: UUID
    digest: str
    name: str
    media_type: str
    size_bytes: int
    source: str
    parent_id: UUID | None
    uploaded_by: str
    uploaded_at: datetime
    run: int
    mode: str
    state: str
    pages: int | None
    engine: str | None
    characters: int | None
    reason: str | None
    detail: str | None
    started_at: datetime | None
    ended_at: datetime | None
    pages_done: int
    pages_failed: int
    notice_ids: tuple[str, ...]


class DocumentPlace(NamedTuple):
    """Where a page of the list ends, newest first."""

    uploaded_at: datetime
    document_id: UUID


class PostgresDocuments:
    """A tenant's documents. Raises `Unavailable`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def add(self, tenant_id: UUID, new: NewDocument, notice_id: str | None = None) -> None:
        """Listed once its first event is appended. What is there already keeps its name."""
        facts = (new.document_id, new.digest, new.name, new.media_type, new.size_bytes)
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(
                _ADD, tenant_id, *facts, new.source, new.parent_id, new.uploaded_by
            )
            if notice_id is not None:
                await connection.execute(_LINK, tenant_id, new.document_id, notice_id)

    async def link(self, tenant_id: UUID, document_id: UUID, notice_ids: Sequence[str]) -> None:
        """To notices, beside those that it is linked to. Repeating it changes nothing."""
        async with as_tenant(self._pool, tenant_id) as connection:
            for notice_id in notice_ids:
                await connection.execute(_LINK, tenant_id, document_id, notice_id)

    async def get(self, tenant_id: UUID, document_id: UUID) -> DocumentRow:
        """Raises `NotFound`."""
        async with as_tenant(self._pool, tenant_id) as connection:
            row = await connection.fetchrow(_GET, tenant_id, document_id)
        if row is None:
            raise NotFound(what="document", key=str(document_id))
        return _row(row)

    async def page(
        self,
        tenant_id: UUID,
        *,
        limit: int,
        after: DocumentPlace | None = None,
        notice_id: str | None = None,
    ) -> tuple[list[DocumentRow], int]:
        """The newest first, one more than the limit where there are more; and how many in all."""
        place = after or (None, None)
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_PAGE, tenant_id, *place, notice_id, limit + 1)
            total: int = await connection.fetchval(_TOTAL, tenant_id, notice_id)
        return [_row(row) for row in rows], total

    async def start(self, tenant_id: UUID, document_id: UUID, run: int, pages: int) -> None:
        """Somebody has looked: it has so many pages. No matter to a reading that is over."""
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_STARTED, tenant_id, document_id, run, pages)

    async def is_reading(self, tenant_id: UUID, document_id: UUID, run: int) -> bool:
        """Whether this reading of it is still wanted."""
        async with as_tenant(self._pool, tenant_id) as connection:
            found = await connection.fetchval(_IS_READING, tenant_id, document_id, run)
        return found is not None

    async def explain(self, tenant_id: UUID, document_id: UUID, run: int, detail: str) -> None:
        """A sentence for people about why it failed."""
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_EXPLAINED, tenant_id, document_id, run, detail)


async def project_documents(connection: Connection, written: Sequence[Written]) -> None:
    """Implements `cluster.stores.event_store.Projection`."""
    for one in written:
        event, tenant_id = one.event, one.stream.tenant_id
        match event:
            case DocumentUploaded():
                await connection.execute(_BEGUN, tenant_id, event.document_id, 1, "auto")
            case DocumentReadingRequested():
                facts = event.document_id, event.run, event.mode
                await connection.execute(_BEGUN, tenant_id, *facts)
            case DocumentProcessed():
                told = event.pages, event.engine, event.characters, one.recorded_at
                await connection.execute(_PROCESSED, tenant_id, event.document_id, *told)
            case DocumentFailed():
                ended = event.document_id, event.reason, one.recorded_at
                await connection.execute(_FAILED, tenant_id, *ended)
            case _:
                continue  # Of newer code.


def _row(row: Any) -> DocumentRow:
    return DocumentRow(**{**dict(row), "notice_ids": tuple(row["notice_ids"])})
