"""Redis: opening a client, and its outages as one error."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from redis.asyncio import BlockingConnectionPool, Redis, SSLConnection
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    BusyLoadingError,
    ClusterDownError,
    ConnectionError,
    MasterDownError,
    OutOfMemoryError,
    ReadOnlyError,
    ResponseError,
    TimeoutError,
    TryAgainError,
)

from cluster.settings import RedisSettings
from domain.errors import Unavailable

CONNECT_S = 3.0
ANSWER_S = 5.0
CONNECTIONS = 16
"""Of one client; more callers at once wait for one."""

_OUTAGES = (
    OSError,
    ConnectionError,
    TimeoutError,
    BusyLoadingError,
    ReadOnlyError,
    MasterDownError,
    ClusterDownError,
    TryAgainError,
    OutOfMemoryError,
)

# Answers by which a server refuses writes for the time being, without a class of their own.
_REFUSALS = ("MISCONF", "NOREPLICAS")


_foreseen: ContextVar[dict[str, bytes | None] | None] = ContextVar("foreseen", default=None)


@contextmanager
def foreseeing(name: str, value: bytes | None) -> Iterator[None]:
    """Within the block, in this task and those that it starts, the first `get` of this name is
    answered with this value. For what was read with something else: it spares a round trip.
    """
    before = _foreseen.set({name: value})
    try:
        yield
    finally:
        _foreseen.reset(before)


class Foreseeing(Redis):
    """Answers each `get` that was foreseen once; whoever looks again is told what is there now."""

    def get(self, name: Any) -> Any:
        foreseen = _foreseen.get()
        if foreseen is None or name not in foreseen:
            return super().get(name)
        return _told_at_once(foreseen.pop(name))


async def _told_at_once(value: bytes | None) -> bytes | None:
    return value


@asynccontextmanager
async def open_redis(settings: RedisSettings) -> AsyncIterator[Redis]:
    """Connects when first used, so a process can start before Redis does."""
    pool = BlockingConnectionPool(
        host=settings.host,
        port=settings.port,
        username=settings.username,
        password=settings.password.get_secret_value() or None,
        socket_connect_timeout=CONNECT_S,
        socket_timeout=ANSWER_S,
        health_check_interval=15,
        retry=Retry(NoBackoff(), retries=1),  # A connection from the pool may have died since.
        max_connections=CONNECTIONS,
        timeout=ANSWER_S,
        **_tls(settings),
    )
    client = Foreseeing.from_pool(pool)
    try:
        yield client
    finally:
        await client.aclose()


@contextmanager
def outages() -> Iterator[None]:
    """Raises `Unavailable` where Redis is, so that workers wait for it."""
    try:
        yield
    except _OUTAGES as error:
        raise Unavailable(service="redis", reason=_told(error)) from error
    except ResponseError as error:
        if str(error).startswith(_REFUSALS):
            raise Unavailable(service="redis", reason=_told(error)) from error
        raise


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def key(tenant_id: UUID, kind: str, name: str) -> str:
    """Braces: the keys of a tenant share one slot of a cluster."""
    return f"mch:{{{tenant_id}}}:{kind}:{name}"


def _tls(settings: RedisSettings) -> dict[str, Any]:
    tls = settings.tls
    if not tls.enabled:
        return {}
    return {
        "connection_class": SSLConnection,
        "ssl_ca_certs": tls.ca_file,
        "ssl_certfile": tls.cert_file,
        "ssl_keyfile": tls.key_file,
    }
