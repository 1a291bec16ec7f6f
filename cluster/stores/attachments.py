"""Attachments of notices: what a company asked for, and which public files are here already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import TypeAdapter

from cluster.stores.postgres import Pool, as_tenant, fetch_rows
from cluster.stores.work import enqueue
from domain.access import PUBLIC
from domain.attachments import AttachmentState
from domain.events import Cause

FETCH = "fetch_attachment"
"""The kind of work."""

# What failed may be asked for again; what waits or is here already stays as it is.
_ASK = """
insert into attachment as old (tenant_id, notice_id, url, asked_by)
select $1, $2, url, $4 from unnest($3::text[]) as asked (url)
on conflict (tenant_id, notice_id, url) do update
set state = 'waiting', reason = null, detail = null, tries = 0, ended_at = null,
    asked_by = excluded.asked_by, asked_at = now()
where old.state = 'failed'
returning url
"""

_LIST = """
select notice_id, url, asked.state, document_id, document.name, asked.reason, asked.detail, tries,
    asked_at, asked.ended_at
from attachment as asked
left join document using (tenant_id, document_id)
where asked.tenant_id = $1 and notice_id = $2
order by asked_at, url
"""

_FETCHED = """
update attachment
set state = 'fetched', document_id = $4, reason = null, detail = null, ended_at = now()
where (tenant_id, notice_id, url) = ($1, $2, $3)
"""
_FAILED = """
update attachment set state = 'failed', reason = $4, detail = $5, ended_at = now()
where (tenant_id, notice_id, url) = ($1, $2, $3)
"""
_POSTPONED = """
update attachment set reason = $4, detail = $5, tries = tries + $6
where (tenant_id, notice_id, url) = ($1, $2, $3) and state = 'waiting' returning tries
"""

# A notice that nobody has taken over yet has one row, of the link that was pasted.
_AWAIT = """
insert into attachment as old (tenant_id, notice_id, url, asked_by, reason, detail)
values ($1, $2, $3, $4, 'not_here_yet', $5)
on conflict (tenant_id, notice_id, url) do nothing
"""
_CAME = """
delete from attachment where tenant_id = $1 and notice_id = $2 and reason = 'not_here_yet'
"""
_CAME_EMPTY = """
update attachment
set state = 'failed', reason = 'none', detail = 'the notice has no attachments', ended_at = now()
where tenant_id = $1 and notice_id = $2 and reason = 'not_here_yet'
"""
_AWAITING = """
select tenant_id, notice_id, asked_by from attachment
where notice_id = any($1::text[]) and reason = 'not_here_yet'
order by tenant_id, notice_id
"""
_NOT_HERE = (
    "the notice is not taken over from SAM.gov yet; its files are fetched and read when it is"
)

_FOLLOWERS = """
select distinct tenant_id from attachment
where notice_id = $1 or notice_id in (
    select other.notice_id from solicitation_notice as this
    join solicitation_notice as other using (solicitation) where this.notice_id = $1)
order by tenant_id
"""

_KNOWN_FILE = """
select digest, name, size_bytes from notice_file
where url = $1 and fetched_at > now() - interval '7 days'
"""
_KEEP_FILE = """
insert into notice_file (url, tenant_id, digest, name, size_bytes) values ($1, $2, $3, $4, $5)
on conflict (url) do update set digest = excluded.digest, name = excluded.name,
    size_bytes = excluded.size_bytes, fetched_at = now()
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One file that a company wants, and who asked for it."""

    tenant_id: UUID
    notice_id: str
    url: str
    by: str
    cause: Cause

    @property
    def key(self) -> tuple[UUID, str, str]:
        return self.tenant_id, self.notice_id, self.url


ASKED = TypeAdapter(Asked)


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """`name` is the document's, once there is one."""

    notice_id: str
    url: str
    state: AttachmentState
    document_id: UUID | None
    name: str | None
    reason: str | None
    detail: str | None
    tries: int
    asked_at: datetime
    ended_at: datetime | None


class PostgresAttachments:
    """Of tenants. Raises `Unavailable`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def ask(
        self, tenant_id: UUID, notice_id: str, urls: Sequence[str], by: str, cause: Cause
    ) -> int:
        """Have them fetched, each as a row of work. Returns how many will be that were not going
        to be. Repeating it changes nothing; what failed is tried again."""
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_ASK, tenant_id, notice_id, list(dict.fromkeys(urls)), by)
            work = {
                f"{notice_id}/{uuid4()}": ASKED.dump_python(
                    Asked(tenant_id, notice_id, row["url"], by, cause), mode="json"
                )
                for row in rows
            }
            await enqueue(connection, tenant_id, FETCH, work)
        return len(rows)

    async def wait_for(self, tenant_id: UUID, notice_id: str, link: str, by: str) -> None:
        """Remember that its files are wanted as soon as it is known. Repeating it is harmless."""
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_AWAIT, tenant_id, notice_id, link, by, _NOT_HERE)

    async def came(self, tenant_id: UUID, notice_id: str, *, with_files: bool) -> None:
        """Nobody has to wait for it any more. Repeating it is harmless."""
        statement = _CAME if with_files else _CAME_EMPTY
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(statement, tenant_id, notice_id)

    async def of_notice(self, tenant_id: UUID, notice_id: str) -> list[AttachmentRow]:
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_LIST, tenant_id, notice_id)
        return [AttachmentRow(**dict(row)) for row in rows]

    async def fetched(self, asked: Asked, document_id: UUID) -> None:
        await self._tell(asked, _FETCHED, document_id)

    async def failed(self, asked: Asked, reason: str, detail: str) -> None:
        await self._tell(asked, _FAILED, reason, detail)

    async def postponed(self, asked: Asked, reason: str, detail: str, *, in_vain: bool) -> int:
        """Why it waits. Returns how many tries were in vain so far."""
        told = reason, detail, int(in_vain)
        async with as_tenant(self._pool, asked.tenant_id) as connection:
            return await connection.fetchval(_POSTPONED, *asked.key, *told) or 0

    async def _tell(self, asked: Asked, statement: str, *told: Any) -> None:
        async with as_tenant(self._pool, asked.tenant_id) as connection:
            await connection.execute(statement, *asked.key, *told)


async def followers(relay: Pool, notice_id: str) -> list[UUID]:
    """Tenants that asked for files of this notice, or of another one of its solicitation.

    Needs `mch_relay`. Raises `Unavailable`.
    """
    return [row["tenant_id"] for row in await fetch_rows(relay, _FOLLOWERS, notice_id)]


@dataclass(frozen=True, slots=True)
class Awaited:
    """A notice that somebody of the tenant wants the files of, before it was known."""

    tenant_id: UUID
    notice_id: str
    asked_by: str


async def awaiting(relay: Pool, notice_ids: Sequence[str]) -> list[Awaited]:
    """Who waits for one of these. Needs `mch_relay`. Raises `Unavailable`."""
    rows = await fetch_rows(relay, _AWAITING, list(notice_ids))
    return [Awaited(**dict(row)) for row in rows]


@dataclass(frozen=True, slots=True)
class NoticeFile:
    """A public file that lies in S3 under the public tenant."""

    digest: str
    name: str
    size_bytes: int


class NoticeFiles:
    """Files fetched lately, so that one is fetched once however many companies want it.

    Raises `Unavailable`.
    """

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def find(self, url: str) -> NoticeFile | None:
        async with as_tenant(self._pool, PUBLIC) as connection:
            row = await connection.fetchrow(_KNOWN_FILE, url)
        return NoticeFile(**dict(row)) if row else None

    async def keep(self, url: str, file: NoticeFile) -> None:
        facts = file.digest, file.name, file.size_bytes
        async with as_tenant(self._pool, PUBLIC) as connection:
            await connection.execute(_KEEP_FILE, url, PUBLIC, *facts)
