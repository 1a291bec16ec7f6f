"""Sign-ins that were sent to a company's provider and have not come back: each comes back once."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import TypeAdapter
from redis.asyncio import Redis

from cluster.stores.redis import key, outages
from domain.access import PUBLIC
from domain.errors import Unauthenticated
from domain.secrets import digest_of, new_secret

WITHIN_S = 600


@dataclass(frozen=True, slots=True)
class Flow:
    """What the provider's answer must fit. `browser` is the digest of what the cookie holds."""

    tenant_id: UUID
    issuer: str
    nonce: str
    verifier: str
    browser: str
    onward: str


_FLOW = TypeAdapter(Flow)


class RedisSignInFlows:
    """Every call raises `Unavailable`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def open(self, flow: Flow) -> str:
        """Returns the `state` by which it is found again within ten minutes."""
        state = new_secret()
        with outages():
            await self._client.set(_key(state), _FLOW.dump_json(flow), ex=WITHIN_S)
        return state

    async def take(self, state: str) -> Flow:
        """Once. Raises `Unauthenticated`."""
        with outages():
            held = await self._client.getdel(_key(state))
        if held is None:
            raise Unauthenticated(reason="this sign-in was used or is too old; begin again")
        return _FLOW.validate_json(held)


def _key(state: str) -> str:
    return key(PUBLIC, "sign_in", digest_of(state))
