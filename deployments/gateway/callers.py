"""Who is counted for a request: found from what it shows, without asking any store."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import HTTPConnection

from deployments.auth import LOCAL, session_token
from domain.limits import Asker

_LOOPBACK = {"127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Caller:
    """`record_key` is where Redis holds what the credential stands for: read while counting."""

    asker: Asker
    record_key: str | None = None


FindCaller = Callable[[HTTPConnection], Awaitable[Caller]]


async def local_caller(connection: HTTPConnection) -> Caller:
    """Whoever shows nothing on this machine is its user; anybody else counts by address."""
    host = connection.client.host if connection.client else ""
    shows = session_token(connection) is not None or "authorization" in connection.headers
    if host in _LOOPBACK and not shows:
        return Caller(Asker(host, LOCAL.tenant_id, LOCAL.user_id))
    return Caller(Asker(host))
