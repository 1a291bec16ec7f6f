"""Solicitations: their streams, read many at once, and which notice is in which."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from cluster.stores.postgres import Connection, Pool, as_tenant
from domain.access import PUBLIC
from domain.events import Event, EventTypes, Written, read_event
from domain.solicitation import SOLICITATION, NoticeLinked, NoticeUnlinked, Solicitation

_LINKED = "select notice_id, solicitation from solicitation_notice where notice_id = any($1)"

_STREAMS = """
select aggregate_id, version, event_type, schema_version, event_data from event
where tenant_id = $1 and aggregate_type = $2 and aggregate_id = any($3)
order by aggregate_id, version
"""

_UNLINK = """
delete from solicitation_notice
using unnest($1::text[], $2::text[]) as gone (solicitation, notice_id)
where (solicitation_notice.solicitation, solicitation_notice.notice_id)
    = (gone.solicitation, gone.notice_id)
"""

_LINK = """
insert into solicitation_notice (notice_id, tenant_id, solicitation, reason, linked_at)
select notice_id, $1, solicitation, reason, linked_at
from unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[])
    as new (notice_id, solicitation, reason, linked_at)
order by notice_id
on conflict (notice_id) do update set solicitation = excluded.solicitation,
    reason = excluded.reason, linked_at = excluded.linked_at
"""


@dataclass(frozen=True, slots=True)
class VersionedSolicitation:
    """A solicitation as far as its stream has got: version 0 where there is none yet."""

    version: int = 0
    solicitation: Solicitation = field(default_factory=Solicitation)


class PostgresSolicitations:
    """Raises `Unavailable`."""

    def __init__(self, pool: Pool, types: EventTypes) -> None:
        self._pool = pool
        self._types = types

    async def linked(self, notice_ids: Sequence[str]) -> dict[str, str]:
        """The solicitation that each of these notices is in, where it is in one."""
        async with as_tenant(self._pool, PUBLIC) as connection:
            rows = await connection.fetch(_LINKED, notice_ids)
        return {row["notice_id"]: row["solicitation"] for row in rows}

    async def states(self, numbers: Sequence[str]) -> dict[str, VersionedSolicitation]:
        """Of each that is asked for, from the log, in one read."""
        async with as_tenant(self._pool, PUBLIC) as connection:
            rows = await connection.fetch(_STREAMS, PUBLIC, SOLICITATION.aggregate_type, numbers)
        versions: dict[str, int] = {}
        streams: dict[str, list[Event]] = {number: [] for number in numbers}
        for row in rows:
            told = row["event_type"], row["event_data"], row["schema_version"]
            streams[row["aggregate_id"]].append(read_event(self._types, *told))
            versions[row["aggregate_id"]] = row["version"]
        return {
            number: VersionedSolicitation(versions.get(number, 0), SOLICITATION.fold(events))
            for number, events in streams.items()
        }


async def project_solicitations(connection: Connection, written: Sequence[Written]) -> None:
    """Implements `Projection` for streams of solicitations."""
    last = {
        (one.stream, one.event.notice_id): one
        for one in written
        if isinstance(one.event, NoticeLinked | NoticeUnlinked)
    }
    if gone := [one.event for one in last.values() if isinstance(one.event, NoticeUnlinked)]:
        pairs = ((event.solicitation_number, event.notice_id) for event in gone)
        await connection.execute(_UNLINK, *map(list, zip(*pairs, strict=True)))
    for tenant_id in {one.stream.tenant_id for one in last.values()}:
        await _link(connection, tenant_id, last.values())


async def _link(connection: Connection, tenant_id: UUID, written: Iterable[Written]) -> None:
    rows = [
        (one.event.notice_id, one.event.solicitation_number, one.event.reason, one.recorded_at)
        for one in written
        if isinstance(one.event, NoticeLinked) and one.stream.tenant_id == tenant_id
    ]
    if rows:
        await connection.execute(_LINK, tenant_id, *map(list, zip(*rows, strict=True)))
