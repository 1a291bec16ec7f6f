"""What happens to every request before and after its route: names, limits, headers, counts."""

import re
from collections.abc import Collection
from time import perf_counter
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cluster.telemetry import Metrics, log_request
from cluster.tracing import HEADER as TRACE_HEADER
from cluster.tracing import Trace, current
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
    """Takes over the caller's correlation id and trace, or makes them; answers with both, and
    counts the request."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(CORRELATION_HEADER)
        correlation_id = scope.setdefault("state", {})["correlation_id"] = _uuid(given) or uuid4()
        trace = _continued(Headers(scope=scope).get(TRACE_HEADER))
        running = current.set(trace)
        status, started = 500, perf_counter()

        async def answer(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                dress(headers, correlation_id)
                headers[TRACE_HEADER] = str(trace)
            await send(message)

        try:
            await self._app(scope, receive, answer)
        finally:
            current.reset(running)
            duration_s = perf_counter() - started
            route = getattr(scope.get("route"), "path", "unmatched")
            self._metrics.count_request(scope["method"], route, status, duration_s)
            log_request(scope["method"], route, status, duration_s, correlation_id)


class Limit:
    """Refuses foreign host names (a rebound name would make a stranger's page local), acts that
    another site's page sends, and large bodies, told or streamed.

    Besides those of loopback it answers to `hosts`, names with or without a port; pages of
    `origins` may act, but with no cookie: what the hub knows of a browser is not theirs.
    """

    def __init__(
        self,
        app: ASGIApp,
        max_body_bytes: int = MAX_BODY_BYTES,
        hosts: Collection[str] = (),
        origins: Collection[str] = (),
    ) -> None:
        self._app = app
        self._max_body_bytes = max_body_bytes
        self._hosts = {host.lower() for host in hosts}
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        if not self._answers_to(headers.get("host", "")):
            await self._refuse(421, "this hub does not answer to that name", scope, receive, send)
        elif _is_foreign(scope["method"], headers) and not self._is_invited(headers):
            await self._refuse(403, "another site may not act here", scope, receive, send)
        elif _is_upload(scope["method"], scope["path"]):
            await self._upload(headers, scope, receive, send)
        elif _length(headers) > self._max_body_bytes:
            await self._refuse(413, self._too_large(), scope, receive, send)
        elif "content-length" in headers or "transfer-encoding" not in headers:
            await self._app(scope, receive, send)
        else:
            await self._bounded(scope, receive, send)

    def _answers_to(self, host: str) -> bool:
        plain = host.lower()
        is_named = plain in self._hosts or plain.rpartition(":")[0] in self._hosts
        return is_named or LOOPBACK.match(host) is not None

    def _is_invited(self, headers: Headers) -> bool:
        return headers.get("origin") in self._origins and "cookie" not in headers

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
            if message["type"] == "http.disconnect":  # Half a body is none.
                return
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


def _continued(told: str | None) -> Trace:
    """The caller's trace with a span of ours, or a new one."""
    trace = Trace.parse(told)
    return trace.child() if trace else Trace.begin()


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
