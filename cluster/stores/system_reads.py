"""How the hub is, as its parts wrote it down: syncing, quota, dead letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from cluster.stores.postgres import Pool, transaction

_SYNCS = """
select name, synced_to, last_success_at, last_error, last_error_kind, last_error_at, next_try_at,
       quota_left, quota_resets_at, seen, rejected
from sync_state order by name
"""

_QUOTAS = "select api, day, used, blocked_until from api_quota order by api"


_LETTERS = """
select id, consumer, event_type, error, at from dead_letter
where state in ('parked', 'retry') order by id desc limit $1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncState:
    """How fetching from one source goes. A success clears the error."""

    name: str
    synced_to: date | None
    last_success_at: datetime | None
    last_error: str | None
    last_error_kind: str | None
    last_error_at: datetime | None
    next_try_at: datetime | None
    quota_left: int | None
    quota_resets_at: datetime | None
    seen: int
    rejected: int

    @property
    def is_failing(self) -> bool:
        return self.last_error is not None


@dataclass(frozen=True, slots=True)
class Quota:
    """Calls to an API on one day of its calendar."""

    api: str
    day: date
    used: int
    blocked_until: datetime | None


@dataclass(frozen=True, slots=True)
class StoppedEvent:
    """An event that a post could not handle, and why. `event_type` is None where it is garbled."""

    id: int
    consumer: str
    event_type: str | None
    error: str
    at: datetime


class PostgresSystemReads:
    """Raises `Unavailable`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def syncs(self) -> Sequence[SyncState]:
        async with transaction(self._pool) as connection:
            return [SyncState(**dict(row)) for row in await connection.fetch(_SYNCS)]

    async def quotas(self) -> Sequence[Quota]:
        async with transaction(self._pool) as connection:
            return [Quota(**dict(row)) for row in await connection.fetch(_QUOTAS)]

    async def stopped(self, *, limit: int) -> Sequence[StoppedEvent]:
        """Dead letters that nobody has settled, the newest first."""
        async with transaction(self._pool) as connection:
            return [StoppedEvent(**dict(row)) for row in await connection.fetch(_LETTERS, limit)]
