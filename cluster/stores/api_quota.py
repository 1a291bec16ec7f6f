"""How often an API may still be asked today, counted across processes and restarts."""

from datetime import UTC, date, datetime, time, timedelta

from cluster.stores.postgres import Pool, transaction
from domain.clock import Clock, utc_now
from domain.errors import QuotaExceeded

# The day comes from the caller's clock, and a block that is over is forgotten.
_SPEND = """
insert into api_quota as q (api, day, used) values ($1, $2, $3)
on conflict (api) do update
set day = excluded.day, blocked_until = null,
    used = excluded.used + case when q.day = excluded.day then q.used else 0 end
where (q.blocked_until is null or q.blocked_until <= $5)
  and (q.day <> excluded.day or q.used + excluded.used <= $4)
returning used
"""

_STATE = "select day, used, blocked_until from api_quota where api = $1"

_BLOCK = """
insert into api_quota (api, day, used, blocked_until) values ($1, $2, 0, $3)
on conflict (api) do update set blocked_until = excluded.blocked_until
"""


class PostgresApiQuota:
    """Implements `cluster.clients.sam_gov.Quota`. A day is one of UTC. Raises `Unavailable`."""

    def __init__(self, pool: Pool, api: str, per_day: int, now: Clock = utc_now) -> None:
        self._pool = pool
        self._api = api
        self._per_day = per_day
        self._now = now

    async def spend(self, calls: int = 1) -> None:
        """Raises `QuotaExceeded` with nothing spent: at the day's end, or while blocked."""
        now = self._now()
        async with transaction(self._pool) as connection:
            used = await connection.fetchval(
                _SPEND, self._api, now.date(), calls, self._per_day, now
            )
            row = None if used else await connection.fetchrow(_STATE, self._api)
        if used is None:
            blocked = row["blocked_until"] if row else None
            retry_at = blocked if blocked and blocked > now else _tomorrow(now.date())
            raise QuotaExceeded(service=self._api, retry_at=retry_at)

    async def left(self) -> int:
        """Calls that today still allows; none while the API has blocked us."""
        now = self._now()
        async with transaction(self._pool) as connection:
            row = await connection.fetchrow(_STATE, self._api)
        if row is None:
            return self._per_day
        if row["blocked_until"] and row["blocked_until"] > now:
            return 0
        return max(self._per_day - (row["used"] if row["day"] == now.date() else 0), 0)

    async def block_until(self, moment: datetime) -> None:
        """The API's own word, which counts more than our counting."""
        async with transaction(self._pool) as connection:
            await connection.execute(_BLOCK, self._api, self._now().date(), moment)


class MemoryApiQuota:
    """The same for one process. A per-day limit, and the API's word."""

    def __init__(self, per_day: int, now: Clock = utc_now) -> None:
        self._per_day = per_day
        self._now = now
        self._day = now().date()
        self._used = 0
        self._blocked_until: datetime | None = None

    async def spend(self, calls: int = 1) -> None:
        now = self._now()
        if self._day != now.date():
            self._day, self._used = now.date(), 0
        if self._blocked_until and self._blocked_until > now:
            raise QuotaExceeded(service="sam_gov", retry_at=self._blocked_until)
        if self._used + calls > self._per_day:
            raise QuotaExceeded(service="sam_gov", retry_at=_tomorrow(now.date()))
        self._used += calls

    async def left(self) -> int:
        blocked = self._blocked_until is not None and self._blocked_until > self._now()
        return 0 if blocked else self._per_day - self._used

    async def block_until(self, moment: datetime) -> None:
        self._blocked_until = moment


def _tomorrow(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=UTC)
