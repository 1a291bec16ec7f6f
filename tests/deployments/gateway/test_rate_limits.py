"""Limits as callers meet them: exact across replicas, told in headers, never silently off."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from fastapi.routing import APIRoute
from httpx import AsyncClient

from cluster.settings_gateway import GatewaySettings
from cluster.stores.rates import Counted, RedisRates, Shown
from cluster.stores.redis import open_redis
from deployments.app import ROUTERS
from deployments.gateway.classes import classify
from domain.errors import Unavailable
from domain.limits import Asker, Limit, RouteClass, quotas
from tests.app import Hub, client_of
from tests.valkey import LocalValkey

OPEN = {
    "/health/live",
    "/health/ready",
    "/metrics",
    "/static/{name}",
    "/.well-known/jwks.json",
}
READS = "/api/v1/notifications/unread"
SCALE = 0.05
QUOTA = quotas(SCALE)[RouteClass.READ][0].quota


class NoRates:
    """Implements `Rates` as where Redis is down."""

    async def count(
        self, limits: Sequence[Limit], asker: Asker, shown: Shown | None = None
    ) -> Counted:
        raise Unavailable(service="redis", reason="stopped")


@pytest.fixture(scope="module")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalValkey]:
    server = LocalValkey(tmp_path_factory.mktemp("valkey"))
    server.start()
    yield server
    server.stop()


@asynccontextmanager
async def _replica(valkey: LocalValkey, host: str = "127.0.0.1") -> AsyncIterator[AsyncClient]:
    """One app with connections of its own, as a second process would have."""
    async with open_redis(valkey.settings) as redis:
        hub = Hub(rates=RedisRates(redis), gateway=GatewaySettings(quota_scale=SCALE))
        async with client_of(hub, host=host) as client:
            yield client


async def test_two_replicas_under_load_let_through_exactly_the_quota(valkey: LocalValkey) -> None:
    async with AsyncExitStack() as stack:
        replicas = [await stack.enter_async_context(_replica(valkey)) for _ in range(2)]
        asked = [replicas[number % 2].get(READS) for number in range(2 * QUOTA)]
        answers = await asyncio.gather(*asked)
    assert Counter(answer.status_code for answer in answers) == {200: QUOTA, 429: QUOTA}


async def test_a_refusal_says_which_limit_and_when_to_come_back(valkey: LocalValkey) -> None:
    async with _replica(valkey) as client:
        for _ in range(2 * QUOTA):
            refused = await client.get(READS)
            if refused.status_code == 429:
                break
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["type"] == "urn:mch:LimitExceeded"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert f'"read";q={QUOTA};w=60' in refused.headers["ratelimit-policy"]
    assert re.search(r'"read";r=0;t=\d+', refused.headers["ratelimit"])


async def test_every_answer_tells_what_is_left() -> None:
    async with client_of(Hub()) as client:
        told = [(await client.get(READS)).headers["ratelimit"] for _ in range(2)]
    left = [int(re.findall(r'"read";r=(\d+)', each)[0]) for each in told]
    assert left[0] - left[1] == 1


async def test_strangers_are_counted_by_address(valkey: LocalValkey) -> None:
    quota = quotas(SCALE)[RouteClass.READ][2].quota
    async with _replica(valkey, "192.0.2.1") as one, _replica(valkey, "192.0.2.2") as two:
        codes = Counter([(await one.get(READS)).status_code for _ in range(quota + 3)])
        assert codes == {403: quota, 429: 3}
        assert (await two.get(READS)).status_code == 403


async def test_probes_and_files_are_never_counted() -> None:
    async with client_of(Hub(rates=NoRates())) as client:
        answer = await client.get("/health/live")
    assert answer.status_code == 200
    assert "ratelimit" not in answer.headers


async def test_reading_goes_on_uncounted_while_redis_is_down_and_that_is_told() -> None:
    async with client_of(Hub(rates=NoRates())) as client:
        answer = await client.get(READS)
        told = (await client.get("/metrics")).text
    assert answer.status_code == 200
    assert "ratelimit" not in answer.headers
    assert 'mch_uncounted_requests_total{class="read",fate="pass"} 1.0' in told


async def test_signing_in_is_refused_while_nobody_counts() -> None:
    async with client_of(Hub(rates=NoRates())) as client:
        answer = await client.post("/sign-in", data={})
        told = (await client.get("/metrics")).text
    assert answer.status_code == 503
    assert 'mch_uncounted_requests_total{class="sign-in",fate="refuse"} 1.0' in told


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/health/ready", RouteClass.OPEN),
        ("GET", "/static/hub.css", RouteClass.OPEN),
        ("GET", "/healthy", RouteClass.READ),
        ("GET", "/api/v1/opportunities", RouteClass.SEARCH),
        ("GET", "/opportunities/n1", RouteClass.READ),
        ("GET", "/nowhere", RouteClass.READ),
        ("POST", "/health/live", RouteClass.WRITE),
        ("POST", "/api/v1/notifications/read", RouteClass.WRITE),
        ("POST", "/sign-in", RouteClass.SIGN_IN),
        ("POST", "/sign-in/passkey", RouteClass.SIGN_IN),
        ("POST", "/account/passkeys/begin", RouteClass.SIGN_IN),
        ("DELETE", "/api/v1/anything", RouteClass.WRITE),
    ],
)
def test_the_class_of_a_request(method: str, path: str, expected: RouteClass) -> None:
    assert classify(method, path) is expected


def test_only_probes_files_and_counts_are_open() -> None:
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    opened = {
        route.path
        for route in routes
        for method in route.methods or ()
        if classify(method, route.path) is RouteClass.OPEN
    }
    assert opened == {
        "/health/live",
        "/health/ready",
        "/metrics",
        "/static/{name}",
        "/.well-known/jwks.json",
    }
