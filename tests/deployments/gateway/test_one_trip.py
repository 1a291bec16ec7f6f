"""With a session or an API key, a request asks Redis once: who it is, and how often he asked."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient
from redis.asyncio import Redis

from cluster.settings import PostgresSettings, Settings
from cluster.stores.rates import RedisRates
from cluster.stores.redis import open_redis
from deployments.gateway.callers import Callers
from deployments.issuers import OwnIssuer
from deployments.tokens import Tokens
from tests.app import Hub
from tests.identity import People, own_tokens, people

pytestmark = pytest.mark.stores
READS = "/api/v1/notifications/unread"
TIMES = 10


@pytest.fixture
async def redis(embedded_stores: Settings) -> AsyncIterator[Redis]:
    async with open_redis(embedded_stores.redis) as client:
        yield client


@pytest.fixture
async def hub(
    database: PostgresSettings, embedded_stores: Settings, redis: Redis
) -> AsyncIterator[People]:
    tokens = Tokens([OwnIssuer(own_tokens(embedded_stores)).issuer()])
    counted = Hub(rates=RedisRates(redis), find_caller=Callers(tokens))
    async with people(database, embedded_stores, counted) as found:
        yield found


async def _reads(redis: Redis) -> int:
    """How often the server has read from a connection: what scripts call is not read."""
    return int((await redis.info("stats"))["total_reads_processed"])


async def _cost(settings: Settings, client: AsyncClient, headers: dict[str, str]) -> int:
    for _ in range(2):  # Connections greet the server, and a key is remembered.
        assert (await client.get(READS, headers=headers)).status_code == 200
    redis = settings.redis
    password = redis.password.get_secret_value()
    async with Redis(
        host=redis.host,
        port=redis.port,
        password=password,
        decode_responses=True,
        single_connection_client=True,
    ) as asking:
        await _reads(asking)
        before = await _reads(asking)
        for _ in range(TIMES):
            answer = await client.get(READS, headers=headers)
            assert answer.status_code == 200
            assert '"read"' in answer.headers["ratelimit"], "counted by user, not by address"
        of_asking = 1
        return await _reads(asking) - before - of_asking


async def test_a_session_costs_one_round_trip(hub: People, embedded_stores: Settings) -> None:
    async with hub.browser() as client:
        await hub.sign_up(client, "dana@ortizmedical.example")
        assert await _cost(embedded_stores, client, {"accept": "application/json"}) == TIMES


async def test_an_api_key_costs_one_round_trip(hub: People, embedded_stores: Settings) -> None:
    async with hub.browser() as client:
        await hub.sign_up(client, "dana@ortizmedical.example")
        told = {"name": "export", "days": "30", "scopes": ["read notifications"]}
        page = (await client.post("/company/keys", data=told)).text
        key = page.partition('id="made">')[2].partition("</code>")[0]
    async with hub.browser() as client:
        headers = {"accept": "application/json", "authorization": f"Bearer {key}"}
        assert await _cost(embedded_stores, client, headers) == TIMES


async def test_a_service_token_costs_one_round_trip(hub: People, embedded_stores: Settings) -> None:
    async with hub.browser() as client:
        await hub.sign_up(client, "dana@ortizmedical.example")
        told = {"name": "export", "permissions": ["read notifications"]}
        assert (await client.post("/api/v1/company/services", json=told)).status_code == 200
        answer = await client.post("/api/v1/company/services/export/tokens", json={})
        token = answer.json()["token"]
    async with hub.browser() as client:
        headers = {"accept": "application/json", "authorization": f"Bearer {token}"}
        assert await _cost(embedded_stores, client, headers) == TIMES
