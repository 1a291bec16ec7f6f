"""API keys: kept as digests, remembered for a minute in Redis, revoked everywhere at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, TypeAdapter
from redis.asyncio import Redis

from cluster.stores.live_feed import BELL, ring
from cluster.stores.postgres import Pool, as_holder, as_tenant
from cluster.stores.redis import key, outages
from cluster.stores.sessions import credential_room
from domain.access import PERMISSIONS, PUBLIC, Permission, Principal, Role
from domain.clock import Clock, utc_now
from domain.errors import Forbidden, Invalid, NotFound, Unauthenticated
from domain.secrets import SpelledKey, digest_of, is_same

KEPT = timedelta(minutes=1)
"""How long a key's facts are remembered; and so how exact `last_used_at` is."""
LONGEST_DAYS = 366
MOST = 100
_WRONG = "this API key is unknown, expired or revoked"

_MAKE = """
insert into api_key (tenant_id, prefix, digest, name, scopes, made_by, expires_at)
values ($1, $2, $3, $4, $5, $6, now() + make_interval(days => $7))
"""
_COUNT = "select count(*) from api_key where tenant_id = $1 and revoked_at is null"
_LIST = """
select prefix, name, scopes, made_at, expires_at, revoked_at, last_used_at from api_key
where tenant_id = $1 order by made_at desc
"""
_FIND = "select tenant_id, digest, scopes, expires_at, revoked_at from api_key where prefix = $1"
_USED = "update api_key set last_used_at = now() where prefix = $1"
_REVOKE = """
update api_key set revoked_at = coalesce(revoked_at, now()) where (tenant_id, prefix) = ($1, $2)
"""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """As its company sees it. `last_used_at` is exact to the minute."""

    prefix: str
    name: str
    scopes: Sequence[str]
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Known:
    """What proves a key, and what it may. Without a digest nothing proves it: it was revoked."""

    tenant_id: UUID
    digest: str | None
    scopes: tuple[str, ...]
    expires_at: AwareDatetime


_KNOWN = TypeAdapter(_Known)


class StoredApiKeys:
    """Implements `deployments.auth.ApiKeys`. Every call raises `Unavailable`."""

    def __init__(self, pool: Pool, client: Redis, clock: Clock = utc_now) -> None:
        self._pool = pool
        self._client = client
        self._clock = clock

    async def principal(self, key: str) -> Principal:
        """One round trip to Redis, and once a minute one to Postgres."""
        told = SpelledKey.read(key)
        known = await self._remembered(told.prefix) or await self._look_up(told.prefix)
        if known is None:
            raise Unauthenticated(reason=_WRONG)
        is_right = known.digest is not None and is_same(told.secret, known.digest)
        if not is_right or known.expires_at <= self._clock():
            credential = f"key:{told.prefix}"
            raise Unauthenticated(reason=_WRONG, tenant_id=known.tenant_id, credential=credential)
        scopes = {Permission(scope) for scope in known.scopes if scope in set(Permission)}
        return Principal(
            known.tenant_id,
            f"key:{told.prefix}",
            PERMISSIONS[Role.SERVICE] & scopes,
            f"key:{told.prefix}",
        )

    async def make(
        self, by: Principal, name: str, scopes: Sequence[Permission], days: int
    ) -> SpelledKey:
        """Told this once. Raises `Forbidden` for a scope that the maker lacks, and `Invalid`."""
        for scope in scopes:
            if scope not in by.permissions & PERMISSIONS[Role.SERVICE]:
                raise Forbidden(who=by.user_id, what=f"make a key that may {scope}")
        if not scopes or not 1 <= days <= LONGEST_DAYS:
            reason = f"it needs a scope, and holds for 1 to {LONGEST_DAYS} days"
            raise Invalid(what="this key", reason=reason)
        made = SpelledKey.new()
        facts = (made.prefix, digest_of(made.secret), name, sorted(scopes), by.user_id, days)
        async with as_tenant(self._pool, by.tenant_id) as connection:
            if await connection.fetchval(_COUNT, by.tenant_id) >= MOST:
                raise Invalid(what="this key", reason=f"{MOST} are the most; revoke one first")
            await connection.execute(_MAKE, by.tenant_id, *facts)
        return made

    async def of(self, tenant_id: UUID) -> list[ApiKey]:
        """The newest first, revoked ones too."""
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_LIST, tenant_id)
        return [ApiKey(**dict(row)) for row in rows]

    async def revoke(self, tenant_id: UUID, prefix: str) -> None:
        """At once, and repeating it changes nothing. Raises `NotFound` for another company's.

        What says so to Redis is not overwritten by one who read the key a moment before.
        """
        async with as_tenant(self._pool, tenant_id) as connection:
            if await connection.execute(_REVOKE, tenant_id, prefix) != "UPDATE 1":
                raise NotFound(what="API key", key=prefix)
        gone = _Known(tenant_id, None, (), self._clock())
        with outages():
            async with self._client.pipeline(transaction=True) as pipeline:
                pipeline.set(_key(prefix), _KNOWN.dump_json(gone), px=2 * KEPT)
                pipeline.publish(BELL, ring(credential_room(f"key:{prefix}")))
                await pipeline.execute()

    async def _remembered(self, prefix: str) -> _Known | None:
        with outages():
            held = await self._client.get(_key(prefix))
        return _KNOWN.validate_json(held) if held else None

    async def _look_up(self, prefix: str) -> _Known | None:
        async with as_holder(self._pool, "key_prefix", prefix) as connection:
            row = await connection.fetchrow(_FIND, prefix)
        if row is None:
            return None
        known = _known(row)
        async with as_tenant(self._pool, known.tenant_id) as connection:
            await connection.execute(_USED, prefix)
        with outages():
            await self._client.set(_key(prefix), _KNOWN.dump_json(known), px=KEPT, nx=True)
        return await self._remembered(prefix) or known


def _known(row: Any) -> _Known:
    digest = None if row["revoked_at"] else row["digest"]
    return _Known(row["tenant_id"], digest, tuple(row["scopes"]), row["expires_at"])


def _key(prefix: str) -> str:
    return key(PUBLIC, "api_key", prefix)
