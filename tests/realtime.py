"""The application `realtime` on a real socket, and clients for it."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import socketio
import uvicorn
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from deployments.auth import Identify, local_principal
from deployments.realtime.app import build_realtime
from deployments.realtime.limits import Limits
from domain.feed import user_room
from domain.ports import FeedBell, LiveFeed
from tests.app import always

OURS = UUID(int=1)
MINE = user_room(OURS, "local")

Open = Callable[[], AbstractAsyncContextManager[tuple[LiveFeed, FeedBell]]]


def opening(feed: LiveFeed, bell: FeedBell) -> Open:
    @asynccontextmanager
    async def open_feed() -> AsyncIterator[tuple[LiveFeed, FeedBell]]:
        yield feed, bell

    return open_feed


@asynccontextmanager
async def serving(
    open_feed: Open, identify: Identify = local_principal, limits: Limits | None = None
) -> AsyncIterator[str]:
    """The address of a server that ends with the test."""
    app = build_realtime(open_feed, always(identify), limits)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running
        listener.close()


class Browser:
    """A Socket.IO client that writes down what it hears."""

    def __init__(self) -> None:
        self.client = socketio.AsyncClient(reconnection=False)
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.states: list[str] = []
        self.client.on("message", lambda room, message: self.heard.append((room, message)))
        self.client.on("feed", lambda feed: self.states.append(feed["state"]))

    async def join(self, room: str, **mark: Any) -> Any:
        return await self.client.call("join", {"room": room, **mark}, timeout=5)

    async def until(self, messages: int) -> None:
        async with asyncio.timeout(5):
            while len(self.heard) < messages:
                await asyncio.sleep(0.01)

    def numbers(self) -> list[int]:
        return [message["body"]["n"] for _, message in self.heard]


@asynccontextmanager
async def browsing(address: str) -> AsyncIterator[Browser]:
    browser = Browser()
    await browser.client.connect(f"http://{address}", transports=["websocket"])
    try:
        yield browser
    finally:
        await browser.client.disconnect()


def url(address: str) -> str:
    return f"ws://{address}/socket.io/?EIO=4&transport=websocket"


@asynccontextmanager
async def raw(address: str) -> AsyncIterator[ClientConnection]:
    """A client without manners, past its CONNECT."""
    async with connect(url(address)) as client:
        await client.recv()
        await client.send("40")
        await client.recv()
        yield client


async def closing(client: ClientConnection) -> int | None:
    """The code with which the hub ends the connection."""
    async with asyncio.timeout(10):
        with suppress(ConnectionClosed):
            while True:
                await client.recv()
    return client.close_code


async def joined(client: ClientConnection, room: str) -> Any:
    await client.send("421" + json.dumps(["join", {"room": room}]))
    while not (frame := str(await client.recv())).startswith("431"):
        pass
    return json.loads(frame[3:])[0]
