"""What stands beside an opportunity: its solicitation's other notices, and whom to ask."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cluster.stores.postgres import Pool, as_tenant
from domain.access import PUBLIC

RELATED_LIMIT = 50

_RELATED = """
select notice_id, title, type, posted_at, is_closed
from opportunity
where solicitation_number = $1 and notice_id <> $2
order by posted_at desc nulls last, notice_id
limit $3
"""

_CONTACTS = """
select kind, details from notice_contact where notice_id = $1
order by array_position(array['primary', 'secondary', 'awardee', 'place'], kind)
"""


@dataclass(frozen=True, slots=True)
class RelatedNotice:
    """Another notice with the same solicitation number: an amendment, an award, or a namesake."""

    notice_id: str
    title: str
    type: str | None
    posted_at: datetime | None
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Contact:
    """A person, firm or street. Erasable, so it may be gone where the notice is not."""

    kind: str
    details: dict[str, Any]


class PostgresOpportunityReads:
    """Raises `Unavailable`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def related(
        self, solicitation_number: str | None, *, without: str
    ) -> Sequence[RelatedNotice]:
        """The newest first, at most `RELATED_LIMIT`."""
        if not solicitation_number:
            return []
        async with as_tenant(self._pool, PUBLIC) as connection:
            rows = await connection.fetch(_RELATED, solicitation_number, without, RELATED_LIMIT)
        fields = RelatedNotice.__slots__
        return [RelatedNotice(**{field: row[field] for field in fields}) for row in rows]

    async def contacts(self, notice_id: str) -> Sequence[Contact]:
        async with as_tenant(self._pool, PUBLIC) as connection:
            rows = await connection.fetch(_CONTACTS, notice_id)
        return [Contact(row["kind"], json.loads(row["details"])) for row in rows]
