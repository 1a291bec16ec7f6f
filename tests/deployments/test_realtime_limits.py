"""What a client may not do, and what it costs nobody else when it does."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from cluster.stores.live_feed import MemoryLiveFeed
from deployments.realtime.limits import Limits
from domain.feed import opportunity_room
from tests.realtime import browsing, closing, joined, opening, raw, serving, url

QUICK = Limits(connect_within_s=0.5, ping_interval_s=0.3, ping_timeout_s=0.3)


@pytest.fixture
def feed() -> MemoryLiveFeed:
    return MemoryLiveFeed()


@pytest.fixture
async def address(feed: MemoryLiveFeed) -> AsyncIterator[str]:
    async with serving(opening(feed, feed)) as address:
        yield address


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_foreign_page_is_refused(address: str, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refusal:
        async with connect(url(address), additional_headers={"Origin": origin}):
            pass
    assert refusal.value.response.status_code == 403


async def test_our_own_page_is_let_in(address: str) -> None:
    async with connect(url(address), additional_headers={"Origin": f"http://{address}"}) as client:
        opened = str(await client.recv())
    assert opened.startswith("0{")
    assert json.loads(opened[1:])["upgrades"] == []


async def test_other_transports_are_answered_as_engine_io_does(address: str) -> None:
    async with httpx.AsyncClient() as client:
        answer = await client.get(f"http://{address}/socket.io/?EIO=4&transport=polling")
    assert (answer.status_code, answer.json()["code"]) == (400, 0)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("42" + json.dumps(["join", {"room": "x" * 20_000}]), 1009),
        ("hello", 1002),
        ("42[", 1002),
        ("42/admin,[]", 1002),
        ("451-[]", 1002),
        ("40", 1002),
        ("42" + "[" * 10_000, 1002),
        (b"binary", 1003),
        ("41", 1000),
    ],
    ids=lambda value: str(value)[:12],
)
async def test_what_is_not_ours_to_read_ends_the_connection(
    address: str, frame: str | bytes, code: int
) -> None:
    async with raw(address) as client:
        await client.send(frame)
        assert await closing(client) == code


async def test_an_unknown_event_is_answered_and_forgiven(address: str) -> None:
    async with browsing(address) as browser:
        answer = await browser.client.call("shout", {"room": "user:local"})
        assert answer["error"]["type"] == "Invalid"
        assert (await browser.join("user:local"))["ok"]


async def test_too_many_frames_end_the_connection(feed: MemoryLiveFeed) -> None:
    limits = Limits(frames_per_s=1, burst_frames=10)
    async with serving(opening(feed, feed), limits=limits) as address, raw(address) as client:
        with suppress(ConnectionClosed):
            for _ in range(20):
                await client.send("42" + json.dumps(["leave", {"room": "user:local"}]))
        assert await closing(client) == 1008


async def test_one_client_joins_only_so_many_rooms(feed: MemoryLiveFeed) -> None:
    limits = Limits(rooms=2)
    async with serving(opening(feed, feed), limits=limits) as address, browsing(address) as browser:
        assert (await browser.join("opportunity:n1"))["ok"]
        assert (await browser.join("opportunity:n2"))["ok"]
        assert (await browser.join("opportunity:n1"))["ok"]
        assert (await browser.join("opportunity:n3"))["error"]["type"] == "Invalid"


async def test_a_replica_takes_only_so_many_clients(feed: MemoryLiveFeed) -> None:
    limits = Limits(clients=1)
    async with serving(opening(feed, feed), limits=limits) as address, raw(address):
        with pytest.raises(InvalidStatus):
            async with raw(address):
                pass


async def test_who_never_connects_or_answers_no_ping_is_let_go(feed: MemoryLiveFeed) -> None:
    async with serving(opening(feed, feed), limits=QUICK) as address:
        async with connect(url(address)) as silent:
            assert await closing(silent) == 1008
        async with raw(address) as deaf:
            assert await closing(deaf) == 1001


async def test_who_answers_pings_stays(feed: MemoryLiveFeed) -> None:
    async with serving(opening(feed, feed), limits=QUICK) as address, browsing(address) as browser:
        await asyncio.sleep(1.2)
        assert (await browser.join("user:local"))["ok"]


async def test_a_slow_client_is_let_go_and_others_do_not_notice(feed: MemoryLiveFeed) -> None:
    limits = Limits(queued_frames=100, queued_bytes=200_000)
    async with (
        serving(opening(feed, feed), limits=limits) as address,
        connect(url(address), max_queue=1, compression=None) as slow,
        browsing(address) as browser,
    ):
        await slow.recv()
        await slow.send("40")
        await slow.recv()
        assert (await joined(slow, "opportunity:n1"))["ok"]
        await browser.join("opportunity:n1")
        for n in range(1_500):
            await feed.publish(opportunity_room("n1"), "tokens", {"n": n, "pad": "x" * 15_000})
            if n % 10 == 0:
                await browser.until(n)
        await browser.until(1_500)
        assert browser.numbers() == list(range(1_500))
        async with httpx.AsyncClient() as client, asyncio.timeout(10):
            while (await client.get(f"http://{address}/health")).json()["clients"] > 1:
                await asyncio.sleep(0.05)
        slow.transport.abort()
