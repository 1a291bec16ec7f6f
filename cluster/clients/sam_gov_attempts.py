"""How SAM.gov is asked: within the quota, again after passing failures, not while it is down."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import Any, Protocol, TypeVar

from cluster.clients.sam_gov_answers import SERVICE, TryAgain, redact
from domain.breaker import Breaker, Patience
from domain.errors import QuotaExceeded, Unavailable

T = TypeVar("T")

TRIES = 4

PATIENCE = Patience(failures=3, first_s=5.0, longest_s=60.0)
"""Each failure here is already `TRIES` tries in vain."""

Sleep = Callable[[float], Awaitable[None]]


class Quota(Protocol):
    """How often we may still ask today."""

    async def spend(self, calls: int = 1) -> None:
        """Raises `QuotaExceeded` with nothing spent."""

    async def left(self) -> int: ...

    async def block_until(self, moment: Any) -> None:
        """The API's own word."""


class Attempts:
    """Each costs a call of quota. `once` raises `TryAgain` for what may pass."""

    def __init__(
        self, quota: Quota, sleep: Sleep = asyncio.sleep, breaker: Breaker | None = None
    ) -> None:
        self._quota = quota
        self._sleep = sleep
        self._breaker = breaker or Breaker(SERVICE, PATIENCE)

    async def __call__(self, once: Callable[[], Awaitable[T]]) -> T:
        """Raises `Unavailable`, `QuotaExceeded` and what `once` raises besides."""
        with self._breaker.call():
            return await self._try(once)

    async def _try(self, once: Callable[[], Awaitable[T]]) -> T:
        for attempt in range(1, TRIES + 1):
            await self._quota.spend()
            try:
                return await once()
            except TryAgain as error:
                if attempt == TRIES:
                    raise Unavailable(service=SERVICE, reason=redact(str(error))) from None
                await self._sleep(random.uniform(0.5, 1.0) * 2 ** (attempt - 1))  # noqa: S311
            except QuotaExceeded as error:
                await self._quota.block_until(error.retry_at)
                raise
        raise AssertionError("unreachable")
