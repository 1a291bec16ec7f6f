"""How each sync fares, for the system page: its last success, its last error, its next try."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from cluster.stores.postgres import Pool, transaction

Trouble = Literal["outage", "quota", "key", "request"]
"""Three different things that are not "no data", and a request that is not understood."""

_SUCCEEDED = """
insert into sync_state (name, synced_to, started_at, last_success_at, next_try_at, quota_left, seen,
                        rejected)
values ($1, $2, $3, $4, $5, $6, $7, $8)
on conflict (name) do update set
    synced_to = greatest(sync_state.synced_to, excluded.synced_to),
    started_at = excluded.started_at, last_success_at = excluded.last_success_at,
    last_error = null, last_error_kind = null, next_try_at = excluded.next_try_at,
    quota_left = excluded.quota_left, quota_resets_at = null,
    seen = sync_state.seen + excluded.seen, rejected = sync_state.rejected + excluded.rejected
"""

_FAILED = """
insert into sync_state (name, last_error, last_error_kind, last_error_at, next_try_at,
                        quota_resets_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (name) do update set
    last_error = excluded.last_error, last_error_kind = excluded.last_error_kind,
    last_error_at = excluded.last_error_at, next_try_at = excluded.next_try_at,
    quota_resets_at = excluded.quota_resets_at,
    quota_left = case when excluded.last_error_kind = 'quota' then 0 else sync_state.quota_left end
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Success:
    """A run that ended well; `synced_to` is the last day that it has seen whole."""

    synced_to: date
    started_at: datetime
    ended_at: datetime
    next_try_at: datetime
    quota_left: int
    seen: int
    rejected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A run that did not. `error` names no secret."""

    kind: Trouble
    error: str
    at: datetime
    next_try_at: datetime
    quota_resets_at: datetime | None = None


class PostgresSyncStates:
    """One row for each name. Raises `Unavailable`."""

    def __init__(self, pool: Pool, name: str) -> None:
        self._pool = pool
        self._name = name

    async def succeeded(self, run: Success) -> None:
        async with transaction(self._pool) as connection:
            await connection.execute(
                _SUCCEEDED,
                self._name,
                run.synced_to,
                run.started_at,
                run.ended_at,
                run.next_try_at,
                run.quota_left,
                run.seen,
                run.rejected,
            )

    async def failed(self, run: Failure) -> None:
        async with transaction(self._pool) as connection:
            await connection.execute(
                _FAILED,
                self._name,
                run.error,
                run.kind,
                run.at,
                run.next_try_at,
                run.quota_resets_at,
            )
