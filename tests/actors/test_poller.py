import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from actors.health import State
from actors.poller import Polled, Poller, Rhythm
from cluster.stores.leases import Tenure
from cluster.stores.poll_marks import PollMark, PostgresPollMarks
from cluster.stores.postgres import Pool
from domain.errors import LeaseLost, Unavailable
from domain.ports import Lease

LEASE = Lease("sync", 1, 5.0)
NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


class Wall:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


class Claimed:
    def __init__(self, lease: Lease | None) -> None:
        self.held = lease
        self.forgotten = 0

    async def lease(self) -> Lease | None:
        return self.held

    def forget(self) -> None:
        self.forgotten += 1


class Marked:
    def __init__(self) -> None:
        self.mark: PollMark | None = None
        self.loses = False
        self.is_away = False

    async def read(self, name: str) -> PollMark | None:
        if self.is_away:
            raise Unavailable(service="postgres", reason="stopped")
        return self.mark

    async def write(self, lease: Lease, mark: PollMark) -> None:
        if self.loses:
            raise LeaseLost(name=lease.name, epoch=lease.epoch)
        self.mark = mark


class Counting:
    """Polls `pages` pages at once, then is done until the next interval."""

    def __init__(self, pages: int = 1, error: Exception | None = None) -> None:
        self.seen: list[Mapping[str, Any]] = []
        self.pages = pages
        self.error = error

    async def __call__(self, mark: Mapping[str, Any], lease: Lease) -> Polled:
        self.seen.append(mark)
        if self.error:
            raise self.error
        page = mark.get("page", 0) + 1
        return Polled({"page": page}, again_in_s=0 if page % self.pages else None)


class Scene:
    def __init__(self, poll: Counting, lease: Lease | None = LEASE) -> None:
        self.poll, self.wall, self.marks, self.claim = poll, Wall(), Marked(), Claimed(lease)
        rhythm = Rhythm(every_s=900.0, look_every_s=0.001, backoff_s=0.001, clock=self.wall)
        self.poller = Poller("sync", poll, self.claim, self.marks, rhythm)

    async def until(self, reached: Callable[[], bool]) -> None:
        running = asyncio.create_task(self.poller.run())
        async with asyncio.timeout(5):
            while not reached():
                await asyncio.sleep(0.001)
        await self.poller.stop()
        await running


async def test_goes_on_from_its_mark_until_there_is_nothing_more() -> None:
    scene = Scene(Counting(pages=3))
    await scene.until(lambda: len(scene.poll.seen) == 3)
    assert scene.poll.seen == [{}, {"page": 1}, {"page": 2}]
    assert scene.marks.mark == PollMark({"page": 3}, NOON + timedelta(seconds=900))


async def test_waits_for_its_time_by_the_clock() -> None:
    scene = Scene(Counting())
    scene.marks.mark = PollMark({"page": 4}, NOON + timedelta(seconds=1))
    looked = asyncio.create_task(scene.poller.run())
    await asyncio.sleep(0.05)
    assert scene.poll.seen == []
    scene.wall.now += timedelta(seconds=1)
    await asyncio.sleep(0.05)
    assert scene.poll.seen == [{"page": 4}]
    await scene.poller.stop()
    await looked


async def test_whoever_has_no_lease_stands_by() -> None:
    scene = Scene(Counting(), lease=None)
    await scene.until(lambda: scene.poller.health().state is State.STANDBY)
    assert scene.poll.seen == []


@pytest.mark.parametrize(
    "error", [Unavailable(service="sam_gov", reason="500"), KeyError("title")], ids=type
)
async def test_a_failure_is_told_and_tried_again_from_the_same_mark(error: Exception) -> None:
    scene = Scene(Counting(error=error))
    await scene.until(lambda: len(scene.poll.seen) == 3)
    assert type(error).__name__ in str(scene.poller.health().trouble)
    assert (scene.poll.seen, scene.marks.mark) == ([{}, {}, {}], None)


async def test_after_an_outage_between_two_polls_it_is_up_again_before_the_next_one() -> None:
    scene = Scene(Counting())
    scene.marks.mark = PollMark({"page": 4}, NOON + timedelta(seconds=900))
    scene.marks.is_away = True
    states: list[State] = []

    def is_up_again() -> bool:
        states.append(scene.poller.health().state)
        scene.marks.is_away = State.DEGRADED not in states
        return states[-1] is State.UP

    await scene.until(is_up_again)
    assert State.DEGRADED in states
    assert scene.poll.seen == []


async def test_a_lost_lease_marks_nothing_and_stands_in_line_again() -> None:
    scene = Scene(Counting())
    scene.marks.loses = True
    await scene.until(lambda: scene.claim.forgotten > 0)
    assert scene.marks.mark is None


@pytest.mark.stores
async def test_marks_are_kept_under_the_lease(relay_pool: Pool) -> None:
    marks, tenure = PostgresPollMarks(relay_pool), Tenure(relay_pool, "sync")
    lease = await tenure.lease()
    assert lease
    assert await marks.read("sync") is None
    await marks.write(lease, PollMark({"page": 4}, NOON))
    assert await marks.read("sync") == PollMark({"page": 4}, NOON)
    with pytest.raises(LeaseLost):
        await marks.write(Lease("sync", lease.epoch + 1, 5.0), PollMark({}, NOON))


@pytest.mark.stores
async def test_an_operator_hurries_a_poller(relay_pool: Pool) -> None:
    marks, tenure = PostgresPollMarks(relay_pool), Tenure(relay_pool, "sync")
    lease = await tenure.lease()
    assert lease
    await marks.write(lease, PollMark({"page": 4}, NOON))
    for now, due_at in ((NOON - timedelta(hours=1), NOON - timedelta(hours=1)), (NOON, None)):
        await marks.hurry("sync", now)
        known = await marks.read("sync")
        assert known
        assert known == PollMark({"page": 4}, due_at or NOON - timedelta(hours=1))


@pytest.mark.stores
async def test_a_lease_given_back_is_free_at_once(relay_pool: Pool) -> None:
    first, second = Tenure(relay_pool, "sync"), Tenure(relay_pool, "sync")
    assert await first.lease()
    assert await second.lease() is None
    await first.release()
    taken = await second.lease()
    assert taken
    assert taken.epoch == 2


@pytest.mark.stores
async def test_a_lease_is_renewed_while_it_is_asked_for(relay_pool: Pool) -> None:
    first, second = (Tenure(relay_pool, "sync", ttl_s=0.6) for _ in range(2))
    for _ in range(10):
        assert await first.lease()
        assert await second.lease() is None
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.7)
    assert await second.lease()
    assert await first.lease() is None
