"""A limit holds for all replicas together: on a real Serve, behind its proxy, under load."""

import asyncio
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import AsyncExitStack

import pytest
from httpx import AsyncClient, Response
from ray import serve
from ray.serve.config import HTTPOptions

from domain.limits import RouteClass, quotas
from tests.limited_replicas import REPLICA, limited
from tests.valkey import LocalValkey

SCALE = 0.1
QUOTA = quotas(SCALE)[RouteClass.READ][0].quota
CLIENTS = 6
READS = "/api/v1/notifications/unread"


@pytest.fixture
def hub(ray_local: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where two replicas of the application answer."""
    valkey = LocalValkey(tmp_path_factory.mktemp("valkey"))
    valkey.start()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    serve.start(proxy_location="HeadOnly", http_options=HTTPOptions(host="127.0.0.1", port=port))
    serve.run(limited(valkey.settings, SCALE, replicas=2), name="app", route_prefix="/")
    yield f"http://127.0.0.1:{port}"
    serve.shutdown()  # type: ignore[no-untyped-call]
    valkey.stop()


@pytest.mark.ray
async def test_of_many_callers_at_two_replicas_exactly_the_quota_is_let_through(hub: str) -> None:
    async def ask(client: AsyncClient) -> list[Response]:
        return [await client.get(READS) for _ in range(QUOTA // CLIENTS * 2)]

    async with AsyncExitStack() as stack:
        clients = [
            await stack.enter_async_context(AsyncClient(base_url=hub, timeout=30.0))
            for _ in range(CLIENTS)
        ]
        asked = await asyncio.gather(*(ask(client) for client in clients))
    answers = [answer for each in asked for answer in each]
    assert Counter(answer.status_code for answer in answers) == {200: QUOTA, 429: QUOTA}
    passed = [answer.headers[REPLICA] for answer in answers if answer.status_code == 200]
    assert len(set(passed)) == 2
