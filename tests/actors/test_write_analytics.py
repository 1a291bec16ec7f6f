from collections.abc import Sequence

import pytest

from actors.write_analytics import WriteAnalytics, mend
from domain.events import Recorded
from tests.events import recorded


class MemoryAnalytics:
    """Holds positions, each once however often it is written."""

    def __init__(self, *positions: int) -> None:
        self.held = {position: recorded(position=position) for position in positions}

    async def write(self, batch: Sequence[Recorded]) -> None:
        self.held |= {event.position: event for event in batch}

    async def first_missing(self, up_to: int) -> int | None:
        return min(set(range(1, up_to + 1)) - self.held.keys(), default=None)


class MemoryLog:
    def __init__(self, length: int) -> None:
        self.length = length

    async def read(self, *, after: int, limit: int) -> Sequence[Recorded]:
        last = min(after + limit, self.length)
        return [recorded(position=position) for position in range(after + 1, last + 1)]


async def test_a_replayed_batch_is_counted_once() -> None:
    analytics = MemoryAnalytics()
    write = WriteAnalytics(analytics)
    batch = [recorded(position=1), recorded(position=2)]
    await write(batch)
    await write(batch[1:])
    assert list(analytics.held.values()) == batch


@pytest.mark.parametrize(
    ("held", "up_to"),
    [
        ((), 5),
        ((1, 2, 3), 5),
        ((1, 3, 5), 5),
        ((3, 4, 5), 5),
        ((1, 2, 3, 4, 5), 5),
        ((), 2_500),
    ],
)
async def test_what_was_done_and_got_lost_is_written_again(
    held: tuple[int, ...], up_to: int
) -> None:
    analytics = MemoryAnalytics(*held)
    await mend(analytics, MemoryLog(length=up_to), up_to)
    assert sorted(analytics.held) == list(range(1, up_to + 1))


async def test_what_kafka_still_brings_is_left_to_it() -> None:
    analytics = MemoryAnalytics(1, 2)
    assert await mend(analytics, MemoryLog(length=9), up_to=2) == 0
    assert sorted(analytics.held) == [1, 2]


async def test_a_log_that_is_shorter_mends_nothing_and_ends() -> None:
    analytics = MemoryAnalytics(1)
    assert await mend(analytics, MemoryLog(length=1), up_to=4) == 0
