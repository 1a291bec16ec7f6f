"""Who is counted for a request: found from what it shows, without asking any store."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

from starlette.requests import HTTPConnection

from cluster.stores.rates import Shown
from cluster.stores.redis import key
from cluster.stores.service_accounts import service_record
from deployments.auth import KEY_MARK, LOCAL, BearerTokens, session_token
from domain.access import PUBLIC, SERVICE
from domain.errors import Unauthenticated, Unavailable
from domain.limits import Asker

_LOOPBACK = {"127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class Caller:
    """`shown` is read while counting, and may make the asker known."""

    asker: Asker
    shown: Shown | None = None


FindCaller = Callable[[HTTPConnection], Awaitable[Caller]]


class Callers:
    """Implements `FindCaller` in the order in which `deployments.auth` looks at credentials.

    It lets nobody in: what proves nothing is counted by address, and refused later.
    """

    def __init__(self, bearer: BearerTokens | None = None, *, lets_local_in: bool = True) -> None:
        self._bearer = bearer
        self._lets_local_in = lets_local_in

    async def __call__(self, connection: HTTPConnection) -> Caller:
        host = connection.client.host if connection.client else ""
        if token := session_token(connection):
            return Caller(Asker(host), Shown(key(PUBLIC, "session", _digest(token))))
        if told := connection.headers.get("authorization"):
            return await self._authorized(host, told.partition(" ")[2].strip())
        if self._lets_local_in and host in _LOOPBACK:
            return Caller(Asker(host, LOCAL.tenant_id, LOCAL.user_id))
        return Caller(Asker(host))

    async def _authorized(self, host: str, credential: str) -> Caller:
        if credential.startswith(KEY_MARK):
            prefix, _, secret = credential.removeprefix(KEY_MARK).partition("_")
            record_key = key(PUBLIC, "api_key", prefix[:20])
            return Caller(Asker(host), Shown(record_key, f"key:{prefix[:20]}", _digest(secret)))
        if self._bearer is None:
            return Caller(Asker(host))
        try:
            principal = await self._bearer.principal(credential)
        except (Unauthenticated, Unavailable):
            return Caller(Asker(host))
        asker = Asker(host, principal.tenant_id, principal.user_id)
        if not principal.user_id.startswith(SERVICE):
            return Caller(asker)
        name = principal.user_id.removeprefix(SERVICE)
        return Caller(asker, Shown(service_record(principal.tenant_id, name), principal.user_id))


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
