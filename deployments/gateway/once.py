"""`Idempotency-Key` on POST under `/api/`: a repetition acts once and is answered alike."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from deployments.problems import render_error
from domain.access import Principal
from domain.errors import HubError, Invalid, Unavailable
from domain.idempotency import Answer, Attempt, Idempotency, digest_of, read_key

logger = logging.getLogger("mch.once")

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"

_KEPT_HEADERS = {b"content-type", b"location"}


@dataclass(slots=True)
class Asked:
    """What the middleware knows of a request under a key; `attempt` once it is claimed."""

    key: str
    digest: bytes
    attempt: Attempt | None = None


def refuse_to_repeat(request: Request, what: str) -> None:
    """For answers that hold a secret, which a repetition would have kept. Raises `Invalid`."""
    if HEADER in request.headers:
        raise Invalid(what="this request", reason=f"send no {HEADER}: {what} are not kept")


class Replayed(Exception):
    """In place of acting again: what was answered before."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer


class Once:
    """Reads the body, so that the route's guard can claim the key for it, and keeps the answer
    before it is sent: whoever has it need not fear a repetition.

    An answer of 500 or more is not kept: nothing came of the request.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        if HEADER not in headers or not _is_meant(scope):
            await self._app(scope, receive, send)
            return
        try:
            key = read_key(headers[HEADER])
        except HubError as error:
            response = await render_error(Request(scope), error)
            await response(scope, receive, send)
            return
        body = await _read(receive)
        if body is None:
            return
        target = f"{scope['path']}?{scope['query_string'].decode('latin-1')}"
        digest = digest_of(scope["method"], target, headers.get("content-type", ""), body)
        asked = scope["state"]["asked"] = Asked(key, digest)
        await self._answer(asked, body, scope, receive, send)

    async def _answer(
        self, asked: Asked, body: bytes, scope: Scope, receive: Receive, send: Send
    ) -> None:
        pending: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]
        told: list[Message] = []

        async def replay() -> Message:
            return pending.pop() if pending else await receive()

        async def keep(message: Message) -> None:
            told.append(message)

        store: Idempotency = scope["app"].state.backends.idempotency
        try:
            await self._app(scope, replay, keep)
        except BaseException:
            if asked.attempt:
                await store.release(asked.attempt)
            raise
        if asked.attempt:
            await _keep(store, asked.attempt, told)
        for message in told:
            await send(message)


async def claim(request: Request, principal: Principal) -> None:
    """For a guard, once it knows who asks and that he may. Raises `Replayed`, `InProgress` and
    `Invalid`.
    """
    asked: Asked | None = getattr(request.state, "asked", None)
    if asked is None:
        return
    attempt = Attempt(principal.tenant_id, principal.user_id, asked.key, asked.digest)
    store: Idempotency = request.app.state.backends.idempotency
    if answer := await store.begin(attempt):
        raise Replayed(answer)
    asked.attempt = attempt


async def render_replayed(request: Request, replayed: Exception) -> Response:
    if not isinstance(replayed, Replayed):
        raise replayed
    answer = replayed.answer
    headers = {**dict(answer.headers), REPLAYED: "true"}
    return Response(answer.body, answer.status, headers)


async def _keep(store: Idempotency, attempt: Attempt, told: Sequence[Message]) -> None:
    """What was done is answered even where that cannot be remembered: the log tells of it."""
    begun = told[0]
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1"))
        for name, value in begun.get("headers", ())
        if name.lower() in _KEPT_HEADERS
    )
    answer = Answer(begun["status"], headers, b"".join(each.get("body", b"") for each in told))
    try:
        if answer.status >= 500:
            await store.release(attempt)
        else:
            await store.finish(attempt, answer)
    except Unavailable as outage:
        logger.warning("an answer is not kept under its key", extra={"facts": {"why": str(outage)}})


async def _read(receive: Receive) -> bytes | None:
    """None where the caller left before its end."""
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return bytes(body)


def _is_meant(scope: Scope) -> bool:
    is_post: bool = scope["method"] == "POST"
    return is_post and scope["path"].startswith("/api/")
