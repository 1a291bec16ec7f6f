import asyncio

import pytest

from actors.health import Health, State
from actors.lanes import Lanes


class Lane:
    """Runs until it is stopped, or raises."""

    def __init__(self, health: Health, error: Exception | None = None) -> None:
        self._health = health
        self._error = error
        self._stopped = asyncio.Event()
        self.has_ended = False

    async def run(self) -> None:
        try:
            if self._error:
                raise self._error
            await self._stopped.wait()
        finally:
            self.has_ended = True

    async def stop(self) -> None:
        self._stopped.set()

    def health(self) -> Health:
        return self._health


BUSY = Health("p", State.UP, handled=3, silent_s=1.0)
SLOW = Health("p.quiet", State.UP, trouble="waits for another", handled=4, silent_s=2.0)
SICK = Health("p.quiet", State.DEGRADED, trouble="no database", dead_lettered=1)


@pytest.mark.parametrize(
    ("lanes", "state", "trouble"),
    [
        ((BUSY, BUSY), State.UP, None),
        ((BUSY, SLOW), State.UP, "waits for another"),
        ((SICK, SLOW), State.DEGRADED, "no database"),
        ((SLOW, SICK), State.DEGRADED, "no database"),
    ],
)
def test_a_post_fares_as_its_worst_lane(
    lanes: tuple[Health, ...], state: State, trouble: str | None
) -> None:
    health = Lanes("p", [Lane(it) for it in lanes]).health()
    assert (health.post, health.state, health.trouble) == ("p", state, trouble)
    assert health.handled == sum(it.handled for it in lanes)
    assert health.silent_s == max(it.silent_s for it in lanes)


async def test_all_lanes_stop_together() -> None:
    both = [Lane(BUSY), Lane(SLOW)]
    lanes = Lanes("p", both)
    running = asyncio.create_task(lanes.run())
    await asyncio.sleep(0)
    await lanes.stop()
    await running
    assert [lane.has_ended for lane in both] == [True, True]


async def test_a_lane_that_fails_ends_the_other_and_says_why() -> None:
    other = Lane(BUSY)
    with pytest.raises(ConnectionError, match="no route"):
        await Lanes("p", [other, Lane(SICK, ConnectionError("no route"))]).run()
    assert other.has_ended
