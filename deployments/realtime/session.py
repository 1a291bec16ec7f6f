"""What a client may say once its WebSocket is open: CONNECT, then join and leave."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from deployments.realtime import packets
from deployments.realtime.connection import LEFT, NOT_VALID, Connection, End, Ended
from deployments.realtime.limits import Limits
from deployments.realtime.packets import Packet, Type
from deployments.realtime.rooms import Rooms, to_json
from domain.access import Principal
from domain.errors import HubError, Invalid
from domain.feed import FeedHistory, FeedMessage, Mark, Room, room_for

Authenticate = Callable[[], Awaitable[Principal]]
"""Raises `Forbidden`."""

REFUSED = End(1008, "not authenticated")
LATE = End(1008, "no CONNECT in time")
REFUSAL_S = 1.0


class JoinRequest(BaseModel):
    """`offset` and `epoch` of the last message seen; both or neither."""

    model_config = ConfigDict(extra="ignore")

    room: Annotated[str, Field(max_length=160)]
    offset: Annotated[int, Field(ge=0, lt=2**53)] | None = None
    epoch: Annotated[str, Field(max_length=64)] | None = None

    @property
    def mark(self) -> Mark | None:
        if self.offset is None or self.epoch is None:
            return None
        return Mark(self.offset, self.epoch)


class Session:
    """One client's conversation. Refusals are answers; what is not Socket.IO ends it."""

    def __init__(
        self, connection: Connection, rooms: Rooms, limits: Limits, sid: str, hello: str
    ) -> None:
        """`hello`: the frame that follows CONNECT's answer."""
        self._connection = connection
        self._rooms = rooms
        self._limits = limits
        self._sid = sid
        self._hello = hello
        self._joined: set[Room] = set()

    async def run(self, authenticate: Authenticate) -> None:
        """Ends by raising `Ended`."""
        principal = await self._connect(authenticate)
        try:
            while True:
                await self._handle(await self._connection.read(), principal)
        finally:
            for room in self._joined:
                self._rooms.leave(self._connection, room)

    async def _connect(self, authenticate: Authenticate) -> Principal:
        try:
            async with asyncio.timeout(self._limits.connect_within_s):
                if (await self._connection.read()).type is not Type.CONNECT:
                    raise Ended(NOT_VALID)
                principal = await authenticate()
        except TimeoutError as error:
            raise Ended(LATE) from error
        except HubError as error:
            await self._refuse(error)
            raise Ended(REFUSED) from error
        self._connection.offer(packets.connected(self._sid))
        self._connection.offer(self._hello)
        return principal

    async def _refuse(self, error: HubError) -> None:
        """The client hears why, and has a moment to leave by itself."""
        self._connection.offer(packets.refused(type(error).__name__, str(error)))
        with suppress(TimeoutError):
            async with asyncio.timeout(REFUSAL_S):
                await self._connection.read()

    async def _handle(self, packet: Packet, principal: Principal) -> None:
        match packet:
            case Packet(Type.EVENT, ack, ["join", request]):
                self._answer(ack, await self._join(request, principal))
            case Packet(Type.EVENT, ack, ["leave", request]):
                self._answer(ack, self._leave(request, principal))
            case Packet(Type.EVENT, ack):
                error = Invalid(what="the event", reason="only join and leave are known")
                self._answer(ack, _refusal(error))
            case Packet(Type.CLOSE | Type.DISCONNECT):
                raise Ended(LEFT)
            case _:
                raise Ended(NOT_VALID)

    def _answer(self, ack: int | None, value: JsonValue) -> None:
        if ack is not None:
            self._connection.offer(packets.answer(ack, value))

    async def _join(self, request: JsonValue, principal: Principal) -> JsonValue:
        try:
            asked = JoinRequest.model_validate(request)
            room = room_for(principal, asked.room)
            if room not in self._joined and len(self._joined) >= self._limits.rooms:
                raise Invalid(what="the join", reason=f"{self._limits.rooms} rooms are the most")
            history = await self._rooms.join(self._connection, room, asked.mark)
        except ValidationError as error:
            return _refusal(Invalid(what="the join", reason=error.errors()[0]["msg"]))
        except HubError as error:
            return _refusal(error)
        self._joined.add(room)
        return _answered(history, self._limits.replay_bytes)

    def _leave(self, request: JsonValue, principal: Principal) -> JsonValue:
        try:
            room = room_for(principal, JoinRequest.model_validate(request).room)
        except ValidationError as error:
            return _refusal(Invalid(what="the leave", reason=error.errors()[0]["msg"]))
        except HubError as error:
            return _refusal(error)
        self._joined.discard(room)
        self._rooms.leave(self._connection, room)
        return {"ok": True}


def _answered(history: FeedHistory, limit_bytes: int) -> JsonValue:
    """The newest missed messages that fit; where some don't, recovery was not complete."""
    fitting = _newest(history.messages, limit_bytes)
    return {
        "ok": True,
        "offset": history.mark.offset,
        "epoch": history.mark.epoch,
        "complete": history.complete and len(fitting) == len(history.messages),
        "messages": fitting,
    }


def _newest(messages: Sequence[FeedMessage], limit_bytes: int) -> list[JsonValue]:
    fitting: list[JsonValue] = []
    for message in reversed(messages):
        told = to_json(message)
        limit_bytes -= len(packets.event("message", told))
        if limit_bytes < 0:
            break
        fitting.insert(0, told)
    return fitting


def _refusal(error: HubError) -> JsonValue:
    return {"ok": False, "error": {"type": type(error).__name__, "detail": str(error)}}
