"""Time limits: who sends slowly is let go, and what takes too long is given up."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.problems import render_refused

_BODY_TOO_SLOW, _NOT_IN_TIME = 408, 503


class Deadlines:
    """408 for a body that does not come, 503 for an answer that does not begin in time.

    An answer that has begun may take as long as it streams. What is given up is cancelled, so
    that a transaction is rolled back and no connection stays borrowed.
    """

    def __init__(self, app: ASGIApp, body_within_s: float, answer_within_s: float) -> None:
        self._app = app
        self._body_within_s = body_within_s
        self._answer_within_s = answer_within_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        limit = asyncio.timeout(self._answer_within_s)
        watched = _Watched(receive, send, limit, self._body_within_s)
        try:
            async with limit:
                await self._app(scope, watched.read, watched.answer)
        except HTTPException as error:
            if watched.has_begun or error.status_code != _BODY_TOO_SLOW:
                raise
            await self._refuse(_BODY_TOO_SLOW, "the body did not come in time", scope, send)
        except TimeoutError:
            if watched.has_begun or not limit.expired():
                raise
            told = f"the hub did not answer within {self._answer_within_s:g} s"
            await self._refuse(_NOT_IN_TIME, told, scope, send)

    async def _refuse(self, status: int, detail: str, scope: Scope, send: Send) -> None:
        response = await render_refused(Request(scope), status, detail)
        await response(scope, _nothing, send)


class _Watched:
    """One request: what is read of it and what is answered, each in its time."""

    def __init__(
        self, receive: Receive, send: Send, limit: asyncio.Timeout, body_within_s: float
    ) -> None:
        self._receive = receive
        self._send = send
        self._limit = limit
        self._body_within_s = body_within_s
        self._has_body = True
        self.has_begun = False

    async def read(self) -> Message:
        if not self._has_body:  # What is awaited now is that the caller leaves.
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), self._body_within_s)
        except TimeoutError:
            raise HTTPException(_BODY_TOO_SLOW) from None
        self._has_body = message.get("more_body", False)
        return message

    async def answer(self, message: Message) -> None:
        if not self.has_begun:
            self.has_begun = True
            self._limit.reschedule(None)
        await self._send(message)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}
