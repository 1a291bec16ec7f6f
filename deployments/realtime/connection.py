"""One client's WebSocket: a bounded queue out, limits in, a heartbeat, and an end with a reason."""

import asyncio
import logging
from collections import deque
from contextlib import suppress
from dataclasses import dataclass

from starlette.websockets import WebSocket, WebSocketDisconnect

from deployments.realtime.limits import Allowance, Limits
from deployments.realtime.packets import Packet, Type, parse
from domain.errors import Invalid

logger = logging.getLogger(__name__)

CLOSE_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True)
class End:
    """Why a connection ends: a close code of RFC 6455 and words for it."""

    code: int
    reason: str


LEFT = End(1000, "left")
NOT_VALID = End(1002, "not valid Socket.IO 5")
TEXT_ONLY = End(1003, "text frames only")
TOO_LARGE = End(1009, "frame too large")
TOO_MANY = End(1008, "too many frames")
TOO_SLOW = End(1013, "too slow for its rooms")
SILENT = End(1001, "no answer to a ping")
CRASHED = End(1011, "a defect of the hub")
RESTART = End(1012, "the hub restarts")


class Ended(Exception):
    """Raised by reading from a connection that is over, or must be."""

    def __init__(self, why: End) -> None:
        super().__init__(why)
        self.why = why


class Connection:
    """Frames offered are sent in order; a client that does not take them is let go."""

    def __init__(self, socket: WebSocket, limits: Limits) -> None:
        self._socket = socket
        self._limits = limits
        self._allowance = Allowance(limits.frames_per_s, limits.burst_frames)
        self._queue: deque[str] = deque()
        self._queued_bytes = 0
        self._queued = asyncio.Event()
        self._heard = asyncio.Event()
        self._end: asyncio.Future[End] = asyncio.get_running_loop().create_future()

    def offer(self, frame: str) -> None:
        """Never blocks. Too much of it unsent ends the connection."""
        self._queue.append(frame)
        self._queued_bytes += len(frame)
        self._queued.set()
        if (
            len(self._queue) > self._limits.queued_frames
            or self._queued_bytes > self._limits.queued_bytes
        ):
            self.end(TOO_SLOW)

    def end(self, why: End) -> None:
        """The first reason counts."""
        if not self._end.done():
            self._end.set_result(why)

    async def read(self) -> Packet:
        """The next packet that is not of the heartbeat. Raises `Ended`."""
        while True:
            packet = _parsed(await self._received())
            self._heard.set()
            if packet.type is Type.PING:
                self.offer(Type.PONG)
            elif packet.type is not Type.PONG:
                return packet

    async def serve(self, reading: asyncio.Task[None]) -> End:
        """Send and ping until an end, or until the reading does; then close."""
        own = (self._write(), self._ping(), self._told())
        tasks = [reading, *map(asyncio.create_task, own)]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            self._conclude(result)
        self.end(LEFT)
        why = self._end.result()
        await self._close(why)
        return why

    async def _told(self) -> None:
        """Until someone else ends the connection."""
        await asyncio.shield(self._end)

    def _conclude(self, result: BaseException | None) -> None:
        """Why one of the tasks is over, if it tells."""
        if isinstance(result, Ended):
            self.end(result.why)
        elif isinstance(result, Exception):
            logger.error("a connection met a defect", exc_info=result)
            self.end(CRASHED)

    async def _received(self) -> str:
        """A frame within the limits. Raises `Ended`."""
        message = await self._socket.receive()
        if message["type"] != "websocket.receive":
            raise Ended(LEFT)
        text: str | None = message.get("text")
        if text is None:
            raise Ended(TEXT_ONLY)
        if len(text) > self._limits.frame_bytes or len(text.encode()) > self._limits.frame_bytes:
            raise Ended(TOO_LARGE)
        if not self._allowance.take():
            raise Ended(TOO_MANY)
        return text

    async def _write(self) -> None:
        """Ends with the socket: a frame that can't be sent is the reader's news too."""
        with suppress(WebSocketDisconnect, RuntimeError, OSError):
            while True:
                await self._queued.wait()
                self._queued.clear()
                while self._queue:
                    frame = self._queue.popleft()
                    self._queued_bytes -= len(frame)
                    await self._socket.send_text(frame)

    async def _ping(self) -> None:
        """Engine.IO 4: the server pings. Any frame is a sign of life."""
        while True:
            await asyncio.sleep(self._limits.ping_interval_s)
            self._heard.clear()
            self.offer(Type.PING)
            try:
                await asyncio.wait_for(self._heard.wait(), self._limits.ping_timeout_s)
            except TimeoutError:
                raise Ended(SILENT) from None

    async def _close(self, why: End) -> None:
        """A slow or vanished client may not take even this."""
        with suppress(WebSocketDisconnect, RuntimeError, OSError, TimeoutError):
            await asyncio.wait_for(self._socket.close(why.code, why.reason), CLOSE_WITHIN_S)


def _parsed(frame: str) -> Packet:
    try:
        return parse(frame)
    except Invalid as error:
        raise Ended(NOT_VALID) from error
