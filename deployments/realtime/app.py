"""The application `realtime`: Socket.IO 5 over WebSocket, and its health. Knows no Ray."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime
from functools import partial
from urllib.parse import urlsplit
from uuid import uuid4

from pydantic import JsonValue
from starlette.applications import Starlette
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from cluster.settings import Settings
from cluster.stores.feed_bell import RedisFeedBell
from cluster.stores.live_feed import RedisLiveFeed
from cluster.stores.redis import open_redis
from deployments.auth import Identify, OpenIdentify
from deployments.realtime import packets
from deployments.realtime.connection import RESTART, Connection
from deployments.realtime.limits import Limits
from deployments.realtime.rooms import Rooms
from deployments.realtime.session import Session
from deployments.realtime.watched import Watched
from domain.access import Principal
from domain.clock import utc_now
from domain.feed import Room
from domain.ports import FeedBell, LiveFeed

WATCH_S = 0.5


OpenFeed = Callable[[], AbstractAsyncContextManager[tuple[LiveFeed, FeedBell]]]


@asynccontextmanager
async def open_live_feed() -> AsyncIterator[tuple[LiveFeed, FeedBell]]:
    """The real ones, from this process's settings."""
    async with open_redis(Settings().redis) as client:
        yield RedisLiveFeed(client), RedisFeedBell(client)


def build_realtime(
    open_feed: OpenFeed, open_identify: OpenIdentify, limits: Limits | None = None
) -> Starlette:
    """Built inside each replica, which is why it opens nothing before its lifespan begins."""
    realtime = Realtime(limits or Limits())

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with (
            open_feed() as (feed, bell),
            open_identify() as identify,
            realtime.running(feed, bell, identify),
        ):
            yield

    routes = [
        Route("/health", realtime.health),
        WebSocketRoute("/{rest:path}", realtime.serve),
        Route("/{rest:path}", _only_websocket, methods=["GET", "POST"]),
    ]
    app = Starlette(routes=routes, lifespan=lifespan)
    app.state.realtime = realtime
    return app


class Realtime:
    """All clients of one replica, one listener for them, and whether it listens."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._clients: set[Connection] = set()
        self._watched = Watched()
        self._cut_off_since: datetime | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @asynccontextmanager
    async def running(
        self, feed: LiveFeed, bell: FeedBell, identify: Identify
    ) -> AsyncIterator[None]:
        self._identify = identify
        self._rooms = Rooms(feed)
        self._bell = bell
        loops = (
            bell.listen(self._ring),
            self._rooms.deliver(),
            self._watched.check(identify),
            self._watch(),
        )
        self._tasks = [asyncio.create_task(loop) for loop in loops]
        try:
            yield
        finally:
            for client in self._clients:
                client.end(RESTART)
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def check(self) -> None:
        """Raises what ended one of the loops, which only a new replica mends."""
        for task in self._tasks:
            if task.done():
                task.result()

    async def health(self, request: Request) -> Response:
        """503 while news may be missed."""
        ended = [repr(task.exception()) for task in self._tasks if task.done()]
        trouble = "; ".join(ended) or self._bell.trouble()
        body = {
            "state": "down" if ended else "degraded" if trouble else "up",
            "detail": trouble,
            "clients": len(self._clients),
            "rooms": self._rooms.count(),
        }
        return JSONResponse(body, 503 if trouble else 200)

    async def serve(self, socket: WebSocket) -> None:
        """One client, from its handshake to its end."""
        if not _is_own(socket) or len(self._clients) >= self._limits.clients:
            return await socket.close(1008)
        await socket.accept()
        connection = Connection(socket, self._limits)
        self._clients.add(connection)
        try:
            sid = uuid4().hex
            connection.offer(self._opened(sid))
            session = Session(connection, self._rooms, self._limits, sid, self._state())
            authenticate = partial(self._authenticate, socket, connection)
            reading = asyncio.create_task(session.run(authenticate))
            await connection.serve(reading)
        finally:
            self._clients.discard(connection)
            self._watched.discard(connection)

    async def _authenticate(self, socket: WebSocket, connection: Connection) -> Principal:
        principal = await self._identify(socket)
        self._watched.add(connection, socket, principal)
        return principal

    def _ring(self, room: Room | None) -> None:
        self._watched.ring(room)
        self._rooms.ring(room)

    def _opened(self, sid: str) -> str:
        return packets.opened(
            sid,
            ping_interval_s=self._limits.ping_interval_s,
            ping_timeout_s=self._limits.ping_timeout_s,
            max_bytes=self._limits.frame_bytes,
        )

    def _state(self) -> str:
        """Tells a client whether news reaches this replica."""
        since = self._cut_off_since
        feed: JsonValue = (
            {"state": "down", "since": since.isoformat()} if since else {"state": "up"}
        )
        return packets.event("feed", feed)

    async def _watch(self) -> None:
        """Clients are told when the listener is cut off, and when it is back."""
        while True:
            await asyncio.sleep(WATCH_S)
            is_cut_off = self._bell.trouble() is not None
            if is_cut_off != (self._cut_off_since is not None):
                self._cut_off_since = utc_now() if is_cut_off else None
                for client in self._clients:
                    client.offer(self._state())


def _is_own(socket: HTTPConnection) -> bool:
    """Browsers tell their page's origin; what tells none is no browser."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")


async def _only_websocket(request: Request) -> Response:
    """As Engine.IO answers a transport that it does not have."""
    return JSONResponse({"code": 0, "message": "Transport unknown"}, 400)
