"""Links that are over are thrown away, in every company, and none that still holds."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from actors.poller import Polled
from actors.sweep_expired import AT_ONCE, SweepExpired
from cluster.settings import PostgresSettings
from cluster.stores.expired import LETTERS_KEPT, PostgresExpired
from cluster.stores.postgres import Pool
from domain.ports import Lease
from tests.personal import Owner, behind_row_security

NOW = datetime(2026, 4, 13, 15, 0, tzinfo=UTC)
LEASE = Lease("sweep_expired", 1, 60.0)
COMPANIES = [UUID(int=number) for number in (7, 9)]
SECOND = timedelta(seconds=1)


async def _seed(owner: Owner, name: str, at: datetime, tenant_id: UUID) -> None:
    who = UUID(int=tenant_id.int + 100)
    await owner.execute(
        "insert into sign_up values ($1, 'a@b.example', 'A', 'x', 'B', $2)", name, at
    )
    await owner.execute("insert into password_reset values ($1, $2, $3)", name, who, at)
    await owner.execute(
        "insert into invitation values ($1, gen_random_uuid(), $2, 'a@b.example', 'viewer', "
        "'accepted', $3)",
        tenant_id,
        name,
        at,
    )


async def _left(owner: Owner, table: str) -> list[str]:
    rows = await owner.fetch(f"select digest from {table} order by digest")  # noqa: S608
    return [row["digest"] for row in rows]


@pytest.mark.stores
async def test_what_is_over_goes_and_what_holds_stays(
    app_pool: Pool, relay_pool: Pool, database: PostgresSettings
) -> None:
    sweep = SweepExpired(PostgresExpired(app_pool, relay_pool), lambda: NOW)
    async with behind_row_security(database) as owner:
        for tenant_id in COMPANIES:
            who = UUID(int=tenant_id.int + 100)
            await owner.execute(
                "insert into person values ($1, $2, 'A', 'x')", who, f"{who.int}@b.example"
            )
            await owner.execute(
                "insert into membership values ($1, $2, 'owner', now())", tenant_id, who
            )
            await _seed(owner, f"over {tenant_id.int}", NOW - SECOND, tenant_id)
            await _seed(owner, f"holds {tenant_id.int}", NOW + SECOND, tenant_id)
            for settled_at in (NOW - LETTERS_KEPT - SECOND, NOW, None):
                await owner.execute(
                    "insert into notification_letter (tenant_id, letter_id, user_id, cadence, "
                    "due_at, settled_at) values ($1, gen_random_uuid(), 'u', 'daily', $2, $3)",
                    tenant_id,
                    NOW - LETTERS_KEPT,
                    settled_at,
                )
        for _ in range(2):
            assert await sweep({}, LEASE) == Polled()
        for table in ("sign_up", "password_reset", "invitation"):
            assert await _left(owner, table) == ["holds 7", "holds 9"]
        assert await owner.fetchval("select count(*) from notification_letter") == 4


class Many:
    """Implements `actors.sweep_expired.Expired` for more companies than one poll takes."""

    def __init__(self, count: int) -> None:
        self.left = [UUID(int=number + 1) for number in range(count)]
        self.swept: list[UUID] = []

    async def sweep_links(self, now: datetime) -> None: ...

    async def tenants(self, after: UUID, *, limit: int) -> Sequence[UUID]:
        return [each for each in self.left if each > after][:limit]

    async def sweep_tenant(self, tenant_id: UUID, now: datetime) -> None:
        self.swept.append(tenant_id)


async def test_many_companies_are_swept_in_turn_and_then_it_rests() -> None:
    many = Many(2 * AT_ONCE + 1)
    sweep = SweepExpired(many, lambda: NOW)
    polled = Polled(again_in_s=0.0)
    turns = 0
    while polled.again_in_s == 0.0:
        polled, turns = await sweep(polled.mark, LEASE), turns + 1
    assert (turns, many.swept, polled.mark) == (3, many.left, {})
