"""Whether each part works, asked from this process: one short question a part.

A probe returns what the part says of itself and raises `Unavailable`. It proves that the part
answers, with the credentials that this process has; not that every function of it works.
"""

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import httpx
from redis.asyncio import Redis

from cluster.settings import Settings
from cluster.stores.postgres import Pool, transaction
from cluster.stores.redis import outages
from domain.errors import Unavailable

Probe = Callable[[], Awaitable[str]]

PATIENCE_S = 2.0


class Probes:
    """The probes of one process, over the connections that it holds anyway."""

    def __init__(
        self, settings: Settings, pool: Pool, redis: Redis, http: httpx.AsyncClient
    ) -> None:
        self._settings = settings
        self._pool = pool
        self._redis = redis
        self._http = http

    def all(self) -> dict[str, Probe]:
        probes: dict[str, Probe] = {
            "postgres": self._postgres,
            "redis": self._ask_redis,
            "kafka": self._kafka,
            "clickhouse": self._clickhouse,
            "vectors": self._vectors,
            "s3": self._s3,
        }
        if self._settings.mail.host:
            probes["mail"] = self._mail
        if self._settings.ray.dashboard:
            probes["ray"] = self._ray
        return probes

    async def _postgres(self) -> str:
        async with transaction(self._pool) as connection:
            version = await connection.fetchval("show server_version")
        return f"PostgreSQL {str(version).split()[0]}"

    async def _ask_redis(self) -> str:
        with outages():
            keys = await self._redis.dbsize()
        return f"{keys:,} keys"

    async def _kafka(self) -> str:
        """A broker takes the connection. Its answers are the relay's and the posts' to judge."""
        brokers = self._settings.kafka.brokers.split(",")
        for broker in brokers:
            host, _, port = broker.strip().rpartition(":")
            await _connect("kafka", host, int(port))
        return f"{len(brokers)} {'broker' if len(brokers) == 1 else 'brokers'}"

    async def _clickhouse(self) -> str:
        settings = self._settings.clickhouse
        scheme = "https" if settings.tls.enabled else "http"
        await self._get("clickhouse", f"{scheme}://{settings.host}:{settings.port}/ping")
        return "answers"

    async def _vectors(self) -> str:
        settings = self._settings.weaviate
        if settings.host is None:
            await self._postgres()
            return "pgvector, in PostgreSQL"
        scheme = "https" if settings.tls.enabled else "http"
        address = f"{scheme}://{settings.host}:{settings.http_port}"
        await self._get("vectors", f"{address}/v1/.well-known/ready")
        return "Weaviate is ready"

    async def _s3(self) -> str:
        endpoint = urlsplit(self._settings.s3.endpoint)
        port = endpoint.port or (443 if endpoint.scheme == "https" else 80)
        await _connect("s3", endpoint.hostname or "", port)
        return f"bucket {self._settings.s3.bucket}"

    async def _mail(self) -> str:
        """A server takes the connection. What it makes of a mail is told to whoever sends it."""
        await _connect("mail", self._settings.mail.host, self._settings.mail.port)
        return self._settings.mail.host

    async def _ray(self) -> str:
        await self._get("ray", f"{self._settings.ray.dashboard}/api/version")
        return "the head answers"

    async def _get(self, service: str, url: str) -> None:
        await http_probe(self._http, service, url)()


def http_probe(http: httpx.AsyncClient, service: str, url: str) -> Probe:
    """For an application of ours: it answers below 500."""

    async def ask() -> str:
        try:
            answer = await http.get(url, timeout=PATIENCE_S)
        except httpx.HTTPError as error:
            raise Unavailable(service=service, reason=type(error).__name__) from error
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise Unavailable(service=service, reason=f"answered {answer.status_code}")
        return "answers"

    return ask


async def _connect(service: str, host: str, port: int) -> None:
    try:
        async with asyncio.timeout(PATIENCE_S):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError) as error:
        raise Unavailable(service=service, reason=type(error).__name__) from error
    writer.close()
