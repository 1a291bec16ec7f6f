"""What operators want of each post, and how each post said it fared."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, cast

from cluster.stores.postgres import Pool, fetch_row, fetch_rows

Wanted = Literal["run", "pause", "drain"]

_ORDERS = "select name, wanted, reason, restarts from post where name = any($1)"

_STATUSES = "select name, wanted, reason, status, status_at from post order by name"

_TELL = """
insert into post (name, status, status_at)
select name, status::jsonb, now() from unnest($1::text[], $2::text[]) as told (name, status)
on conflict (name) do update set status = excluded.status, status_at = excluded.status_at
"""

_WANT = """
insert into post (name, wanted, reason) values ($1, $2, $3)
on conflict (name) do update set wanted = excluded.wanted, reason = excluded.reason
"""

_RESTART = """
insert into post (name, restarts) values ($1, 1)
on conflict (name) do update set restarts = post.restarts + 1
"""

_LAST = """
select name, status from post
where name = any($1) and status_at > now() - make_interval(secs => $2)
"""


@dataclass(frozen=True, slots=True)
class Orders:
    """`drain`: work until nothing is left, then pause. `restarts`: how many were ever asked for."""

    wanted: Wanted = "run"
    reason: str | None = None
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class PostStatus:
    """What a post said of itself at `at`, which is None if it never did."""

    name: str
    wanted: Wanted
    reason: str | None
    told: Mapping[str, Any]
    at: datetime | None


class PostgresPosts:
    """Needs `mch_relay`, save for `statuses`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def orders(self, names: Sequence[str]) -> dict[str, Orders]:
        """Of those for which there are any."""
        rows = await fetch_rows(self._pool, _ORDERS, list(names))
        return {
            row["name"]: Orders(cast(Wanted, row["wanted"]), row["reason"], row["restarts"])
            for row in rows
        }

    async def statuses(self) -> list[PostStatus]:
        return [
            PostStatus(
                row["name"],
                cast(Wanted, row["wanted"]),
                row["reason"],
                json.loads(row["status"] or "{}"),
                row["status_at"],
            )
            for row in await fetch_rows(self._pool, _STATUSES)
        ]

    async def told_lately(self, names: Sequence[str], within_s: float) -> dict[str, dict[str, Any]]:
        """What these posts said of themselves last, if that is not long ago."""
        rows = await fetch_rows(self._pool, _LAST, list(names), within_s)
        return {row["name"]: json.loads(row["status"]) for row in rows}

    async def tell(self, statuses: Mapping[str, Mapping[str, Any]]) -> None:
        told = [json.dumps(status) for status in statuses.values()]
        await fetch_rows(self._pool, _TELL, list(statuses), told)

    async def want(self, name: str, wanted: Wanted, reason: str | None = None) -> None:
        await fetch_row(self._pool, _WANT, name, wanted, reason)

    async def restart(self, name: str) -> None:
        """Once, within seconds."""
        await fetch_row(self._pool, _RESTART, name)
