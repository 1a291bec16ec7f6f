"""Open sockets and what let them in: looked at again when that changes, and cut off without it."""

import asyncio
import logging
from dataclasses import dataclass

from starlette.websockets import WebSocket

from cluster.stores.sessions import credential_room
from deployments.auth import Identify
from deployments.realtime.connection import Connection, End
from domain.access import Principal
from domain.errors import HubError, Unavailable
from domain.feed import Room

logger = logging.getLogger(__name__)

REVOKED = End(1008, "what let you in holds no longer")
CHANGED = End(1012, "what you may see has changed")
RETRY_S = 0.5


@dataclass(frozen=True, slots=True)
class _Let:
    socket: WebSocket
    principal: Principal


class Watched:
    """A ring names the credential; a ring for all, after the bell was cut off, means any."""

    def __init__(self) -> None:
        self._let: dict[Connection, _Let] = {}
        self._rung: set[Connection] = set()
        self._news = asyncio.Event()

    def add(self, connection: Connection, socket: WebSocket, principal: Principal) -> None:
        """Looked at once more: it may have been revoked just before we listened for that."""
        self._let[connection] = _Let(socket, principal)
        self._rung.add(connection)
        self._news.set()

    def discard(self, connection: Connection) -> None:
        self._let.pop(connection, None)
        self._rung.discard(connection)

    def ring(self, room: Room | None) -> None:
        rung = {
            connection
            for connection, let in self._let.items()
            if room is None or room == credential_room(let.principal.credential)
        }
        self._rung |= rung
        if rung:
            self._news.set()

    async def check(self, identify: Identify) -> None:
        """Until cancelled. Where nobody can tell, it is asked again: nobody is let off."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._rung:
                connection = self._rung.pop()
                if connection in self._let and not await self._holds(connection, identify):
                    await asyncio.sleep(RETRY_S)

    async def _holds(self, connection: Connection, identify: Identify) -> bool:
        """False if nobody could tell; then it is rung again."""
        let = self._let[connection]
        try:
            if await identify(let.socket) != let.principal:
                connection.end(CHANGED)
        except Unavailable as error:
            logger.warning("a socket's right to be open waits to be looked at: %s", error)
            self._rung.add(connection)
            return False
        except HubError:  # Not swallowed: it is what ends the connection.
            connection.end(REVOKED)
        return True
