"""The bell of the live feed: one subscription a process, whose silence is noticed.

A listener that dies without a word is the known failure of Socket.IO servers on Redis. So it
calls itself through Redis every second, by the same way on which rooms are called; when it does not
hear itself, the connection is dropped and made anew.
"""

import asyncio
import time
from typing import Any
from uuid import uuid4

from redis.asyncio import Redis
from redis.asyncio.client import PubSub

from cluster.stores.live_feed import BELL, rung
from cluster.stores.redis import key, outages
from domain.access import PUBLIC
from domain.errors import Unavailable
from domain.ports import OnRing

BEAT_S = 1.0
SILENCE_S = 4.0
RETRY_S = 0.5


class RedisFeedBell:
    """Implements `domain.ports.FeedBell`."""

    def __init__(self, client: Redis) -> None:
        self._client = client
        self._own = key(PUBLIC, "bell", uuid4().hex)
        self._heard_at = float("-inf")
        self._trouble = "the listener has not begun"

    async def listen(self, on_ring: OnRing) -> None:
        while True:
            try:
                with outages():
                    await self._listen(on_ring)
            except Unavailable as error:
                self._trouble = str(error)
                self._heard_at = float("-inf")
                await asyncio.sleep(RETRY_S)

    def trouble(self) -> str | None:
        silent_s = time.monotonic() - self._heard_at
        if silent_s < SILENCE_S:
            return None
        return self._trouble if silent_s == float("inf") else f"silent for {silent_s:.0f} s"

    async def _listen(self, on_ring: OnRing) -> None:
        """Until the subscription fails or falls silent, which raises `Unavailable`."""
        async with self._client.pubsub() as subscription:
            await subscription.subscribe(self._own, BELL)
            started_at = beaten_at = time.monotonic()
            while True:
                await self._hear(subscription, on_ring)
                now = time.monotonic()
                if now - max(self._heard_at, started_at) > SILENCE_S:
                    reason = f"the listener has not heard itself for {SILENCE_S:.0f} s"
                    raise Unavailable(service="redis", reason=reason)
                if now - beaten_at > BEAT_S:
                    beaten_at = now
                    await self._client.publish(self._own, b"")

    async def _hear(self, subscription: PubSub, on_ring: OnRing) -> None:
        message: dict[str, Any] | None = await subscription.get_message(timeout=BEAT_S / 2)
        if message is None:
            return
        channel = message["channel"].decode()
        if message["type"] == "subscribe" and channel == BELL:
            self._heard_at = time.monotonic()
            on_ring(None)
        elif message["type"] == "message" and channel == BELL:
            on_ring(rung(message["data"]))
        elif message["type"] == "message":
            self._heard_at = time.monotonic()
