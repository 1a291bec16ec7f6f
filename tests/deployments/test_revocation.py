"""An open socket ends when what let it in does."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from cluster.settings import PostgresSettings, Settings
from cluster.stores.feed_bell import RedisFeedBell
from cluster.stores.live_feed import RedisLiveFeed
from cluster.stores.redis import open_redis
from tests.identity import PASSWORD, People, people
from tests.realtime import opening, serving, url

pytestmark = pytest.mark.stores
DANA = "dana@ortizmedical.example"


@pytest.fixture
async def hub(database: PostgresSettings, embedded_stores: Settings) -> AsyncIterator[People]:
    async with people(database, embedded_stores, is_local=False) as found:
        yield found


@pytest.fixture
async def address(hub: People, embedded_stores: Settings) -> AsyncIterator[str]:
    async with (
        open_redis(embedded_stores.redis) as redis,
        serving(opening(RedisLiveFeed(redis), RedisFeedBell(redis)), hub.resolver) as address,
    ):
        yield address


async def code_after(address: str, headers: dict[str, str], act: object = None) -> int | None:
    """With which the socket is closed, after what is done while it is open."""
    async with connect(url(address), additional_headers=headers) as client:
        await client.recv()
        await client.send("40")
        if not str(await client.recv()).startswith("44") and callable(act):
            await act()
        try:
            async with asyncio.timeout(5):
                while True:
                    await client.recv()
        except (ConnectionClosed, TimeoutError):
            return client.close_code


def cookie(client: AsyncClient) -> dict[str, str]:
    return {"cookie": f"mch_session={client.cookies['mch_session']}"}


async def test_nobody_gets_a_socket_without_a_credential(hub: People, address: str) -> None:
    for headers in ({}, {"cookie": "mch_session=forged"}, {"authorization": "Bearer mch_a_b"}):
        assert await code_after(address, headers) == 1008


async def test_ending_the_session_closes_its_socket_and_no_other(hub: People, address: str) -> None:
    async with hub.browser() as client, hub.browser() as other:
        await hub.sign_up(client, DANA)
        await other.post("/sign-in", data={"email": DANA, "password": PASSWORD})
        kept = cookie(other)

        async def end() -> None:
            await client.post("/sign-out")

        untouched = asyncio.create_task(code_after(address, kept))
        assert await code_after(address, cookie(client), end) == 1008
        assert await untouched is None


async def test_revoking_a_key_or_a_membership_closes_sockets(hub: People, address: str) -> None:
    async with hub.browser() as client:
        await hub.sign_up(client, DANA)
        told = {"name": "x", "scopes": ["read opportunities"]}
        page = (await client.post("/company/keys", data=told)).text
        key = page.partition('id="made">')[2].partition("</code>")[0]

        async def revoke() -> None:
            await client.post(f"/company/keys/{key.split('_')[1]}/revoke")

        assert await code_after(address, {"authorization": f"Bearer {key}"}, revoke) == 1008
        person = await hub.identity.persons.by_email(DANA)
        assert person
        [company] = await hub.identity.companies.of_person(person.person_id)

        async def remove() -> None:
            await hub.identity.sessions.tell(person.person_id, company.tenant_id, None)

        assert await code_after(address, cookie(client), remove) == 1012
