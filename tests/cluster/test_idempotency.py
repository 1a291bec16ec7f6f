"""What every store of answers under idempotency keys keeps to."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from cluster.stores.idempotency import MemoryIdempotency, PostgresIdempotency
from cluster.stores.postgres import Pool, as_tenant
from domain.errors import InProgress, Invalid
from domain.idempotency import CLAIMED_S, KEPT_S, Answer, Attempt, Idempotency, digest_of, read_key

ANSWER = Answer(201, (("content-type", "application/json"), ("location", "/x")), b'{"a": 1}\xff')


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 4, 13, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["memory", "postgres"])
def store(request: pytest.FixtureRequest, clock: Clock) -> Idempotency:
    if request.param == "memory":
        return MemoryIdempotency(clock)
    return PostgresIdempotency(request.getfixturevalue("app_pool"), clock)


@pytest.fixture
def attempt() -> Attempt:
    return Attempt(uuid4(), "clerk", "k1", b"digest")


async def test_a_repetition_has_the_same_answer(store: Idempotency, attempt: Attempt) -> None:
    assert await store.begin(attempt) is None
    await store.finish(attempt, ANSWER)
    assert [await store.begin(attempt) for _ in range(2)] == [ANSWER, ANSWER]


async def test_two_at_once_are_one(store: Idempotency, attempt: Attempt) -> None:
    await store.begin(attempt)
    with pytest.raises(InProgress):
        await store.begin(attempt)


@pytest.mark.parametrize("is_finished", [True, False])
async def test_a_key_stands_for_one_request(
    store: Idempotency, attempt: Attempt, is_finished: bool
) -> None:
    await store.begin(attempt)
    if is_finished:
        await store.finish(attempt, ANSWER)
    with pytest.raises(Invalid, match="another request"):
        await store.begin(replace(attempt, digest=b"other"))


@pytest.mark.parametrize(
    "other",
    [
        lambda attempt: replace(attempt, tenant_id=uuid4()),
        lambda attempt: replace(attempt, user_id="colleague"),
        lambda attempt: replace(attempt, key="k2"),
    ],
)
async def test_nobody_meets_another_s_answer(
    store: Idempotency, attempt: Attempt, other: Callable[[Attempt], Attempt]
) -> None:
    await store.begin(attempt)
    await store.finish(attempt, ANSWER)
    assert await store.begin(other(attempt)) is None


async def test_of_what_failed_the_next_may_try(store: Idempotency, attempt: Attempt) -> None:
    await store.begin(attempt)
    await store.release(attempt)
    assert await store.begin(attempt) is None


async def test_what_a_crash_left_behind_is_tried_again(
    store: Idempotency, attempt: Attempt, clock: Clock
) -> None:
    await store.begin(attempt)
    clock.wait(CLAIMED_S)
    assert await store.begin(attempt) is None


async def test_an_answer_is_kept_for_a_day(
    store: Idempotency, attempt: Attempt, clock: Clock
) -> None:
    await store.begin(attempt)
    await store.finish(attempt, ANSWER)
    clock.wait(KEPT_S - 1)
    assert await store.begin(attempt) == ANSWER
    clock.wait(1)
    assert await store.begin(attempt) is None


async def test_what_expired_is_forgotten(app_pool: Pool, clock: Clock) -> None:
    store, tenant = PostgresIdempotency(app_pool, clock), UUID(int=7)
    for number in range(3):
        await store.begin(Attempt(tenant, "clerk", str(number), b"digest"))
    clock.wait(CLAIMED_S)
    await store.begin(Attempt(tenant, "clerk", "new", b"digest"))
    async with as_tenant(app_pool, tenant) as connection:
        assert await connection.fetchval("select count(*) from idempotent_answer") == 1


@pytest.mark.parametrize(("told", "key"), [("a b", "a b"), ('"a"', "a"), (" k ", "k")])
def test_a_key_is_read_with_its_quotes_or_without(told: str, key: str) -> None:
    assert read_key(told) == key


@pytest.mark.parametrize("told", ["", '""', "x" * 256, "ä", "a\x00b"])
def test_what_is_no_key_is_refused(told: str) -> None:
    with pytest.raises(Invalid):
        read_key(told)


def test_each_part_of_a_request_tells() -> None:
    parts = ("POST", "/a?b", "c", b"d")
    others = [("PUT", *parts[1:]), ("POST", "/a?bc", "", b"d"), ("POST", "/a?b", "cd", b"")]
    assert len({digest_of(*each) for each in (parts, *others)}) == 4
