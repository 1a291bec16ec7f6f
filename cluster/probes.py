"""Whether each part works, asked from this process: one short question a part.

A probe returns what the part says of itself and raises `Unavailable`. It proves that the part
answers, with the credentials that this process has; not that every function of it works.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from redis.asyncio import Redis

from cluster.settings import Settings, TlsSettings
from cluster.stores.kafka_client import client_options
from cluster.stores.postgres import Pool, transaction
from cluster.stores.redis import outages
from cluster.tls import client_context
from domain.errors import Unavailable

Probe = Callable[[], Coroutine[Any, Any, str]]

PATIENCE_S = 2.0
PLAIN = TlsSettings()


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
        """A broker tells which topics there are."""
        client = AIOKafkaClient(
            **client_options(self._settings.kafka), request_timeout_ms=round(PATIENCE_S * 1_000)
        )
        try:
            await client.bootstrap()
            topics = len(client.cluster.topics())
        except (KafkaError, OSError) as error:
            raise Unavailable(service="kafka", reason=type(error).__name__) from error
        finally:
            await client.close()
        return f"{topics} topics"

    async def _clickhouse(self) -> str:
        settings = self._settings.clickhouse
        scheme = "https" if settings.tls.enabled else "http"
        await self._get(
            "clickhouse", f"{scheme}://{settings.host}:{settings.port}/ping", settings.tls
        )
        return "answers"

    async def _vectors(self) -> str:
        settings = self._settings.weaviate
        if settings.host is None:
            await self._postgres()
            return "pgvector, in PostgreSQL"
        scheme = "https" if settings.tls.enabled else "http"
        address = f"{scheme}://{settings.host}:{settings.http_port}"
        await self._get("vectors", f"{address}/v1/.well-known/ready", settings.tls)
        return "Weaviate is ready"

    async def _s3(self) -> str:
        settings = self._settings.s3
        encrypted = settings.endpoint.startswith("https:")
        tls = TlsSettings(enabled=encrypted, ca_file=settings.ca_file)
        await self._get("s3", settings.endpoint, tls)
        return f"bucket {self._settings.s3.bucket}"

    async def _mail(self) -> str:
        """A server takes the connection. What it makes of a mail is told to whoever sends it."""
        mail = self._settings.mail
        try:
            async with asyncio.timeout(PATIENCE_S):
                _, writer = await asyncio.open_connection(mail.host, mail.port)
        except (OSError, TimeoutError) as error:
            raise Unavailable(service="mail", reason=type(error).__name__) from error
        writer.close()
        return mail.host

    async def _ray(self) -> str:
        await self._get("ray", f"{self._settings.ray.dashboard}/api/version")
        return "the head answers"

    async def _get(self, service: str, url: str, tls: TlsSettings = PLAIN) -> str:
        if not (context := client_context(tls)):
            return await http_probe(self._http, service, url)()
        async with httpx.AsyncClient(verify=context, trust_env=False) as http:
            return await http_probe(http, service, url)()


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
