"""Joining, hearing, resuming: spoken by another implementation's client."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
import socketio
from starlette.requests import HTTPConnection

from cluster.stores.feed_bell import RedisFeedBell
from cluster.stores.live_feed import KEPT_MESSAGES, MemoryLiveFeed, RedisLiveFeed
from cluster.stores.redis import open_redis
from deployments.realtime.limits import Limits
from domain.access import Permission, Principal
from domain.errors import Forbidden
from domain.feed import START, Room, dashboard_room
from tests.realtime import MINE, OURS, Browser, browsing, opening, serving
from tests.valkey import LocalValkey


@pytest.fixture
def feed() -> MemoryLiveFeed:
    return MemoryLiveFeed()


@pytest.fixture
async def address(feed: MemoryLiveFeed) -> AsyncIterator[str]:
    async with serving(opening(feed, feed)) as address:
        yield address


async def test_who_has_joined_hears_what_is_said_in_the_form_of_the_contract(
    address: str, feed: MemoryLiveFeed
) -> None:
    async with browsing(address) as browser:
        answer = await browser.join("user:local")
        assert answer == {"ok": True, "offset": 0, "epoch": "", "complete": True, "messages": []}
        said = await feed.publish(MINE, "notification", {"title": "Röntgen"})
        await browser.until(1)
        ((room, message),) = browser.heard
        assert room == "user:local"
        assert set(message) == {"offset", "epoch", "kind", "at", "body"}
        assert (message["offset"], message["epoch"]) == (1, said.epoch)
        assert message["at"].endswith("Z")
        assert message["body"] == {"title": "Röntgen"}
        assert browser.states == ["up"]


async def test_who_has_left_hears_nothing_and_costs_nothing(
    address: str, feed: MemoryLiveFeed
) -> None:
    async with browsing(address) as browser:
        await browser.join("user:local")
        assert await browser.client.call("leave", {"room": "user:local"}) == {"ok": True}
        await feed.publish(MINE, "changed", {})
        await browser.join("dashboard:opportunities")
        await feed.publish(dashboard_room(), "changed", {})
        await browser.until(1)
        assert [room for room, _ in browser.heard] == ["dashboard:opportunities"]
    async with httpx.AsyncClient() as client, asyncio.timeout(5):
        while True:
            health = (await client.get(f"http://{address}/health")).json()
            if (health["rooms"], health["clients"]) == (0, 0):
                break


@pytest.mark.parametrize(
    ("room", "error"),
    [
        ("user:dana", "Forbidden"),
        ("tenant:00000000-0000-0000-0000-000000000002", "Forbidden"),
        ("proposal:p1", "NotFound"),
        ("user:", "NotFound"),
        ("opportunity:a b", "NotFound"),
        ("x" * 161, "Invalid"),
    ],
)
async def test_rooms_of_others_and_names_of_no_room_are_refused(
    address: str, room: str, error: str
) -> None:
    async with browsing(address) as browser:
        answer = await browser.join(room)
        assert (answer["ok"], answer["error"]["type"]) == (False, error)
        assert (await browser.join(f"tenant:{OURS}"))["ok"]


async def test_permissions_are_checked_at_each_join(feed: MemoryLiveFeed) -> None:
    async def reader(connection: HTTPConnection) -> Principal:
        return Principal(OURS, "local", frozenset({Permission.READ_OPPORTUNITIES}))

    async with serving(opening(feed, feed), reader) as address, browsing(address) as browser:
        assert (await browser.join("opportunity:n1"))["ok"]
        assert (await browser.join("user:local"))["error"]["type"] == "Forbidden"


async def test_whoever_is_not_known_is_told_so_in_connect(feed: MemoryLiveFeed) -> None:
    async def nobody(connection: HTTPConnection) -> Principal:
        raise Forbidden(who="nobody", what="enter")

    async with serving(opening(feed, feed), nobody) as address:
        client = socketio.AsyncClient(reconnection=False)
        refusals: list[Any] = []
        client.on("connect_error", refusals.append)
        with pytest.raises(socketio.exceptions.ConnectionError):
            await client.connect(f"http://{address}", transports=["websocket"])
        assert refusals == [{"message": "Forbidden", "data": {"detail": "nobody may not enter"}}]


async def test_a_page_that_had_its_name_rebound_to_us_is_nobody(address: str) -> None:
    client = socketio.AsyncClient(reconnection=False)
    refusals: list[Any] = []
    client.on("connect_error", refusals.append)
    evil = {"Host": "evil.example", "Origin": "http://evil.example"}
    with pytest.raises(socketio.exceptions.ConnectionError):
        await client.connect(f"http://{address}", headers=evil, transports=["websocket"])
    assert refusals[0]["message"] == "Forbidden"


async def test_a_cut_client_resumes_with_all_it_missed(address: str, feed: MemoryLiveFeed) -> None:
    async with browsing(address) as browser:
        await browser.join("user:local")
        await feed.publish(MINE, "changed", {"n": 0})
        await browser.until(1)
        seen = browser.heard[-1][1]
    for n in (1, 2, 3):
        await feed.publish(MINE, "changed", {"n": n})
    async with browsing(address) as again:
        mark = {"offset": seen["offset"], "epoch": seen["epoch"]}
        answer = await again.join("user:local", **mark)
        assert answer["complete"]
        assert [message["body"]["n"] for message in answer["messages"]] == [1, 2, 3]
        await feed.publish(MINE, "changed", {"n": 4})
        await again.until(1)
        assert again.numbers() == [4]


async def test_lost_history_is_told(address: str, feed: MemoryLiveFeed) -> None:
    first = await feed.publish(MINE, "changed", {"n": 0})
    for n in range(1, KEPT_MESSAGES + 2):
        await feed.publish(MINE, "changed", {"n": n})
    async with browsing(address) as browser:
        cut = await browser.join("user:local", offset=first.offset, epoch=first.epoch)
        assert not cut["complete"]
        assert cut["messages"][-1]["body"] == {"n": KEPT_MESSAGES + 1}
        assert not (await browser.join("user:local", offset=1, epoch="other"))["complete"]
        assert (await browser.join("user:local", offset=-1, epoch=""))["error"]["type"] == "Invalid"


async def test_an_answer_is_bounded_and_says_what_it_left_out(feed: MemoryLiveFeed) -> None:
    for n in range(4):
        await feed.publish(MINE, "changed", {"n": n, "pad": "x" * 1_000})
    limits = Limits(replay_bytes=2_500)
    async with serving(opening(feed, feed), limits=limits) as address, browsing(address) as browser:
        answer = await browser.join("user:local", offset=START.offset, epoch=START.epoch)
        assert [message["body"]["n"] for message in answer["messages"]] == [2, 3]
        assert not answer["complete"]


async def test_nothing_is_lost_or_doubled_while_others_join(
    address: str, feed: MemoryLiveFeed
) -> None:
    async with browsing(address) as early, browsing(address) as late:
        await early.join("user:local")
        talking = asyncio.create_task(talk(feed, 150))
        await asyncio.sleep(0.02)
        answer = await late.join("user:local", offset=0, epoch="")
        await talking
        await early.until(150)
        missed = [message["body"]["n"] for message in answer["messages"]]
        await late.until(150 - len(missed))
        assert early.numbers() == list(range(150))
        assert missed + late.numbers() == list(range(150))


async def talk(feed: MemoryLiveFeed, messages: int) -> None:
    for n in range(messages):
        await feed.publish(MINE, "changed", {"n": n})
        await asyncio.sleep(0.001)


async def test_health_says_that_the_listener_is_deaf() -> None:
    feed = MemoryLiveFeed()

    class Deaf(MemoryLiveFeed):
        def trouble(self) -> str | None:
            return "silent for 9 s"

    async with serving(opening(feed, Deaf())) as address, httpx.AsyncClient() as client:
        answer = await client.get(f"http://{address}/health")
    assert answer.status_code == 503
    assert (answer.json()["state"], answer.json()["detail"]) == ("degraded", "silent for 9 s")


async def test_a_defect_of_the_listener_is_down_for_good() -> None:
    feed = MemoryLiveFeed()

    class Broken(MemoryLiveFeed):
        async def listen(self, on_ring: Callable[[Room | None], None]) -> None:
            raise TypeError("a defect")

    async with serving(opening(feed, Broken())) as address, httpx.AsyncClient() as client:
        answer = await client.get(f"http://{address}/health")
    assert answer.json()["state"] == "down"
    assert "a defect" in answer.json()["detail"]


async def test_redis_lost_and_found_again_is_shown_and_nothing_is_missed(tmp_path: Any) -> None:
    valkey = LocalValkey(tmp_path)
    valkey.start()
    try:
        async with open_redis(valkey.settings) as redis:
            feed = RedisLiveFeed(redis)
            open_feed = opening(feed, RedisFeedBell(redis))
            async with serving(open_feed) as address, browsing(address) as browser:
                await hearing(browser, "up")
                await browser.join("user:local")
                await feed.publish(MINE, "changed", {"n": 0})
                valkey.stop()
                await hearing(browser, "down")
                assert await state(address) == "degraded"
                assert (await browser.join("user:local"))["error"]["type"] == "Unavailable"
                valkey.start()
                await feed.publish(MINE, "changed", {"n": 1})
                await hearing(browser, "up")
                await browser.until(2)
                assert browser.numbers() == [0, 1]
                assert await state(address) == "up"
    finally:
        valkey.stop()


async def hearing(browser: Browser, expected: str) -> None:
    async with asyncio.timeout(15):
        while not browser.states or browser.states[-1] != expected:
            await asyncio.sleep(0.05)


async def state(address: str) -> Any:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"http://{address}/health")).json()["state"]
