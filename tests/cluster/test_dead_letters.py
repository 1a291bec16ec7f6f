"""The contract of dead letters over the twin and Postgres, and what operators do with them."""

from collections.abc import Mapping

import pytest

from cluster.settings import Settings
from cluster.stores.dead_letters import (
    GroupDeadLetters,
    announcing,
    drop_dead_letters,
    list_dead_letters,
    retry_dead_letters,
    show_dead_letter,
)
from cluster.stores.event_consumer import DeadLetters, open_event_source
from cluster.stores.letters import Letter
from cluster.stores.memory import MemoryDeadLetters
from cluster.stores.postgres import Pool
from domain.errors import NotFound
from domain.wire import DEAD_LETTERS
from tests.events import delivered

POISON = delivered(0, 7).letter
GARBAGE = Letter(
    topic="t", partition=1, offset=9, key=None, value=b"\xff", headers=(("x", b"\xfe"),)
)


class Announced(list[tuple[Letter, Mapping[str, str]]]):
    async def __call__(self, letter: Letter, facts: Mapping[str, str]) -> None:
        self.append((letter, facts))


@pytest.fixture
def announced() -> Announced:
    return Announced()


@pytest.fixture
def real(relay_pool: Pool, announced: Announced) -> GroupDeadLetters:
    return GroupDeadLetters(relay_pool, "notify", announced)


@pytest.fixture(params=["memory", pytest.param("postgres", marks=pytest.mark.stores)])
def dead(request: pytest.FixtureRequest) -> DeadLetters:
    if request.param == "memory":
        return MemoryDeadLetters()
    letters: DeadLetters = request.getfixturevalue("real")
    return letters


async def retry(dead: DeadLetters, request: pytest.FixtureRequest) -> None:
    if isinstance(dead, MemoryDeadLetters):
        return dead.retry_all()
    pool: Pool = request.getfixturevalue("relay_pool")
    await retry_dead_letters(pool, [each.id for each in await list_dead_letters(pool)])
    return None


@pytest.mark.parametrize("letter", [POISON, GARBAGE], ids=["an event", "no event"])
async def test_a_letter_comes_back_whole_when_asked_for(
    dead: DeadLetters, letter: Letter, request: pytest.FixtureRequest
) -> None:
    await dead.put(letter, "no title")
    assert await dead.to_retry(10) == []
    await retry(dead, request)
    [again] = await dead.to_retry(10)
    assert again.retry
    assert (again.value, again.key, again.headers, again.offset) == (
        letter.value,
        letter.key,
        letter.headers,
        letter.offset,
    )


async def test_what_was_handled_comes_back_no_more(
    dead: DeadLetters, request: pytest.FixtureRequest
) -> None:
    await dead.put(POISON, "no title")
    await retry(dead, request)
    [again] = await dead.to_retry(10)
    assert again.retry
    await dead.settle([again.retry])
    assert await dead.to_retry(10) == []


async def test_what_fails_again_waits_again(
    dead: DeadLetters, request: pytest.FixtureRequest
) -> None:
    await dead.put(POISON, "no title")
    await retry(dead, request)
    [again] = await dead.to_retry(10)
    assert again.retry
    await dead.put(again, "still no title")
    await dead.settle([again.retry])
    assert await dead.to_retry(10) == []
    await retry(dead, request)
    assert len(await dead.to_retry(10)) == 1


@pytest.mark.stores
async def test_operators_see_what_is_set_aside_and_why(
    real: GroupDeadLetters, relay_pool: Pool
) -> None:
    await real.put(POISON, "no title")
    await real.put(GARBAGE, "no JSON")
    await real.put(GARBAGE, "no JSON at all")
    first, second = await list_dead_letters(relay_pool, consumer="notify")
    assert (first.position, first.event_type, first.error) == (
        7,
        "OpportunityDiscovered",
        "no title",
    )
    assert (second.position, second.count, second.error) == (None, 2, "no JSON at all")
    assert await list_dead_letters(relay_pool, consumer="other") == []
    told, letter = await show_dead_letter(relay_pool, second.id)
    assert (told, letter.value) == (second, b"\xff")
    with pytest.raises(NotFound):
        await show_dead_letter(relay_pool, 0)


@pytest.mark.stores
async def test_what_is_dropped_is_neither_listed_nor_sent_again(
    real: GroupDeadLetters, relay_pool: Pool
) -> None:
    await real.put(POISON, "no title")
    [told] = await list_dead_letters(relay_pool)
    assert await drop_dead_letters(relay_pool, [told.id, 999]) == [told.id]
    assert await list_dead_letters(relay_pool) == []
    assert await retry_dead_letters(relay_pool, [told.id]) == []
    assert (await show_dead_letter(relay_pool, told.id))[0].state == "dropped"


@pytest.mark.stores
async def test_a_letter_belongs_to_the_group_that_set_it_aside(
    real: GroupDeadLetters, relay_pool: Pool, announced: Announced
) -> None:
    await real.put(POISON, "no title")
    await retry_dead_letters(relay_pool, [each.id for each in await list_dead_letters(relay_pool)])
    assert await GroupDeadLetters(relay_pool, "other", announced).to_retry(10) == []


@pytest.mark.stores
async def test_the_announcement_tells_where_it_was_and_how_often(
    real: GroupDeadLetters, announced: Announced
) -> None:
    await real.put(POISON, "no title")
    await real.put(POISON, "no title")
    assert announced[-1] == (
        POISON,
        {
            "original-topic": "contracts.opportunities.events",
            "original-partition": "0",
            "original-offset": "7",
            "group": "notify",
            "error": "no title",
            "count": "2",
        },
    )


@pytest.mark.stores
async def test_it_is_announced_on_the_topic(embedded_stores: Settings) -> None:
    await announcing(embedded_stores.kafka)(POISON, {"group": "notify"})
    async with open_event_source(
        embedded_stores.kafka, "auditor", {DEAD_LETTERS}, {}, MemoryDeadLetters()
    ) as source:
        batch = await source.take()
        while not batch:
            batch = await source.take()
    [announced] = [event.letter for event in batch]
    assert announced.value == POISON.value
    assert dict(announced.headers) == {**dict(POISON.headers), "group": b"notify"}
