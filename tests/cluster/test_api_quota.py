"""One contract for the quota in Postgres and in memory."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from cluster.stores.api_quota import MemoryApiQuota, PostgresApiQuota
from cluster.stores.postgres import Pool
from domain.errors import QuotaExceeded

START = datetime(2026, 4, 1, 23, 59, tzinfo=UTC)


class Hours:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


Open = Callable[[Hours], PostgresApiQuota | MemoryApiQuota]


@pytest.fixture(params=["postgres", "memory"])
def open_quota(request: pytest.FixtureRequest) -> Open:
    if request.param == "memory":
        return lambda clock: MemoryApiQuota(2, clock)
    pool: Pool = request.getfixturevalue("app_pool")
    return lambda clock: PostgresApiQuota(pool, "sam_gov", 2, clock)


async def test_a_day_has_its_calls_and_the_next_day_has_them_again(open_quota: Open) -> None:
    clock = Hours()
    quota = open_quota(clock)
    assert await quota.left() == 2
    await quota.spend()
    await quota.spend()
    assert await quota.left() == 0
    with pytest.raises(QuotaExceeded) as raised:
        await quota.spend()
    assert raised.value.retry_at == datetime(2026, 4, 2, tzinfo=UTC)
    clock.now += timedelta(minutes=2)
    await quota.spend()
    assert await quota.left() == 1


async def test_the_apis_word_counts_more_than_our_counting(open_quota: Open) -> None:
    clock = Hours()
    quota = open_quota(clock)
    until = START + timedelta(hours=3)
    await quota.block_until(until)
    assert await quota.left() == 0
    with pytest.raises(QuotaExceeded) as raised:
        await quota.spend()
    assert raised.value.retry_at == until
    clock.now = until
    await quota.spend()


async def test_the_count_outlives_a_restart(app_pool: Pool) -> None:
    clock = Hours()
    await PostgresApiQuota(app_pool, "sam_gov", 2, clock).spend(2)
    assert await PostgresApiQuota(app_pool, "sam_gov", 2, clock).left() == 0
