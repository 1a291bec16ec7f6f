"""From time to time: throw away links that are over, and what else is kept for a while only."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from actors.poller import Polled, Poller, open_poller
from cluster.settings import Settings
from cluster.stores.expired import PostgresExpired
from cluster.stores.postgres import open_pool
from domain.access import PUBLIC
from domain.clock import Clock, utc_now
from domain.ports import Lease

POST = "sweep_expired"
EVERY_S = 600.0
AT_ONCE = 100


class Expired(Protocol):
    """As `PostgresExpired`."""

    async def sweep_links(self, now: datetime) -> None: ...
    async def tenants(self, after: UUID, *, limit: int) -> Sequence[UUID]: ...
    async def sweep_tenant(self, tenant_id: UUID, now: datetime) -> None: ...


class SweepExpired:
    """Implements `actors.poller.Poll`: some companies at a time, and the mark holds the last."""

    def __init__(self, expired: Expired, clock: Clock = utc_now) -> None:
        self._expired = expired
        self._clock = clock

    async def __call__(self, mark: Mapping[str, Any], lease: Lease) -> Polled:
        now = self._clock()
        await self._expired.sweep_links(now)
        tenants = await self._expired.tenants(UUID(mark.get("after", str(PUBLIC))), limit=AT_ONCE)
        for tenant_id in tenants:
            await self._expired.sweep_tenant(tenant_id, now)
        if len(tenants) < AT_ONCE:
            return Polled()
        return Polled({"after": str(tenants[-1])}, again_in_s=0.0)


@asynccontextmanager
async def open_sweep_expired() -> AsyncIterator[Poller]:
    settings = Settings()
    async with (
        open_pool(settings.postgres, "mch_app", size=1) as pool,
        open_pool(settings.postgres, "mch_relay", size=1) as relay_pool,
        open_poller(
            POST, SweepExpired(PostgresExpired(pool, relay_pool)), every_s=EVERY_S
        ) as poller,
    ):
        yield poller
