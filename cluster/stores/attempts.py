"""How often something was tried in vain: so that nobody guesses for long."""

from dataclasses import dataclass
from hashlib import sha256

from redis.asyncio import Redis

from cluster.stores.redis import key, outages
from domain.access import PUBLIC
from domain.errors import LimitExceeded


@dataclass(frozen=True, slots=True)
class Bound:
    """So many tries within so many seconds of the first."""

    what: str
    tries: int
    within_s: int


SIGN_IN = Bound("attempts to sign in", 10, 900)
CODE = Bound("codes", 6, 900)
PROVIDERS = Bound("sign-ins through a company", 30, 900)
MAILS = Bound("mails to this address", 5, 3_600)


class RedisAttempts:
    """Counts by what is tried and for whom, whether or not there is such a one."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def count(self, bound: Bound, whose: str) -> None:
        """Before each try. Raises `LimitExceeded`, and `Unavailable`."""
        name = _key(bound, whose)
        with outages():
            async with self._client.pipeline(transaction=True) as pipeline:
                pipeline.incr(name)
                pipeline.expire(name, bound.within_s, nx=True)
                pipeline.ttl(name)
                tried, _, left_s = await pipeline.execute()
        if tried > bound.tries:
            raise LimitExceeded(what=bound.what, retry_after_s=max(1, left_s))

    async def clear(self, bound: Bound, whose: str) -> None:
        """After one that succeeded."""
        with outages():
            await self._client.delete(_key(bound, whose))


def _key(bound: Bound, whose: str) -> str:
    """No address stands in a key."""
    told = f"{bound.what}/{whose}"
    return key(PUBLIC, "attempts", sha256(told.encode()).hexdigest()[:32])
