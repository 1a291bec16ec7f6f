"""The numbers of a dashboard, from the views of the live generation."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from cluster.stores.clickhouse_client import ClickHouse
from domain.analytics import (
    DIMENSIONS,
    DayCount,
    MatchFunnel,
    Summary,
    SummaryFilters,
    Totals,
    ValueCount,
)
from domain.matching import STRONG

CLOSING_DAYS = (7, 14, 30)

_CHOSEN = """
    ({medical:Int8} < 0 or is_medical = {medical:Int8} > 0)
    and startsWith(naics, {naics:String}) and startsWith(psc, {psc:String})
    and ({set_aside:String} = '' or set_aside = {set_aside:String})
    and ({state:String} = '' or state = {state:String})
    and ({agency:String} = '' or agency = {agency:String})
    and ({type:String} = '' or type = {type:String})
"""

_TOTALS = f"""
select count() as known, countIf(not is_closed) as open, countIf(is_medical) as medical,
       countIf(is_medical and not is_closed) as open_medical,
       countIf(posted_on = {{today:Date32}}) as new_today,
       countIf(posted_on between {{monday:Date32}} and {{today:Date32}}) as new_this_week,
       arrayMap(days -> toUInt64(arraySum(arrayMap(
           at -> at <= {{now:DateTime('UTC')}} + toIntervalDay(days), deadlines))),
           {{closing:Array(UInt16)}}) as closing,
       groupArrayIf(assumeNotNull(deadline_at), not is_closed
           and deadline_at > {{now:DateTime('UTC')}}) as deadlines
from {{live:Identifier}}.opportunities where {_CHOSEN}
"""  # noqa: S608

_OPEN_BY = f"""
select pair.1 as dimension, pair.2 as value, count() as open
from {{live:Identifier}}.opportunities
array join {"["}{", ".join(f"('{name}', {name})" for name in DIMENSIONS)}{"]"} as pair
where not is_closed and {_CHOSEN}
group by dimension, value
order by dimension, open desc, value
limit 20 by dimension
"""  # noqa: S608

_BY_DAY = f"""
select posted_on as day, count() as posted, countIf(is_medical) as medical
from {{live:Identifier}}.opportunities
where posted_on between {{first:Date32}} and {{today:Date32}} and {_CHOSEN}
group by day
"""  # noqa: S608

# The days that a source has been asked about, or that an import told of.
_ASKED = """
select toDate32OrNull(JSONExtractString(data, 'posted_from')) as first,
       toDate32OrNull(JSONExtractString(data, 'posted_to')) as last
from {live:Identifier}.events
where event_type = 'SyncRunFinished' and isNotNull(first) and isNotNull(last)
  and last >= {first:Date32}
group by first, last
"""

_MATCHES = """
select count() as matched, countIf(not opportunities.is_closed) as open,
       countIf(not opportunities.is_closed and matches.score >= {strong:UInt8}) as strong
from {live:Identifier}.matches as matches
join {live:Identifier}.opportunities as opportunities using (notice_id)
where matches.tenant_id = {tenant:UUID}
"""

_USED = """
select event_type, uniqExactMerge(subjects) as subjects
from {live:Identifier}.usage_states
where tenant_id = {tenant:UUID} and day > {since:Date}
group by event_type
"""


class Reached(Protocol):
    """How far the analytics have got."""

    @property
    def position(self) -> int: ...
    @property
    def recorded_at(self) -> datetime | None: ...


async def summarize(
    clickhouse: ClickHouse, live: str, held: Reached, filters: SummaryFilters
) -> Summary:
    """Each number by a query of its own: they may differ by what arrives meanwhile."""
    asked = _parameters(live, filters)
    totals, open_by, by_day, runs, funnel, used = await asyncio.gather(
        *(
            clickhouse.query(sql, asked)
            for sql in (_TOTALS, _OPEN_BY, _BY_DAY, _ASKED, _MATCHES, _USED)
        )
    )
    return Summary(
        as_of_position=held.position,
        as_of=held.recorded_at,
        totals=_totals(totals[0]),
        open_by=_open_by(open_by),
        by_day=_days(asked["first"], asked["today"], by_day, runs),
        funnel=MatchFunnel(**funnel[0], used={row["event_type"]: row["subjects"] for row in used}),
    )


def _parameters(live: str, filters: SummaryFilters) -> dict[str, Any]:
    today = filters.now.date()
    return {
        "live": live,
        "tenant": str(filters.tenant_id),
        "now": filters.now.astimezone(UTC).replace(tzinfo=None, microsecond=0),
        "today": today,
        "monday": today - timedelta(days=today.weekday()),
        "first": today - timedelta(days=filters.days - 1),
        "since": today - timedelta(days=90),
        "closing": list(CLOSING_DAYS),
        "strong": STRONG,
        "medical": -1 if filters.medical is None else int(filters.medical),
        **{name: getattr(filters, name) for name in DIMENSIONS},
    }


def _totals(row: Mapping[str, Any]) -> Totals:
    facts = {name: row[name] for name in Totals.__slots__ if name != "closing"}
    return Totals(**facts, closing=dict(zip(CLOSING_DAYS, row["closing"], strict=True)))


def _open_by(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[ValueCount]]:
    counts: dict[str, list[ValueCount]] = {name: [] for name in DIMENSIONS}
    for row in rows:
        counts[row["dimension"]].append(ValueCount(row["value"], row["open"]))
    return counts


def _days(
    first: date, last: date, rows: Sequence[Mapping[str, Any]], runs: Sequence[Mapping[str, Any]]
) -> list[DayCount]:
    """Every day of the series: a day without notices counts 0 only if somebody has asked."""
    found = {row["day"]: DayCount(row["day"], row["posted"], row["medical"]) for row in rows}
    series = []
    for ahead in range((last - first).days + 1):
        day = first + timedelta(days=ahead)
        asked = any(run["first"] <= day <= run["last"] for run in runs)
        series.append(found.get(day) or DayCount(day, *((0, 0) if asked else (None, None))))
    return series
