"""A service that fails is left alone, longer each time, and tried once before it is trusted."""

import asyncio

import pytest

from domain.breaker import Breaker, Patience
from domain.errors import Forbidden, Unavailable

PATIENCE = Patience(failures=3, first_s=1.0, longest_s=4.0)


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker("sam_gov", PATIENCE, clock, jitter=lambda: 1.0)


def _fail(breaker: Breaker) -> str:
    """What is raised: by the service, or in its place."""
    with pytest.raises(Unavailable) as raised, breaker.call():
        raise Unavailable(service="sam_gov", reason="asked in vain")
    return raised.value.reason


def _is_open(breaker: Breaker) -> bool:
    try:
        with breaker.call():
            return False
    except Unavailable:
        return True


def test_a_few_failures_leave_it_closed(breaker: Breaker) -> None:
    assert [_fail(breaker) for _ in range(2)] == ["asked in vain"] * 2
    assert not _is_open(breaker)


def test_only_failures_in_a_row_open_it(breaker: Breaker) -> None:
    for _ in range(5):
        _fail(breaker)
        with breaker.call():
            pass
    assert not _is_open(breaker)


def test_enough_of_them_open_it_without_asking(breaker: Breaker, clock: Clock) -> None:
    told = [_fail(breaker) for _ in range(4)]
    assert "not asked for 1.0 s" in told[-1]
    clock.now += 1.01
    assert not _is_open(breaker)
    assert not _is_open(breaker)


def test_each_trial_in_vain_doubles_the_pause_up_to_the_longest(
    breaker: Breaker, clock: Clock
) -> None:
    for _ in range(3):
        _fail(breaker)
    for pause_s in (1.0, 2.0, 4.0, 4.0):
        clock.now += pause_s - 0.01
        assert "not asked" in _fail(breaker)
        clock.now += 0.02
        assert _fail(breaker) == "asked in vain"


def test_one_trial_at_a_time(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        _fail(breaker)
    clock.now += 1.01
    with breaker.call():
        assert _is_open(breaker)
    assert not _is_open(breaker)


def test_a_trial_that_is_cancelled_leaves_room_for_another(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        _fail(breaker)
    clock.now += 1.01
    with pytest.raises(asyncio.CancelledError), breaker.call():
        raise asyncio.CancelledError
    assert _fail(breaker) == "asked in vain"


def test_a_refusal_is_an_answer(breaker: Breaker) -> None:
    for _ in range(9):
        with pytest.raises(Forbidden), breaker.call():
            raise Forbidden(who="the key", what="ask")
    assert not _is_open(breaker)


def test_an_outage_of_something_else_is_none_of_this(breaker: Breaker) -> None:
    for _ in range(9):
        with pytest.raises(Unavailable), breaker.call():
            raise Unavailable(service="postgres", reason="no quota to count")
    assert not _is_open(breaker)


def test_jitter_shortens_a_pause_by_half_at_most(clock: Clock) -> None:
    breaker = Breaker("sam_gov", PATIENCE, clock, jitter=lambda: 0.0)
    for _ in range(3):
        _fail(breaker)
    clock.now += 0.49
    assert _is_open(breaker)
    clock.now += 0.02
    assert not _is_open(breaker)
