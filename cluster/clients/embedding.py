"""Text embedding by the application `ai`, remembered in a cache."""

import asyncio
import hashlib
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import httpx

from cluster.settings import Settings
from cluster.tracing import tell_trace
from domain.errors import Unavailable
from domain.ports import Cache, TextEmbedding
from domain.vectors import Vector

TEXTS_AT_ONCE = 64
TIMEOUT_S = 10.0
CACHE_WITHIN_S = 0.5
"""Computing a vector takes a tenth of it."""
KEPT_S = 7 * 24 * 3600.0
"""A query's vector never changes; the cache need not hold what nobody asks any more."""


class HttpTextEmbedding:
    """Implements `domain.ports.TextEmbedding`. A cache that is away only makes it slower."""

    def __init__(self, client: httpx.AsyncClient, cache: Cache, model: str) -> None:
        self._client = client
        self._cache = cache
        self._model = model

    async def embed(self, texts: Sequence[str]) -> list[Vector]:
        keys = {text: self._key(text) for text in texts}
        vectors = await self._remembered(keys)
        missing = [text for text in keys if text not in vectors]
        for start in range(0, len(missing), TEXTS_AT_ONCE):
            some = missing[start : start + TEXTS_AT_ONCE]
            vectors |= zip(some, await self._ask(some), strict=True)
        if missing:
            with suppress(Unavailable, TimeoutError):
                packed = {keys[text]: _pack(vectors[text]) for text in missing}
                async with asyncio.timeout(CACHE_WITHIN_S):
                    await self._cache.put_many(packed, ttl_s=KEPT_S)
        return [vectors[text] for text in texts]

    async def _remembered(self, keys: dict[str, str]) -> dict[str, Vector]:
        try:
            async with asyncio.timeout(CACHE_WITHIN_S):
                held = await self._cache.get_many(list(keys.values()))
        except (Unavailable, TimeoutError):
            return {}
        return {text: _unpack(held[key]) for text, key in keys.items() if key in held}

    async def _ask(self, texts: Sequence[str]) -> list[Vector]:
        try:
            answer = await self._client.post("/v1/embeddings", json={"texts": list(texts)})
            answer.raise_for_status()
            vectors: list[Vector] = answer.json()["vectors"]
        except (httpx.HTTPError, OSError, ValueError, KeyError) as error:
            raise Unavailable(service="ai", reason=repr(error)) from error
        return vectors

    def _key(self, text: str) -> str:
        return f"vector:{self._model}:{hashlib.sha256(text.encode()).hexdigest()}"


@asynccontextmanager
async def open_text_embedding(settings: Settings, cache: Cache) -> AsyncIterator[TextEmbedding]:
    """Connects when first used."""
    hooks = {"request": [tell_trace]}
    async with httpx.AsyncClient(
        base_url=ai_url(settings), timeout=TIMEOUT_S, event_hooks=hooks
    ) as client:
        yield HttpTextEmbedding(client, cache, settings.embedder.model)


def ai_url(settings: Settings) -> str:
    return settings.embedder.url or f"http://127.0.0.1:{settings.port or 8000}/ai"


async def probe_ai(settings: Settings) -> str:
    """Which model answers. Raises `Unavailable`."""
    async with httpx.AsyncClient(base_url=ai_url(settings), timeout=2.0) as client:
        try:
            answer = await client.get("/health")
            answer.raise_for_status()
        except (httpx.HTTPError, OSError) as error:
            raise Unavailable(service="ai", reason=repr(error)) from error
    return str(answer.json()["detail"])


def _pack(vector: Vector) -> bytes:
    return struct.pack(f"<{len(vector)}f", *vector)


def _unpack(packed: bytes) -> Vector:
    return list(struct.unpack(f"<{len(packed) // 4}f", packed))
