import asyncio
from uuid import UUID, uuid4

import pytest

from cluster.stores.postgres import Pool
from cluster.stores.work import PostgresWork, WorkItem

ONE, TWO = UUID(int=1), UUID(int=2)
ME, OTHER = uuid4(), uuid4()
KIND = "read_pages"


@pytest.fixture
def work(app_pool: Pool, relay_pool: Pool) -> PostgresWork:
    return PostgresWork(app_pool, relay_pool)


async def enqueue(work: PostgresWork, tenant_id: UUID, *keys: str) -> None:
    await work.enqueue(tenant_id, KIND, {key: {"of": key} for key in keys})


async def take(work: PostgresWork, holder: UUID = ME) -> WorkItem:
    item = await work.take([KIND], holder)
    assert item
    return item


async def test_a_row_is_taken_once_in_the_order_of_keys(work: PostgresWork) -> None:
    await enqueue(work, ONE, "a", "b")
    await enqueue(work, ONE, "a")
    first, second = await take(work), await take(work, OTHER)
    assert (first.key, first.payload, first.attempts) == ("a", {"of": "a"}, 1)
    assert second.key == "b"
    assert await work.take([KIND], ME) is None
    assert await work.take(["another"], ME) is None


async def test_who_is_at_something_goes_on_with_it_unless_another_tenant_waits(
    work: PostgresWork,
) -> None:
    await enqueue(work, ONE, "a/1", "b/1", "b/2")
    mine = await work.take([KIND], ME, "b/")
    assert mine
    assert mine.key == "b/1"
    await enqueue(work, TWO, "c/1")
    other = await work.take([KIND], ME, "b/")
    assert other
    assert other.key == "c/1"


async def test_many_who_take_at_once_get_each_row_once(work: PostgresWork) -> None:
    await enqueue(work, ONE, *(f"{n:02}" for n in range(12)))
    taken = await asyncio.gather(*(work.take([KIND], uuid4()) for _ in range(6)))
    keys = [item.key for item in taken if item]
    assert len(keys) == len(set(keys)) >= 1


async def test_a_tenant_with_much_to_do_leaves_room_for_another(work: PostgresWork) -> None:
    await enqueue(work, ONE, *(f"{n:02}" for n in range(20)))
    await take(work)
    await take(work)
    await enqueue(work, TWO, "small")
    assert (await take(work)).tenant_id == TWO


async def test_with_one_who_works_the_tenants_take_turns(work: PostgresWork) -> None:
    await enqueue(work, ONE, "a", "b", "c")
    await enqueue(work, TWO, "x", "y")
    turns = []
    for _ in range(5):
        item = await take(work)
        turns.append(item.tenant_id.int)
        await work.finish(item, ME)
    assert turns in ([1, 2, 1, 2, 1], [2, 1, 2, 1, 1])
    assert await work.take([KIND], ME) is None


async def test_what_is_dropped_midway_is_done_by_another(app_pool: Pool, relay_pool: Pool) -> None:
    brief = PostgresWork(app_pool, relay_pool, lease_s=0.2)
    await enqueue(brief, ONE, "a")
    item = await take(brief)
    assert await brief.renew(item, ME, 1)
    await asyncio.sleep(0.3)
    again = await take(brief, OTHER)
    assert (again.key, again.attempts) == ("a", 2)
    assert not await brief.renew(item, ME, 2)
    await brief.finish(item, ME)
    assert await brief.renew(again, OTHER, 2)


async def test_what_is_released_waits_with_no_attempt_against_it(work: PostgresWork) -> None:
    await enqueue(work, ONE, "a")
    await work.release(await take(work), ME)
    assert (await take(work, OTHER)).attempts == 1


async def test_what_is_dropped_is_noticed_at_the_next_renewal(work: PostgresWork) -> None:
    await enqueue(work, ONE, "doc/1", "doc/2", "other")
    item = await take(work)
    await work.drop(ONE, [KIND], "doc/")
    assert not await work.renew(item, ME, 0)
    assert (await take(work)).key == "other"


async def test_a_row_that_gets_on_has_no_attempts_against_it(
    app_pool: Pool, relay_pool: Pool
) -> None:
    brief = PostgresWork(app_pool, relay_pool, lease_s=0.1)
    await enqueue(brief, ONE, "a")
    for attempts in (1, 2, 3):
        assert (item := await take(brief)).attempts == attempts
        await asyncio.sleep(0.2)
    assert await brief.renew(item, ME, 1)
    await asyncio.sleep(0.2)
    assert (await take(brief)).attempts == 2


async def test_what_is_released_for_later_is_not_taken_before(
    work: PostgresWork, relay_pool: Pool
) -> None:
    await enqueue(work, ONE, "a")
    await work.release(await take(work), ME, 3_600.0)
    assert await work.take([KIND], ME) is None
    await relay_pool.execute("update work set due_at = now()")
    assert (await take(work)).key == "a"
