"""Where each poller has got, and when it is due again."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cluster.stores.leases import fenced
from cluster.stores.postgres import Pool, fetch_row, fetch_rows
from domain.ports import Lease

_READ = "select mark, due_at from poll_mark where name = $1"

_WRITE = """
insert into poll_mark (name, mark, due_at) values ($1, $2::text::jsonb, $3)
on conflict (name) do update set mark = excluded.mark, due_at = excluded.due_at
"""

_HURRY = "update poll_mark set due_at = $2 where name = $1 and due_at > $2"


@dataclass(frozen=True, slots=True)
class PollMark:
    """`mark` is the poller's own: anything that JSON holds."""

    mark: Mapping[str, Any]
    due_at: datetime


class PostgresPollMarks:
    """Needs `mch_relay`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def read(self, name: str) -> PollMark | None:
        """None before the first poll."""
        row = await fetch_row(self._pool, _READ, name)
        return PollMark(json.loads(row["mark"]), row["due_at"]) if row else None

    async def write(self, lease: Lease, mark: PollMark) -> None:
        """Under the lease's name. Raises `LeaseLost`."""
        async with fenced(self._pool, lease) as connection:
            await connection.execute(_WRITE, lease.name, json.dumps(mark.mark), mark.due_at)

    async def hurry(self, name: str, now: datetime) -> None:
        """Make it due at once."""
        await fetch_rows(self._pool, _HURRY, name, now)
