"""The contract of a group's memory, and what only the real one tells: lags."""

from typing import NamedTuple

import pytest

from cluster.stores.event_log import PostgresEventLog
from cluster.stores.memory import MemoryProgress
from cluster.stores.postgres import Pool
from cluster.stores.progress import PostgresProgress
from domain.ports import Lease, Progress

T0, T1 = ("t", 0), ("t", 1)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.stores)])
def progress(request: pytest.FixtureRequest) -> Progress:
    if request.param == "memory":
        return MemoryProgress()
    return PostgresProgress(request.getfixturevalue("relay_pool"))


async def test_what_is_finished_is_remembered_for_each_consumer(progress: Progress) -> None:
    await progress.advance("notify", {T0: 3, T1: 4})
    await progress.advance("other", {T0: 9})
    assert await progress.finished("notify") == {T0: 3, T1: 4}


async def test_progress_never_goes_back(progress: Progress) -> None:
    await progress.advance("notify", {T0: 3})
    await progress.advance("notify", {T0: 2, T1: 1})
    assert await progress.finished("notify") == {T0: 3, T1: 1}


class Lag(NamedTuple):
    heads: dict[tuple[str, int], int]
    finished: dict[tuple[str, int], int]
    lag: int


@pytest.mark.stores
@pytest.mark.parametrize(
    "case",
    [
        Lag({}, {}, 0),
        Lag({T0: 8, T1: 10}, {}, 10),
        Lag({T0: 8, T1: 10}, {T0: 8, T1: 10}, 0),
        Lag({T0: 8, T1: 10}, {T0: 3, T1: 10}, 7),
        Lag({T0: 8, T1: 10}, {T0: 3, T1: 2}, 8),
        Lag({("u", 0): 10}, {}, 0),
    ],
    ids=["no heads", "nothing finished", "all", "one partition lags", "both lag", "elsewhere"],
)
async def test_the_lag_is_told_in_positions(relay_pool: Pool, lease: Lease, case: Lag) -> None:
    log, progress = PostgresEventLog(relay_pool, {}), PostgresProgress(relay_pool)
    await progress.enroll("notify", [T0, T1])
    await log.mark_published(lease, 10, case.heads)
    await progress.advance("notify", case.finished)
    assert await progress.lags() == {"notify": case.lag}


@pytest.mark.stores
async def test_a_topic_that_is_read_no_more_lags_no_more(relay_pool: Pool, lease: Lease) -> None:
    log, progress = PostgresEventLog(relay_pool, {}), PostgresProgress(relay_pool)
    await progress.enroll("notify", [T0, ("u", 0)])
    await log.mark_published(lease, 10, {("u", 0): 10})
    assert await progress.lags() == {"notify": 10}
    await progress.enroll("notify", [T0])
    assert await progress.lags() == {"notify": 0}


@pytest.mark.stores
async def test_a_post_lags_as_the_worst_of_its_lanes(relay_pool: Pool, lease: Lease) -> None:
    log, progress = PostgresEventLog(relay_pool, {}), PostgresProgress(relay_pool)
    for lane in ("embed_opportunities", "embed_opportunities.quiet"):
        await progress.enroll(lane, [T0])
    await log.mark_published(lease, 10, {T0: 10})
    await progress.advance("embed_opportunities", {T0: 10})
    await progress.advance("embed_opportunities.quiet", {T0: 4})
    assert await progress.lags() == {"embed_opportunities": 6}
