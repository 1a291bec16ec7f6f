"""What happens to every request before and after its route: names, limits, headers, counts."""

import re
from time import perf_counter
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cluster.telemetry import Metrics, log_request
from deployments.headers import CORRELATION_HEADER, dress
from deployments.problems import render_refused
from domain.document import MAX_DOCUMENT_BYTES

MAX_BODY_BYTES = 64 * 1024
MAX_FORM_BYTES = 1024 * 1024
"""What a form may hold beside the file in it."""
UPLOADS = frozenset({("POST", "/api/v1/documents"), ("POST", "/documents")})
PIECES = "/api/v1/uploads/"
"""Here a body may be as large as a document, if it tells its length first."""
LOOPBACK = re.compile(r"^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$", re.IGNORECASE)


class Correlate:
    """Takes the caller's correlation id or makes one; answers with it, and counts the request."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(CORRELATION_HEADER)
        correlation_id = scope.setdefault("state", {})["correlation_id"] = _uuid(given) or uuid4()
        status, started = 500, perf_counter()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                dress(MutableHeaders(scope=message), correlation_id)
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            duration_s = perf_counter() - started
            route = getattr(scope.get("route"), "path", "unmatched")
            self._metrics.count_request(scope["method"], route, status, duration_s)
            log_request(scope["method"], route, status, duration_s, correlation_id)


class Limit:
    """Refuses foreign host names (a rebound name would make a stranger's page local), acts that
    another site's page sends, and large bodies, told or streamed."""

    def __init__(self, app: ASGIApp, max_body_bytes: int = MAX_BODY_BYTES) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not LOOPBACK.match(headers.get("host", "")):
            await self._refuse(421, "this hub answers to loopback names only", scope, receive, send)
        elif _is_foreign(scope["method"], headers):
            await self._refuse(403, "another site may not act here", scope, receive, send)
        elif _is_upload(scope["method"], scope["path"]):
            await self._upload(headers, scope, receive, send)
        elif _length(headers) > self._max_body_bytes:
            await self._refuse(413, self._too_large(), scope, receive, send)
        elif "content-length" in headers or "transfer-encoding" not in headers:
            await self._app(scope, receive, send)
        else:
            await self._bounded(scope, receive, send)

    async def _upload(self, headers: Headers, scope: Scope, receive: Receive, send: Send) -> None:
        """Streamed to the route: the server holds a body to the length that it told."""
        if "content-length" not in headers or "transfer-encoding" in headers:
            told = "tell the upload's length first"
            await self._refuse(411, told, scope, receive, send)
        elif _length(headers) > MAX_DOCUMENT_BYTES + MAX_FORM_BYTES:
            most = f"a document may have {MAX_DOCUMENT_BYTES:,} bytes"
            await self._refuse(413, most, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _bounded(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A body without a length is read here, so that its end is known before the route runs."""
        body = bytearray()
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > self._max_body_bytes:
                await self._refuse(413, self._too_large(), scope, receive, send)
                return
        pending: list[Message] = [{"type": "http.request", "body": bytes(body), "more_body": False}]

        async def replay() -> Message:
            return pending.pop() if pending else await receive()

        await self._app(scope, replay, send)

    async def _refuse(
        self, status: int, detail: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        response = await render_refused(Request(scope), status, detail)
        await response(scope, receive, send)

    def _too_large(self) -> str:
        return f"a request's body may have {self._max_body_bytes} bytes"


def _is_upload(method: str, path: str) -> bool:
    is_piece = method == "PATCH" and path.startswith(PIECES)
    return is_piece or (method, path) in UPLOADS


def _uuid(text: str | None) -> UUID | None:
    if text is None or not re.fullmatch(r"[0-9a-fA-F-]{32,36}", text):
        return None
    digits = text.replace("-", "")
    return UUID(digits) if len(digits) == 32 else None


def _is_foreign(method: str, headers: Headers) -> bool:
    """Browsers tell where a request comes from; programs don't, and are asked for identity."""
    if method in {"GET", "HEAD", "OPTIONS"}:
        return False
    site = headers.get("sec-fetch-site", "none")
    origin = headers.get("origin")
    from_elsewhere = origin is not None and urlsplit(origin).netloc != headers.get("host")
    return from_elsewhere or site not in {"same-origin", "none"}


def _length(headers: Headers) -> int:
    told = headers.get("content-length", "0")
    return int(told) if told.isdigit() else 0
