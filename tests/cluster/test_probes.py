from collections.abc import AsyncIterator

import httpx
import pytest
from redis.asyncio import Redis

from cluster.probes import Probes, http_probe
from cluster.settings import Settings
from cluster.stores.postgres import open_pool
from cluster.stores.redis import open_redis
from domain.errors import Unavailable


@pytest.mark.stores
async def test_every_embedded_store_answers_its_probe(embedded_stores: Settings) -> None:
    settings = embedded_stores
    async with (
        open_pool(settings.postgres, "mch_app") as pool,
        open_redis(settings.redis) as redis,
        httpx.AsyncClient() as http,
    ):
        probes = Probes(settings, pool, redis, http).all()
        told = {name: await ask() for name, ask in probes.items()}
    assert set(told) == {"postgres", "redis", "kafka", "clickhouse", "vectors", "s3"}
    assert told["postgres"].startswith("PostgreSQL 18")


@pytest.fixture
async def nowhere() -> AsyncIterator[dict[str, object]]:
    """Every store at a port on which nobody listens."""
    settings = Settings.model_validate(
        {
            "postgres": {"dsn": "postgresql://mch@127.0.0.1:1/mch"},
            "kafka": {"brokers": "127.0.0.1:1"},
            "clickhouse": {"port": 1},
            "s3": {"endpoint": "http://127.0.0.1:1"},
        }
    )
    async with (
        open_pool(settings.postgres, "mch_app") as pool,
        httpx.AsyncClient() as http,
        Redis(port=1) as redis,
    ):
        yield dict(Probes(settings, pool, redis, http).all())


async def test_a_store_that_is_away_is_unavailable_by_its_name(nowhere: dict[str, object]) -> None:
    for name, probe in nowhere.items():
        with pytest.raises(Unavailable) as outage:
            await probe()  # type: ignore[operator]
        assert outage.value.service in {name, "postgres"}  # pgvector lies in Postgres.


async def test_an_application_that_answers_500_does_not_work() -> None:
    async with httpx.AsyncClient(transport=httpx.MockTransport(_broken)) as http:
        with pytest.raises(Unavailable, match="answered 500"):
            await http_probe(http, "ai", "http://hub/health")()


def _broken(request: httpx.Request) -> httpx.Response:
    return httpx.Response(500)
