"""What stands beside an opportunity: its solicitation's other notices, and whom to ask."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cluster.stores.postgres import Pool, as_tenant
from domain.access import PUBLIC
from domain.solicitation import LinkReason

RELATED_LIMIT = 50

_RELATED = """
select opportunity.notice_id, title, type, posted_at, is_closed, other.reason
from solicitation_notice as own
join solicitation_notice as other using (solicitation)
join opportunity on opportunity.notice_id = other.notice_id
where own.notice_id = $1 and other.notice_id <> $1
order by posted_at desc nulls last, other.notice_id
limit $2
"""

_CONTACTS = """
select kind, details from notice_contact where notice_id = $1
order by array_position(array['primary', 'secondary', 'awardee', 'place'], kind)
"""


@dataclass(frozen=True, slots=True)
class RelatedNotice:
    """Another notice of the same solicitation, and what it is there."""

    notice_id: str
    title: str
    type: str | None
    posted_at: datetime | None
    is_closed: bool
    reason: LinkReason


@dataclass(frozen=True, slots=True)
class Contact:
    """A person, firm or street. Erasable, so it may be gone where the notice is not."""

    kind: str
    details: dict[str, Any]


class PostgresOpportunityReads:
    """Raises `Unavailable`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def related(self, notice_id: str) -> Sequence[RelatedNotice]:
        """The newest first, at most `RELATED_LIMIT`."""
        async with as_tenant(self._pool, PUBLIC) as connection:
            rows = await connection.fetch(_RELATED, notice_id, RELATED_LIMIT)
        fields = RelatedNotice.__slots__
        return [RelatedNotice(**{field: row[field] for field in fields}) for row in rows]

    async def contacts(self, notice_id: str) -> Sequence[Contact]:
        async with as_tenant(self._pool, PUBLIC) as connection:
            rows = await connection.fetch(_CONTACTS, notice_id)
        return [Contact(row["kind"], json.loads(row["details"])) for row in rows]
