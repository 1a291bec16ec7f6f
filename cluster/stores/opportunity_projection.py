"""The opportunity read model, written in the transaction that appends the events it shows."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from functools import reduce
from typing import Any

import asyncpg

from cluster.stores.postgres import Connection
from domain.events import Written
from domain.medical import is_medical
from domain.notice import Award, Notice
from domain.opportunity import (
    OPPORTUNITY,
    Opportunity,
    OpportunityAmended,
    OpportunityDiscovered,
    evolve,
)
from domain.precision import Moment

_STATES = """
select notice_id, version, form, notice, is_closed, close_reason, award
from opportunity where notice_id = any($1)
"""

_UPSERT = """
insert into opportunity
select new.notice_id, new.tenant_id, new.version, new.form, new.notice, new.is_closed,
       new.close_reason, new.award, new.title, new.solicitation_number, new.type, new.posted_at,
       new.deadline_at, new.deadline_date, new.closes_at, new.naics, new.psc, new.set_aside,
       new.department, new.sub_tier, new.office, new.state, new.country, new.is_medical,
       new.is_active, new.description_digest, new.discovered_at, new.updated_at,
       setweight(to_tsvector('english', concat_ws(' ', new.title, new.solicitation_number)), 'A')
           || setweight(to_tsvector('english', coalesce(left(text.body, 200000), '')), 'B')
from jsonb_populate_recordset(null::opportunity, $1) as new
left join text on text.digest = new.description_digest
on conflict (notice_id) do update set
    version = excluded.version, form = excluded.form, notice = excluded.notice,
    is_closed = excluded.is_closed, close_reason = excluded.close_reason,
    award = excluded.award, title = excluded.title,
    solicitation_number = excluded.solicitation_number, type = excluded.type,
    posted_at = excluded.posted_at, deadline_at = excluded.deadline_at,
    deadline_date = excluded.deadline_date, closes_at = excluded.closes_at,
    naics = excluded.naics, psc = excluded.psc, set_aside = excluded.set_aside,
    department = excluded.department, sub_tier = excluded.sub_tier, office = excluded.office,
    state = excluded.state, country = excluded.country, is_medical = excluded.is_medical,
    is_active = excluded.is_active, description_digest = excluded.description_digest,
    updated_at = excluded.updated_at, search = excluded.search
"""

# The text of a notice that only closed or was awarded has been searched through already.
_MARK = """
update opportunity set version = new.version, is_closed = new.is_closed,
    close_reason = new.close_reason, award = new.award, updated_at = new.updated_at
from jsonb_populate_recordset(null::opportunity, $1) as new
where opportunity.notice_id = new.notice_id
"""


@dataclass(frozen=True, slots=True)
class Versioned:
    """An opportunity as far as its stream has got."""

    version: int
    opportunity: Opportunity


async def project_opportunities(connection: Connection, written: Sequence[Written]) -> None:
    """Implements `Projection` for streams of opportunities. Texts must be stored before."""
    streams: dict[str, list[Written]] = {}
    for one in written:
        streams.setdefault(one.stream.aggregate_id, []).append(one)
    old = [key for key, news in streams.items() if not _begins(news)]
    known = await load_states(connection, old) if old else {}
    told: list[dict[str, Any]] = []
    marked: list[dict[str, Any]] = []
    for key, news in streams.items():
        state = known[key].opportunity if key in known else Opportunity()
        (told if _tells_notice(news) else marked).append(opportunity_row(key, state, news))
    if told:
        await connection.execute(_UPSERT, json.dumps(told))
    if marked:
        await connection.execute(_MARK, json.dumps(marked))


async def load_states(connection: Connection, notice_ids: Sequence[str]) -> dict[str, Versioned]:
    """The opportunities that exist, of those asked for."""
    rows = await connection.fetch(_STATES, notice_ids)
    return {row["notice_id"]: Versioned(row["version"], _state(row)) for row in rows}


def _state(row: asyncpg.Record) -> Opportunity:
    return Opportunity(
        notice=Notice.model_validate_json(row["notice"], extra="ignore"),
        form=row["form"],
        is_closed=row["is_closed"],
        close_reason=row["close_reason"],
        award=row["award"] and Award.model_validate_json(row["award"], extra="ignore"),
    )


def _begins(news: Sequence[Written]) -> bool:
    return isinstance(news[0].event, OpportunityDiscovered)


def _tells_notice(news: Sequence[Written]) -> bool:
    return any(isinstance(one.event, OpportunityDiscovered | OpportunityAmended) for one in news)


def opportunity_row(notice_id: str, state: Opportunity, news: Sequence[Written]) -> dict[str, Any]:
    """All columns but `search`, after the news, as JSON has them."""
    events = (one.event for one in news)
    after = reduce(evolve, (e for e in events if isinstance(e, OPPORTUNITY.events)), state)
    recorded_at = news[-1].recorded_at.isoformat()
    return {
        "notice_id": notice_id,
        "tenant_id": str(news[0].stream.tenant_id),
        "version": news[-1].version,
        "form": after.form,
        "is_closed": after.is_closed,
        "close_reason": after.close_reason,
        "award": after.award and after.award.model_dump(mode="json"),
        "discovered_at": recorded_at,
        "updated_at": recorded_at,
        **(_columns(after.notice) if after.notice else {}),
    }


def _columns(notice: Notice) -> dict[str, Any]:
    ends = notice.closes_at()
    return {
        "notice": notice.model_dump(mode="json"),
        "title": notice.title,
        "solicitation_number": notice.solicitation_number,
        "type": notice.type,
        "posted_at": _moment(notice.posted_date),
        "deadline_at": _minute(notice.response_deadline),
        "deadline_date": _day(notice.response_deadline),
        "closes_at": ends[0].isoformat() if ends else None,
        "naics": notice.naics,
        "psc": notice.psc,
        "set_aside": notice.set_aside,
        "department": notice.department,
        "sub_tier": notice.sub_tier,
        "office": notice.office,
        "state": notice.place.state if notice.place else None,
        "country": notice.place.country if notice.place else None,
        "is_medical": is_medical(notice.naics, notice.psc),
        "is_active": notice.is_active is not False,
        "description_digest": notice.description_digest,
    }


def _moment(value: Moment | None) -> str | None:
    """A day is its first moment in UTC, so that it stays that day in a list."""
    if value is None or isinstance(value, datetime):
        return _minute(value)
    return datetime.combine(value, time(), tzinfo=UTC).isoformat()


def _minute(value: Moment | None) -> str | None:
    exact = isinstance(value, datetime) and value.tzinfo is not None
    return value.isoformat() if value is not None and exact else None


def _day(value: Moment | None) -> str | None:
    return (value.date() if isinstance(value, datetime) else value).isoformat() if value else None
