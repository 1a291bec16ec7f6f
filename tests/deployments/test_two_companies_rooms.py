"""What one company's rooms say, no socket of another company hears."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import pytest
from httpx import AsyncClient

from cluster.settings import PostgresSettings, Settings
from cluster.stores.feed_bell import RedisFeedBell
from cluster.stores.live_feed import RedisLiveFeed
from cluster.stores.redis import open_redis
from domain.feed import Room
from tests.identity import People, people
from tests.realtime import Browser, opening, serving

pytestmark = pytest.mark.stores


@pytest.fixture
async def hub(database: PostgresSettings, embedded_stores: Settings) -> AsyncIterator[People]:
    async with people(database, embedded_stores, is_local=False) as found:
        yield found


@pytest.fixture
async def feed(embedded_stores: Settings) -> AsyncIterator[RedisLiveFeed]:
    async with open_redis(embedded_stores.redis) as redis:
        yield RedisLiveFeed(redis)


@pytest.fixture
async def address(hub: People, embedded_stores: Settings) -> AsyncIterator[str]:
    async with (
        open_redis(embedded_stores.redis) as redis,
        serving(opening(RedisLiveFeed(redis), RedisFeedBell(redis)), hub.resolver) as address,
    ):
        yield address


@asynccontextmanager
async def listening(address: str, client: AsyncClient) -> AsyncIterator[Browser]:
    """The socket of who is signed in."""
    browser = Browser()
    cookie = {"cookie": f"mch_session={client.cookies['mch_session']}"}
    await browser.client.connect(f"http://{address}", headers=cookie, transports=["websocket"])
    try:
        yield browser
    finally:
        await browser.client.disconnect()


async def test_rooms_of_two_companies_do_not_meet(
    hub: People, address: str, feed: RedisLiveFeed
) -> None:
    async with hub.browser() as dana, hub.browser() as sam:
        for client, who in ((dana, "dana@ortiz.example"), (sam, "sam@other.example")):
            await hub.sign_up(client, who, who)
        ours, theirs = [(await one.get("/api/v1/me")).json() for one in (dana, sam)]
        own = UUID(ours["tenant_id"])
        async with listening(address, dana) as first, listening(address, sam) as second:
            for name in (f"tenant:{own}", f"user:{ours['user_id']}"):
                assert (await first.join(name))["ok"]
                refused = await second.join(name)
                assert refused["error"]["type"] == "Forbidden"
                assert (await second.join(name, offset=0, epoch="x"))["ok"] is False
            document = "document:1f0e8a52-6f0c-5b86-9a53-0e6f6f2d6a11"
            for browser in (first, second):  # One name; a room for each company.
                assert (await browser.join(document))["ok"]
            for name in (f"tenant:{own}", f"user:{ours['user_id']}", document):
                await feed.publish(Room(own, name), "changed", {"n": 1})
            await first.until(3)
            mark = Room(UUID(theirs["tenant_id"]), document)
            await feed.publish(mark, "changed", {"n": 2})
            await second.until(1)  # Delivered after all that was said before it.
            assert second.numbers() == [2]
            assert first.numbers() == [1, 1, 1]
            history = await second.join(document, offset=0, epoch="x")
            assert [message["body"]["n"] for message in history["messages"]] in ([], [2])
