"""The cache in Redis, and its memory twin."""

import time
from collections.abc import Mapping, Sequence

from redis.asyncio import Redis

from cluster.stores.redis import key, outages
from domain.access import PUBLIC


class RedisCache:
    """Implements `domain.ports.Cache`. Holds only what belongs to everybody."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        if not keys:
            return {}
        with outages():
            values = await self._client.mget([key(PUBLIC, "cache", name) for name in keys])
        held = zip(keys, values, strict=True)
        return {name: value for name, value in held if isinstance(value, bytes)}

    async def put_many(self, values: Mapping[str, bytes], *, ttl_s: float) -> None:
        if not values:
            return
        ttl_ms = max(1, round(ttl_s * 1_000))
        with outages():
            async with self._client.pipeline(transaction=False) as pipeline:
                for name, value in values.items():
                    pipeline.set(key(PUBLIC, "cache", name), value, px=ttl_ms)
                await pipeline.execute()


class MemoryCache:
    """Implements `domain.ports.Cache`."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[bytes, float]] = {}

    async def get_many(self, keys: Sequence[str]) -> dict[str, bytes]:
        now = time.monotonic()
        held = {name: self._held[name] for name in keys if name in self._held}
        return {name: value for name, (value, until) in held.items() if until > now}

    async def put_many(self, values: Mapping[str, bytes], *, ttl_s: float) -> None:
        until = time.monotonic() + ttl_s
        self._held |= {name: (value, until) for name, value in values.items()}
