"""Opportunities as they are read: one, several, the history of one, and what there is to do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from cluster.stores.opportunity_projection import Versioned, load_states
from cluster.stores.postgres import Pool, as_tenant
from domain.access import PUBLIC
from domain.errors import NotFound
from domain.events import EventTypes, read_event
from domain.notice import Notice
from domain.opportunity import (
    OPPORTUNITY,
    CloseReason,
    OpportunityAmended,
    OpportunityAwarded,
    OpportunityClosed,
    OpportunityDiscovered,
    reopens,
)

_ROWS = """
select notice_id, version, notice, is_closed, close_reason, is_medical, closes_at,
       discovered_at, updated_at
from opportunity where notice_id = any($1)
"""

_HISTORY = """
select version, event_type, event_data, recorded_at from event
where (tenant_id, aggregate_type, aggregate_id) = ($1, $2, $3)
order by version
"""

_DUE = """
select notice_id from opportunity
where not is_closed and closes_at <= $1
order by closes_at limit $2
"""

_UNDESCRIBED = """
select notice_id from opportunity
where description_digest is null and not is_closed
  and not exists (select from notice_source as asked
                  where asked.source = 'description' and asked.notice_id = opportunity.notice_id)
order by is_medical desc, posted_at desc limit $1
"""

# Read from end to end, which takes a moment: people hardly ever paste a file's link.
_HOLDING = """
select notice_id from opportunity where strpos(notice ->> 'resource_links', $1) > 0
order by posted_at desc nulls last, notice_id limit 1
"""

_COUNTS = """
select count(*) as known, count(*) filter (where not is_closed) as open,
       count(*) filter (where is_medical) as medical
from opportunity
"""


@dataclass(frozen=True, slots=True)
class OpportunityRow:
    """One opportunity as it stands. `closes_at` is when it closes by itself."""

    notice: Notice
    version: int
    is_closed: bool
    close_reason: CloseReason | None
    is_medical: bool
    closes_at: datetime | None
    discovered_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after, as in JSON."""

    field: str
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One event of an opportunity: its version, when it was recorded, and what it changed."""

    version: int
    at: datetime
    type: str
    changed: tuple[Change, ...] = ()


class PostgresOpportunities:
    """Reads the model that `project_opportunities` writes. Raises `Unavailable`."""

    def __init__(self, pool: Pool, types: EventTypes) -> None:
        self._pool = pool
        self._types = types

    async def get(self, notice_id: str) -> OpportunityRow:
        """Raises `NotFound`."""
        found = await self.many([notice_id])
        if notice_id not in found:
            raise NotFound(what="opportunity", key=notice_id)
        return found[notice_id]

    async def many(self, notice_ids: Sequence[str]) -> dict[str, OpportunityRow]:
        """Those that exist, by id."""
        async with as_tenant(self._pool, PUBLIC) as connection:
            rows = await connection.fetch(_ROWS, notice_ids)
        return {row["notice_id"]: _row(row) for row in rows}

    async def history(self, notice_id: str) -> list[HistoryEntry]:
        """Every event of the stream, first to last. Raises `NotFound` if there is none."""
        async with as_tenant(self._pool, PUBLIC) as connection:
            rows = await connection.fetch(_HISTORY, *OPPORTUNITY.stream(PUBLIC, notice_id))
        if not rows:
            raise NotFound(what="opportunity", key=notice_id)
        entries: list[HistoryEntry] = []
        before: dict[str, Any] = {}
        for row in rows:
            event = read_event(self._types, row["event_type"], row["event_data"])
            after = before | _facts(event)
            changed = _diff(before, after) if entries else ()
            entries.append(HistoryEntry(row["version"], row["recorded_at"], event.type, changed))
            before = after
        return entries

    async def states(self, notice_ids: Sequence[str]) -> dict[str, Versioned]:
        """What `decide` needs of those that exist, in one read."""
        async with as_tenant(self._pool, PUBLIC) as connection:
            return await load_states(connection, notice_ids)

    async def due(self, now: datetime, *, limit: int) -> list[str]:
        """Open ones whose time is over, the longest ago first."""
        async with as_tenant(self._pool, PUBLIC) as connection:
            return [row["notice_id"] for row in await connection.fetch(_DUE, now, limit)]

    async def undescribed(self, *, limit: int) -> list[str]:
        """Open ones whose description nobody asked for yet: the medical first, then the newest."""
        async with as_tenant(self._pool, PUBLIC) as connection:
            rows = await connection.fetch(_UNDESCRIBED, limit)
        return [row["notice_id"] for row in rows]

    async def holding(self, path: str) -> str | None:
        """The newest notice with a link that this stands in."""
        async with as_tenant(self._pool, PUBLIC) as connection:
            found: str | None = await connection.fetchval(_HOLDING, path)
        return found

    async def counts(self) -> dict[str, int]:
        """How many are `known`, `open`, `medical`."""
        async with as_tenant(self._pool, PUBLIC) as connection:
            return dict(await connection.fetchrow(_COUNTS) or {})


def _row(row: asyncpg.Record) -> OpportunityRow:
    notice = Notice.model_validate_json(row["notice"], extra="ignore")
    facts = {name: row[name] for name in OpportunityRow.__slots__ if name != "notice"}
    return OpportunityRow(notice=notice, **facts)


def _facts(event: object) -> dict[str, Any]:
    """What an event settles, as flat as a reader wants to see it."""
    match event:
        case OpportunityDiscovered() | OpportunityAmended():
            told = event.notice.model_dump(mode="json", exclude={"notice_id", "description_start"})
            opens = isinstance(event, OpportunityAmended) and reopens(event)
            return told | ({"closed": None} if opens else {})
        case OpportunityClosed():
            return {"closed": event.reason or "closed"}
        case OpportunityAwarded():
            return {"award": event.award.model_dump(mode="json")}
        case _:
            return {}


def _diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    fields = [field for field in after if before.get(field) != after[field]]
    return tuple(Change(field, before.get(field), after[field]) for field in fields)
