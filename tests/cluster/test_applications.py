"""What `mch deploy` says to Ray's dashboard, which is a small server of ours here."""

from collections.abc import AsyncIterator

import httpx
import pytest
from aiohttp import web

from cluster.servers.applications import ServeClient, serve_config

TOKEN = "a-token-of-a-cluster"  # noqa: S105 - of no server


class Dashboard:
    """Takes the configuration of whoever has the token, as Ray does."""

    def __init__(self) -> None:
        self.told: list[dict[str, object]] = []

    async def put(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return web.Response(status=401, text="Missing authentication token")
        self.told.append(await request.json())
        return web.json_response({})


@pytest.fixture
async def dashboard() -> AsyncIterator[tuple[Dashboard, str]]:
    known = Dashboard()
    app = web.Application()
    app.router.add_put("/api/serve/applications/", known.put)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    yield known, f"http://127.0.0.1:{port}"
    await runner.cleanup()


async def test_who_has_the_token_deploys(dashboard: tuple[Dashboard, str]) -> None:
    known, address = dashboard
    serve = ServeClient(address, TOKEN)
    await serve.deploy(serve_config(port=9_999))
    await serve.close()
    [told] = known.told
    assert told["http_options"] == {"host": "127.0.0.1", "port": 9_999}


async def test_who_has_none_is_told_why(dashboard: tuple[Dashboard, str]) -> None:
    serve = ServeClient(dashboard[1])
    with pytest.raises(httpx.HTTPError, match="Missing authentication token"):
        await serve.deploy(serve_config())
    await serve.close()
