"""The hub's pages on a real port, with live updates beside them, over memory."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import uvicorn
from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.routing import Mount

from cluster.stores.live_feed import MemoryLiveFeed
from deployments.app import build_app
from deployments.auth import LOCAL, Identify, local_principal
from deployments.backends import Backends
from deployments.realtime.app import build_realtime
from domain.feed import Body, user_room
from domain.ports import FeedBell, LiveFeed
from tests.app import Hub, always


@dataclass(frozen=True, slots=True)
class Site:
    """A running hub: its address, its parts to take away, its feed to speak into."""

    address: str
    hub: Hub
    feed: MemoryLiveFeed

    async def tell(self, body: Body) -> None:
        """Notify the local user, as `notify` does."""
        room = user_room(LOCAL.tenant_id, LOCAL.user_id)
        await self.feed.publish(room, "notification", body)


@asynccontextmanager
async def serving(
    hub: Hub | None = None,
    identify: Identify = local_principal,
    listener: socket.socket | None = None,
) -> AsyncIterator[Site]:
    """Ends with the block."""
    hub, feed = hub or Hub(), MemoryLiveFeed()
    listener = listener or socket.create_server(("127.0.0.1", 0))
    app = _site(hub, feed, identify)
    config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}", hub, feed)
    finally:
        server.should_exit = True
        await running
        listener.close()


def _site(hub: Hub, feed: MemoryLiveFeed, identify: Identify) -> Starlette:
    @asynccontextmanager
    async def open_backends() -> AsyncIterator[Backends]:
        backends = hub.backends()
        yield backends
        await backends.page_images.close()

    @asynccontextmanager
    async def open_feed() -> AsyncIterator[tuple[LiveFeed, FeedBell]]:
        yield feed, feed

    app: FastAPI = build_app(open_backends, always(identify))
    realtime = build_realtime(open_feed, always(identify))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with app.router.lifespan_context(app), realtime.router.lifespan_context(realtime):
            yield

    return Starlette(routes=[Mount("/socket.io", realtime), Mount("/", app)], lifespan=lifespan)
