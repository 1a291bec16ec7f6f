"""Weaviate: the client that connects when first used, and its errors as ours."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import weaviate
from weaviate import WeaviateAsyncClient
from weaviate.classes.init import AdditionalConfig, Auth, Timeout
from weaviate.exceptions import (
    UnexpectedStatusCodeError,
    WeaviateBaseError,
    WeaviateInvalidInputError,
)

from cluster.settings import WeaviateSettings
from domain.errors import NotFound, Unavailable

_TIMEOUT_S = 15
_NO_TENANT = "tenant not found"
_NO_COLLECTION = "could not find class"


class Weaviate:
    """One client for a process. Reconnects by itself once it has been connected."""

    def __init__(self, client: WeaviateAsyncClient) -> None:
        self._client = client
        self._connecting = asyncio.Lock()

    @asynccontextmanager
    async def use(self, name: str) -> AsyncIterator[WeaviateAsyncClient]:
        """Raises `Unavailable` where the server is, `NotFound` where the collection `name` is."""
        try:
            async with self._connecting:
                if not self._client.is_connected():
                    await self._client.connect()
            yield self._client
        except WeaviateInvalidInputError:
            raise
        except (WeaviateBaseError, httpx.HTTPError, OSError) as error:
            if _NO_COLLECTION in str(error):
                raise NotFound(what="vector collection", key=name) from error
            if isinstance(error, UnexpectedStatusCodeError) and error.status_code < 500:
                raise
            raise Unavailable(service="vectors", reason=str(error)[:500]) from error


@asynccontextmanager
async def open_weaviate(settings: WeaviateSettings) -> AsyncIterator[Weaviate]:
    """Does not connect yet, so a process can start before Weaviate does."""
    host = settings.host or "127.0.0.1"
    secret = settings.api_key.get_secret_value()
    client = weaviate.use_async_with_custom(
        http_host=host,
        http_port=settings.http_port,
        http_secure=settings.tls.enabled,
        grpc_host=host,
        grpc_port=settings.grpc_port,
        grpc_secure=settings.tls.enabled,
        auth_credentials=Auth.api_key(secret) if secret else None,
        additional_config=AdditionalConfig(
            timeout=Timeout(init=5, query=_TIMEOUT_S, insert=_TIMEOUT_S)
        ),
        skip_init_checks=True,
    )
    try:
        yield Weaviate(client)
    finally:
        await client.close()


def is_absent_tenant(error: Exception) -> bool:
    """A tenant comes to be with its first vector; before that it has none."""
    return _NO_TENANT in str(error)
