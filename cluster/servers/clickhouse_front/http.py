"""The HTTP interface: who may ask, what a request means, how an answer or an error looks."""

import base64
import binascii
import hmac
import json
from dataclasses import asdict, dataclass
from uuid import uuid4

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cluster.servers.clickhouse_front.codings import TooLarge, Undecodable, decode, encode
from cluster.servers.clickhouse_front.engine import Answer, Engine, Refused
from cluster.servers.clickhouse_front.statements import (
    BadRequest,
    Statement,
    form_fields,
    statement,
)

BODY_LIMIT_BYTES = 256 << 20

AUTHENTICATION_FAILED = 516
BAD_ARGUMENTS = 36
CANNOT_DECODE = 271
REQUEST_TOO_LARGE = 307

# As ClickHouse's own server maps them; 500 for the rest.
_STATUS = {
    AUTHENTICATION_FAILED: 403,
    497: 403,  # access denied
    REQUEST_TOO_LARGE: 413,
    159: 408,  # timeout
    241: 500,  # memory limit
    **dict.fromkeys((60, 81, 115, 46), 404),  # unknown table, database, setting, function
    **dict.fromkeys((6, 26, 27, 36, 38, 41, 43, 47, 53, 62, CANNOT_DECODE), 400),
}


@dataclass(frozen=True, slots=True)
class Credentials:
    username: str
    password: str

    def match(self, username: str, password: str) -> bool:
        """In a time that tells nothing about the password."""
        same_name = hmac.compare_digest(username.encode(), self.username.encode())
        return hmac.compare_digest(password.encode(), self.password.encode()) and same_name


class Front:
    def __init__(self, engine: Engine, credentials: Credentials) -> None:
        self._engine = engine
        self._credentials = credentials

    async def ping(self, request: Request) -> Response:
        return PlainTextResponse("Ok.\n")

    async def ask(self, request: Request) -> Response:
        query_id = request.query_params.get("query_id") or str(uuid4())
        try:
            return await self._answer(request, query_id)
        except Refused as error:
            return _refusal(error, query_id)
        except TooLarge as error:
            reason = f"the request exceeds {error.limit_bytes} bytes"
            return _refusal(_refused(REQUEST_TOO_LARGE, reason), query_id)
        except Undecodable as error:
            return _refusal(_refused(CANNOT_DECODE, error.reason), query_id)
        except BadRequest as error:
            return _refusal(_refused(BAD_ARGUMENTS, error.reason), query_id)

    async def _answer(self, request: Request, query_id: str) -> Response:
        if request.method != "POST" and "query" not in request.query_params:
            return await self.ping(request)
        if not self._credentials.match(*_claimed(request)):
            raise _refused(AUTHENTICATION_FAILED, "Authentication failed: wrong name or password")
        asked = await _read(request)
        answer = await self._engine.run(asked)
        accepted = request.headers.get("accept-encoding", "") if _may_encode(request) else ""
        content, coding = await run_in_threadpool(encode, answer.content, accepted)
        encoded = {"Content-Encoding": coding} if coding else {}
        return Response(content, headers=_headers(answer, asked, query_id) | encoded)


def build_front(engine: Engine, credentials: Credentials) -> Starlette:
    front = Front(engine, credentials)
    return Starlette(
        routes=[
            Route("/ping", front.ping),
            Route("/replicas_status", front.ping),
            Route("/", front.ask, methods=["GET", "HEAD", "POST"]),
        ]
    )


async def _read(request: Request) -> Statement:
    body = await _body(request)
    coding = request.headers.get("content-encoding", "").lower()
    body = await run_in_threadpool(decode, body, coding, BODY_LIMIT_BYTES)
    query = dict(request.query_params)
    content_type = request.headers.get("content-type", "")
    if content_type.lower().startswith("multipart/form-data"):
        query, body = query | form_fields(content_type, body), b""
    return statement(query, body, read_only=request.method != "POST")


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > BODY_LIMIT_BYTES:
            raise TooLarge(BODY_LIMIT_BYTES)
    return bytes(body)


def _claimed(request: Request) -> tuple[str, str]:
    """Name and password, from any of the three places that ClickHouse knows."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            name, _, password = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise BadRequest("the Authorization header is no Basic one") from error
        return name, password
    if user := request.headers.get("x-clickhouse-user"):
        return user, request.headers.get("x-clickhouse-key", "")
    return request.query_params.get("user", "default"), request.query_params.get("password", "")


def _may_encode(request: Request) -> bool:
    return request.query_params.get("enable_http_compression") in ("1", "true")


def _headers(answer: Answer, asked: Statement, query_id: str) -> dict[str, str]:
    facts = {name: str(value) for name, value in asdict(answer).items() if name != "content"}
    headers: dict[str, str] = {
        "Content-Type": "application/octet-stream",
        "X-ClickHouse-Query-Id": query_id,
        "X-ClickHouse-Server-Display-Name": "chdb",
        "X-ClickHouse-Timezone": "UTC",
        "X-ClickHouse-Summary": json.dumps(facts),
    }
    if asked.is_answered:
        headers["X-ClickHouse-Format"] = asked.answer_format
    return headers


def _refused(code: int, reason: str) -> Refused:
    return Refused(code, f"Code: {code}. DB::Exception: {reason}")


def _refusal(error: Refused, query_id: str) -> Response:
    return PlainTextResponse(
        error.reason + "\n",
        status_code=_STATUS.get(error.code, 500),
        headers={
            "X-ClickHouse-Exception-Code": str(error.code),
            "X-ClickHouse-Query-Id": query_id,
        },
    )
