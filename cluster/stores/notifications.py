"""Notifications in Postgres, and their memory twin."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from cluster.stores.mail_letters import write_letters
from cluster.stores.postgres import Pool, as_tenant
from domain.clock import Clock, utc_now
from domain.notifications import (
    NewNotification,
    Notification,
    NotificationPage,
    Place,
    notification_id,
)

_ADD = """
insert into notification (tenant_id, user_id, kind, subject, notification_id, score, created_at)
select $1, user_id, kind, subject, notification_id, score, created_at
from unnest($2::text[], $3::text[], $4::text[], $5::uuid[], $6::smallint[], $7::timestamptz[])
    as new (user_id, kind, subject, notification_id, score, created_at)
on conflict do nothing returning notification_id
"""

_COLUMNS = """
select notification_id, user_id, notification.kind, subject, score,
    coalesce(title, document.name) as title, created_at, read_at
from notification
left join opportunity on notification.kind = 'match' and notice_id = subject
left join document on notification.kind in ('document', 'amendment')
    and document.tenant_id = notification.tenant_id
    and document.document_id::text = split_part(subject, '/', 1)
"""

_UNANNOUNCED = f"""
{_COLUMNS}
where notification.tenant_id = $1 and notification_id = any($2) and announced_at is null
order by created_at, notification_id
"""

_MARK_ANNOUNCED = """
update notification set announced_at = now()
where tenant_id = $1 and notification_id = any($2) and announced_at is null
"""

_PAGE = f"""
{_COLUMNS}
where notification.tenant_id = $1 and user_id = $2
    and ($3::timestamptz is null or (created_at, notification_id) < ($3, $4))
order by created_at desc, notification_id desc
limit $5
"""

_TOTAL = "select count(*) from notification where tenant_id = $1 and user_id = $2"

_UNREAD = """
select count(*) from notification where tenant_id = $1 and user_id = $2 and read_at is null
"""

_MARK_READ = """
update notification set read_at = now()
where tenant_id = $1 and user_id = $2 and read_at is null
    and ($3::uuid[] is null or notification_id = any($3))
"""


class PostgresNotifications:
    """Implements `domain.ports.Notifications`. What is added and wished for by mail falls into a
    letter in the same transaction.
    """

    def __init__(self, pool: Pool, clock: Clock = utc_now) -> None:
        self._pool = pool
        self._clock = clock

    async def add(self, tenant_id: UUID, new: Sequence[NewNotification]) -> list[Notification]:
        ids = [_id(tenant_id, one) for one in new]
        columns = (
            [one.user_id for one in new],
            [one.kind for one in new],
            [one.subject for one in new],
            ids,
            [one.score for one in new],
            [one.at for one in new],
        )
        async with as_tenant(self._pool, tenant_id) as connection:
            added = await connection.fetch(_ADD, tenant_id, *columns)
            fresh = {row["notification_id"] for row in added}
            told = {id_: one for id_, one in zip(ids, new, strict=True) if id_ in fresh}
            await write_letters(connection, tenant_id, told, self._clock())
            rows = await connection.fetch(_UNANNOUNCED, tenant_id, ids)
        return [Notification(**dict(row)) for row in rows]

    async def mark_announced(self, tenant_id: UUID, ids: Sequence[UUID]) -> None:
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_MARK_ANNOUNCED, tenant_id, ids)

    async def page(
        self, tenant_id: UUID, user_id: str, *, limit: int, after: Place | None = None
    ) -> NotificationPage:
        place = after or (None, None)
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_PAGE, tenant_id, user_id, *place, limit + 1)
            total = await connection.fetchval(_TOTAL, tenant_id, user_id)
        return _page([Notification(**dict(row)) for row in rows], limit, total)

    async def unread(self, tenant_id: UUID, user_id: str) -> int:
        async with as_tenant(self._pool, tenant_id) as connection:
            count: int = await connection.fetchval(_UNREAD, tenant_id, user_id)
        return count

    async def mark_read(
        self, tenant_id: UUID, user_id: str, ids: Sequence[UUID] | None = None
    ) -> None:
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_MARK_READ, tenant_id, user_id, ids)


class MemoryNotifications:
    """Implements `domain.ports.Notifications`. Knows no titles."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._held: dict[tuple[UUID, UUID], Notification] = {}
        self._announced: set[tuple[UUID, UUID]] = set()

    async def add(self, tenant_id: UUID, new: Sequence[NewNotification]) -> list[Notification]:
        asked = {(tenant_id, _id(tenant_id, one)): one for one in new}
        for key, one in asked.items():
            self._held.setdefault(key, _kept(key[1], one))
        told = [self._held[key] for key in asked if key not in self._announced]
        return sorted(told, key=_place)

    async def mark_announced(self, tenant_id: UUID, ids: Sequence[UUID]) -> None:
        self._announced |= {(tenant_id, each) for each in ids}

    async def page(
        self, tenant_id: UUID, user_id: str, *, limit: int, after: Place | None = None
    ) -> NotificationPage:
        own = sorted(self._of(tenant_id, user_id), key=_place, reverse=True)
        rest = [one for one in own if after is None or _place(one) < after]
        return _page(rest[: limit + 1], limit, len(own))

    async def unread(self, tenant_id: UUID, user_id: str) -> int:
        return sum(one.read_at is None for one in self._of(tenant_id, user_id))

    async def mark_read(
        self, tenant_id: UUID, user_id: str, ids: Sequence[UUID] | None = None
    ) -> None:
        for one in self._of(tenant_id, user_id):
            if one.read_at is None and (ids is None or one.notification_id in ids):
                read = replace(one, read_at=self._clock())
                self._held[tenant_id, one.notification_id] = read

    def _of(self, tenant_id: UUID, user_id: str) -> list[Notification]:
        return [
            one
            for (tenant, _), one in self._held.items()
            if tenant == tenant_id and one.user_id == user_id
        ]


def _id(tenant_id: UUID, new: NewNotification) -> UUID:
    return notification_id(tenant_id, new.user_id, new.kind, new.subject)


def _kept(id_: UUID, new: NewNotification) -> Notification:
    return Notification(
        notification_id=id_,
        user_id=new.user_id,
        kind=new.kind,
        subject=new.subject,
        score=new.score,
        title=None,
        created_at=new.at,
        read_at=None,
    )


def _place(notification: Notification) -> Place:
    return Place(notification.created_at, notification.notification_id)


def _page(found: list[Notification], limit: int, total: int) -> NotificationPage:
    """`found` has one more than the limit where there is another page."""
    items = found[:limit]
    return NotificationPage(items, _place(items[-1]) if len(found) > limit else None, total)
