"""What every live feed keeps to, and what only the one in Redis can meet."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis

from cluster.settings import RedisSettings
from cluster.stores import feed_bell
from cluster.stores.cache import MemoryCache, RedisCache
from cluster.stores.feed_bell import RedisFeedBell
from cluster.stores.live_feed import KEPT_MESSAGES, MemoryLiveFeed, RedisLiveFeed
from cluster.stores.redis import open_redis
from domain.errors import Invalid, Unavailable
from domain.feed import MAX_MESSAGE_BYTES, START, Mark, Room
from domain.ports import Cache, FeedBell, LiveFeed
from tests.valkey import LocalValkey

AT = datetime(2026, 4, 13, 12, 40, tzinfo=UTC)
OURS = UUID(int=1)


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalValkey]:
    server = LocalValkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def valkey_alone(tmp_path: Path) -> Iterator[LocalValkey]:
    """One that a test may break."""
    server = LocalValkey(tmp_path)
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def redis(valkey: LocalValkey) -> AsyncIterator[Redis]:
    async with open_redis(valkey.settings) as client:
        yield client


@pytest.fixture(params=["memory", "redis"])
def feed(request: pytest.FixtureRequest) -> LiveFeed:
    if request.param == "memory":
        return MemoryLiveFeed(lambda: AT)
    return RedisLiveFeed(request.getfixturevalue("redis"), lambda: AT)


@pytest.fixture(params=["memory", "redis"])
def feed_and_bell(request: pytest.FixtureRequest) -> tuple[LiveFeed, FeedBell]:
    if request.param == "memory":
        twin = MemoryLiveFeed()
        return twin, twin
    client = request.getfixturevalue("redis")
    return RedisLiveFeed(client), RedisFeedBell(client)


@pytest.fixture(params=["memory", "redis"])
def cache(request: pytest.FixtureRequest) -> Cache:
    return (
        MemoryCache() if request.param == "memory" else RedisCache(request.getfixturevalue("redis"))
    )


@pytest.fixture
def room() -> Room:
    return Room(OURS, f"user:{uuid4().hex}")


async def test_what_is_said_comes_back_in_order_with_offsets_that_count_from_one(
    feed: LiveFeed, room: Room
) -> None:
    said = [await feed.publish(room, "changed", {"n": n, "ü": ["é"]}) for n in range(3)]
    history = await feed.since(room, START)
    assert list(history.messages) == said
    assert [message.offset for message in said] == [1, 2, 3]
    assert {message.at for message in said} == {AT}
    assert history.complete
    assert history.mark == Mark(3, said[0].epoch)


async def test_from_a_mark_on_only_what_came_after_it(feed: LiveFeed, room: Room) -> None:
    first = await feed.publish(room, "changed", {"n": 1})
    second = await feed.publish(room, "changed", {"n": 2})
    history = await feed.since(room, Mark(first.offset, first.epoch))
    assert list(history.messages) == [second]
    assert history.complete
    assert not (await feed.since(room, history.mark)).messages


async def test_without_a_mark_one_learns_where_the_room_stands(feed: LiveFeed, room: Room) -> None:
    assert (await feed.since(room, None)).mark == START
    said = await feed.publish(room, "changed", {})
    history = await feed.since(room, None)
    assert (history.messages, history.mark) == ([], Mark(1, said.epoch))


async def test_a_room_is_bounded_and_tells_that_its_beginning_is_gone(
    feed: LiveFeed, room: Room
) -> None:
    said = [await feed.publish(room, "tokens", {"n": n}) for n in range(KEPT_MESSAGES + 2)]
    from_start = await feed.since(room, Mark(1, said[0].epoch))
    assert list(from_start.messages) == said[2:]
    assert not from_start.complete
    assert (await feed.since(room, Mark(2, said[0].epoch))).complete


async def test_an_unknown_epoch_is_lost_history(feed: LiveFeed, room: Room) -> None:
    said = await feed.publish(room, "changed", {})
    history = await feed.since(room, Mark(7, "of another time"))
    assert list(history.messages) == [said]
    assert not history.complete


async def test_an_offset_that_was_never_reached_is_lost_history(feed: LiveFeed, room: Room) -> None:
    said = await feed.publish(room, "changed", {})
    assert not (await feed.since(room, Mark(2, said.epoch))).complete


async def test_rooms_of_one_name_in_two_tenants_do_not_meet(feed: LiveFeed, room: Room) -> None:
    await feed.publish(room, "changed", {})
    assert (await feed.since(Room(UUID(int=2), room.name), START)).messages == []


async def test_a_message_above_the_limit_is_refused_and_leaves_no_gap(
    feed: LiveFeed, room: Room
) -> None:
    with pytest.raises(Invalid):
        await feed.publish(room, "changed", {"text": "x" * MAX_MESSAGE_BYTES})
    assert (await feed.publish(room, "changed", {})).offset == 1


async def test_the_bell_rings_for_all_at_first_and_then_for_each_room(
    feed_and_bell: tuple[LiveFeed, FeedBell], room: Room
) -> None:
    feed, bell = feed_and_bell
    rung: asyncio.Queue[Room | None] = asyncio.Queue()
    assert bell.trouble()
    listening = asyncio.create_task(bell.listen(rung.put_nowait))
    async with asyncio.timeout(5):
        assert await rung.get() is None
        assert bell.trouble() is None
        await feed.publish(room, "changed", {})
        assert await rung.get() == room
    listening.cancel()


async def test_a_room_that_redis_forgot_begins_a_new_epoch(redis: Redis, room: Room) -> None:
    feed = RedisLiveFeed(redis)
    old = await feed.publish(room, "changed", {})
    await redis.flushdb()
    lost = await feed.since(room, Mark(1, old.epoch))
    assert (lost.complete, lost.mark) == (False, START)
    new = await feed.publish(room, "changed", {})
    assert new.offset == 1
    assert not (await feed.since(room, Mark(1, old.epoch))).complete


async def test_a_stream_evicted_alone_is_lost_history_in_the_same_epoch(
    redis: Redis, room: Room
) -> None:
    feed = RedisLiveFeed(redis)
    said = await feed.publish(room, "changed", {})
    await redis.delete(f"mch:{{{room.tenant_id}}}:feed:{room.name}")
    history = await feed.since(room, START)
    assert (history.complete, history.messages) == (False, [])
    assert (await feed.publish(room, "changed", {})).offset == said.offset + 1


async def test_a_quiet_room_expires(redis: Redis, room: Room) -> None:
    await RedisLiveFeed(redis).publish(room, "changed", {})
    keys = [key async for key in redis.scan_iter(f"*{room.name}")]
    week_s = timedelta(days=7).total_seconds()
    assert len(keys) == 2
    assert all([week_s - 60 < await redis.ttl(key) <= week_s for key in keys])


async def test_many_at_once_wait_for_each_other(redis: Redis, room: Room) -> None:
    feed = RedisLiveFeed(redis)
    said = await asyncio.gather(*(feed.publish(room, "tokens", {"n": n}) for n in range(150)))
    assert sorted(message.offset for message in said) == list(range(1, 151))


async def test_no_redis_is_an_outage(room: Room) -> None:
    async with open_redis(RedisSettings(port=1)) as client:
        with pytest.raises(Unavailable, match="redis"):
            await RedisLiveFeed(client).publish(room, "changed", {})
        with pytest.raises(Unavailable, match="redis"):
            await RedisLiveFeed(client).since(room, None)
        with pytest.raises(Unavailable, match="redis"):
            await RedisCache(client).get_many(["a"])


async def test_a_wrong_password_is_an_outage_that_says_so(valkey: LocalValkey, room: Room) -> None:
    settings = RedisSettings.model_validate({"port": valkey.port, "password": "wrong"})
    async with open_redis(settings) as client:
        with pytest.raises(Unavailable, match=r"WRONGPASS|password"):
            await RedisLiveFeed(client).since(room, None)


async def until(bell: FeedBell, *, is_up: bool) -> None:
    async with asyncio.timeout(15):
        while (bell.trouble() is None) != is_up:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("fault", ["killed", "frozen", "disconnected"])
async def test_a_bell_that_falls_silent_is_noticed_and_listens_again(
    fault: str, valkey_alone: LocalValkey, room: Room
) -> None:
    server = valkey_alone
    rung: list[Room | None] = []
    async with open_redis(server.settings) as client:
        bell = RedisFeedBell(client)
        listening = asyncio.create_task(bell.listen(rung.append))
        await until(bell, is_up=True)
        rung.clear()
        if fault == "killed":
            server.stop()
            await until(bell, is_up=False)
            server.start()
        elif fault == "frozen":
            server.freeze()
            async with asyncio.timeout(20):
                while "unavailable" not in (bell.trouble() or ""):
                    await asyncio.sleep(0.05)
            server.thaw()
        else:
            await client.client_kill_filter(_type="pubsub")
            async with asyncio.timeout(5):
                while None not in rung:
                    await asyncio.sleep(0.05)
        await until(bell, is_up=True)
        assert None in rung
        rung.clear()
        await RedisLiveFeed(client).publish(room, "changed", {})
        async with asyncio.timeout(2):
            while room not in rung:
                await asyncio.sleep(0.02)
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening


def test_silence_is_noticed_before_a_part_counts_as_lost() -> None:
    assert feed_bell.BEAT_S * 2 < feed_bell.SILENCE_S < 10


async def test_a_cache_keeps_for_its_time(cache: Cache) -> None:
    name = uuid4().hex
    await cache.put_many({name: b"\x00v", f"{name}-brief": b"b"}, ttl_s=60)
    await cache.put_many({f"{name}-brief": b"b"}, ttl_s=0.01)
    await asyncio.sleep(0.05)
    assert await cache.get_many([name, f"{name}-brief", "absent"]) == {name: b"\x00v"}
    assert await cache.get_many([]) == {}
    await cache.put_many({}, ttl_s=1)
