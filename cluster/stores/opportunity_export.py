"""Every opportunity as one flat row, streamed from Postgres."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from cluster.settings import PostgresSettings
from cluster.stores.postgres import as_tenant, open_pool
from domain.access import PUBLIC

FIELDS = (
    "notice_id",
    "title",
    "solicitation_number",
    "type",
    "posted_date",
    "response_deadline",
    "naics",
    "psc",
    "set_aside",
    "active",
    "versions",
)
_BATCH = 500

# `versions`: how many contents the notice has had; closing and awarding add none.
_ROWS = """
with content as (
    select aggregate_id, count(*) as versions
    from event
    where aggregate_type = 'Opportunity'
          and event_type in ('OpportunityDiscovered', 'OpportunityAmended')
    group by aggregate_id
)
select notice_id, title, solicitation_number, type, notice ->> 'posted_date' as posted_date,
       notice ->> 'response_deadline' as response_deadline, naics, psc, set_aside,
       is_active as active, versions
from opportunity join content on content.aggregate_id = opportunity.notice_id
order by notice_id
"""


@asynccontextmanager
async def open_export(settings: PostgresSettings) -> AsyncIterator[AsyncIterator[dict[str, Any]]]:
    """Rows with `FIELDS`, as they all were at one moment. Raises `Unavailable`."""
    async with open_pool(settings, "mch_app", size=1) as pool, as_tenant(pool, PUBLIC) as owner:
        yield (_flat(dict(row)) async for row in owner.cursor(_ROWS, prefetch=_BATCH))


def _flat(row: dict[str, Any]) -> dict[str, Any]:
    """Moments in UTC; a day stays a day."""
    for field in ("posted_date", "response_deadline"):
        told = row[field]
        if told and "T" in told:
            moment = datetime.fromisoformat(told)
            known = moment.astimezone(UTC) if moment.tzinfo else moment
            row[field] = known.isoformat().replace("+00:00", "Z")
    return row
