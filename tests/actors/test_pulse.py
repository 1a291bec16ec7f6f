"""What a pool tells of itself, and how long it holds a row, with work that is kept in memory."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast
from uuid import uuid4

import pytest

from actors.health import State
from actors.pulse import Pulse
from cluster.stores.work import PostgresWork, WorkItem
from domain.errors import Unavailable


class HeldWork:
    """The part of `PostgresWork` that holds leases. Answers in turn; then the lease is lost."""

    lease_s = 0.004

    def __init__(self, answers: Sequence[bool | Unavailable]) -> None:
        self.answers = list(answers)

    async def renew(self, item: WorkItem, holder: object) -> bool:
        answer = self.answers.pop(0)
        if isinstance(answer, Unavailable):
            raise answer
        return answer


async def _some(found: bool) -> bool:
    return found


async def _fail(error: Exception) -> bool:
    raise error


@pytest.mark.parametrize(
    "error", [Unavailable(service="postgres", reason="stopped"), KeyError("a defect")]
)
async def test_trouble_is_told_until_something_works_again(error: Exception) -> None:
    pulse = Pulse("p")
    assert not await pulse.watch(_fail(error))
    told = pulse.health()
    assert (told.state, type(error).__name__ in str(told.trouble)) == (State.DEGRADED, True)
    assert await pulse.watch(_some(True))
    assert (pulse.health().state, pulse.health().trouble) == (State.UP, None)


async def test_where_there_was_no_row_nothing_is_wrong() -> None:
    pulse = Pulse("p")
    assert not await pulse.watch(_some(False))
    assert pulse.health().state == State.UP


async def test_a_lease_is_kept_over_an_outage_until_it_is_lost() -> None:
    outage = Unavailable(service="postgres", reason="stopped")
    work = HeldWork([True, outage, True, False])
    keeping = Pulse("p").keep(cast(PostgresWork, work), cast(Any, None), uuid4())
    await asyncio.wait_for(keeping, 5.0)
    assert work.answers == []


async def test_it_beats_until_the_pool_stops() -> None:
    pulse, stopping = Pulse("p"), asyncio.Event()
    await asyncio.sleep(0.01)
    silent_s = pulse.health().silent_s
    beating = asyncio.create_task(pulse.beat(stopping))
    await asyncio.sleep(0)
    assert pulse.health().silent_s < silent_s
    stopping.set()
    await asyncio.wait_for(beating, 5.0)
