"""What authenticators were asked to sign and have not: each question is answered once."""

from dataclasses import dataclass
from uuid import UUID

from pydantic import TypeAdapter
from redis.asyncio import Redis

from cluster.stores.redis import key, outages
from domain.access import PUBLIC
from domain.errors import Unauthenticated
from domain.passkey import Ceremony
from domain.secrets import digest_of, new_secret

WITHIN_S = 300


@dataclass(frozen=True, slots=True)
class Challenge:
    """`value` is signed, as text. `person_id` is None while it is not known who signs in."""

    ceremony: Ceremony
    value: str
    person_id: UUID | None


_CHALLENGE = TypeAdapter(Challenge)


class RedisPasskeyChallenges:
    """Every call raises `Unavailable`."""

    def __init__(self, client: Redis) -> None:
        self._client = client

    async def open(self, challenge: Challenge) -> str:
        """Returns the secret by which it is found again, within five minutes: for a cookie."""
        secret = new_secret()
        with outages():
            await self._client.set(_key(secret), _CHALLENGE.dump_json(challenge), ex=WITHIN_S)
        return secret

    async def take(self, secret: str, ceremony: Ceremony, person_id: UUID | None) -> Challenge:
        """Once, whether or not it fits. Raises `Unauthenticated`."""
        with outages():
            held = await self._client.getdel(_key(secret))
        if held is None:
            reason = "this was used, is older than five minutes, or began in another browser"
            raise Unauthenticated(reason=f"{reason}; begin again")
        challenge = _CHALLENGE.validate_json(held)
        if (challenge.ceremony, challenge.person_id) != (ceremony, person_id):
            raise Unauthenticated(reason="this was begun for something else; begin again")
        return challenge


def _key(secret: str) -> str:
    return key(PUBLIC, "passkey", digest_of(secret))
