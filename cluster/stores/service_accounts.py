"""Service accounts: what tokens of our own issuer stand for, revoked everywhere at once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from pydantic import AwareDatetime, TypeAdapter
from redis.asyncio import Redis

from cluster.stores.live_feed import BELL, ring
from cluster.stores.postgres import Connection, Pool, as_tenant
from cluster.stores.redis import key, outages
from cluster.stores.sessions import credential_room
from domain.access import PERMISSIONS, PUBLIC, SERVICE, Permission, Principal, Role
from domain.clock import Clock, utc_now
from domain.errors import Forbidden, Invalid, NotFound, Unauthenticated

KEPT = timedelta(minutes=1)
"""How long an account's facts are remembered."""
LONGEST_DAYS = 366
MOST = 100

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_OVER = "this service account is unknown, expired or revoked"

_MAKE = """
insert into service_account (tenant_id, name, permissions, made_by, expires_at)
values ($1, $2, $3, $4, now() + make_interval(days => $5)) on conflict do nothing
"""
_COUNT = "select count(*) from service_account where tenant_id = $1 and revoked_at is null"
_COLUMNS = "select name, permissions, made_by, made_at, expires_at, revoked_at from service_account"
_LIST = f"{_COLUMNS} where tenant_id = $1 order by made_at desc, name"
_FIND = f"{_COLUMNS} where tenant_id = $1 and name = $2"
_REVOKE = """
update service_account set revoked_at = coalesce(revoked_at, now())
where (tenant_id, name) = ($1, $2)
"""


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """`permissions` are the most that a token of it may have."""

    name: str
    permissions: Sequence[str]
    made_by: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Known:
    """Without permissions: it was revoked, or never was."""

    tenant_id: UUID
    permissions: tuple[str, ...]
    expires_at: AwareDatetime


_KNOWN = TypeAdapter(_Known)


class StoredServiceAccounts:
    """Every call raises `Unavailable`."""

    def __init__(self, pool: Pool, client: Redis, clock: Clock = utc_now) -> None:
        self._pool = pool
        self._client = client
        self._clock = clock

    async def narrow(self, principal: Principal) -> Principal:
        """What a verified token may, if its account may still. Raises `Unauthenticated`.

        One round trip to Redis, and once a minute one to Postgres.
        """
        tenant_id, name = principal.tenant_id, principal.user_id.removeprefix(SERVICE)
        known = await self._remembered(tenant_id, name) or await self._look_up(tenant_id, name)
        if known is None or not known.permissions or known.expires_at <= self._clock():
            told = credential_of(tenant_id, name)
            raise Unauthenticated(reason=_OVER, tenant_id=tenant_id, credential=told)
        granted = {each for each in Permission if each in known.permissions}
        return replace(
            principal,
            permissions=principal.permissions & granted,
            credential=credential_of(tenant_id, name),
        )

    async def make(
        self, by: Principal, name: str, permissions: Sequence[Permission], days: int
    ) -> ServiceAccount:
        """Raises `Forbidden` for a permission that the maker lacks, and `Invalid`."""
        for each in permissions:
            if each not in by.permissions & PERMISSIONS[Role.SERVICE]:
                raise Forbidden(who=by.user_id, what=f"make a service account that may {each}")
        if not _NAME.fullmatch(name) or not permissions or not 1 <= days <= LONGEST_DAYS:
            reason = f"a name like nightly-export, permissions, and 1 to {LONGEST_DAYS} days"
            raise Invalid(what="this service account", reason=reason)
        facts = (name, sorted(permissions), by.user_id, days)
        async with as_tenant(self._pool, by.tenant_id) as connection:
            if await connection.fetchval(_COUNT, by.tenant_id) >= MOST:
                raise Invalid(what="this service account", reason=f"{MOST} are the most")
            if await connection.execute(_MAKE, by.tenant_id, *facts) != "INSERT 0 1":
                raise Invalid(what="this service account", reason="the name was given before")
            return await _find(connection, by.tenant_id, name)

    async def of(self, tenant_id: UUID) -> list[ServiceAccount]:
        """The newest first, revoked ones too."""
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_LIST, tenant_id)
        return [ServiceAccount(**dict(row)) for row in rows]

    async def get(self, tenant_id: UUID, name: str) -> ServiceAccount:
        """Raises `NotFound`, also for one that was revoked or has expired."""
        async with as_tenant(self._pool, tenant_id) as connection:
            found = await _find(connection, tenant_id, name)
        if found.revoked_at or found.expires_at <= self._clock():
            raise NotFound(what="service account in force", key=name)
        return found

    async def revoke(self, tenant_id: UUID, name: str) -> None:
        """With all its tokens, at once and for good. Raises `NotFound`. Repeating is harmless.

        What says so to Redis is not overwritten by one who read the account a moment before.
        """
        async with as_tenant(self._pool, tenant_id) as connection:
            if await connection.execute(_REVOKE, tenant_id, name) != "UPDATE 1":
                raise NotFound(what="service account", key=name)
        gone = _KNOWN.dump_json(_Known(tenant_id, (), self._clock()))
        with outages():
            async with self._client.pipeline(transaction=True) as pipeline:
                pipeline.set(service_record(tenant_id, name), gone, px=2 * KEPT)
                pipeline.publish(BELL, ring(credential_room(credential_of(tenant_id, name))))
                await pipeline.execute()

    async def _remembered(self, tenant_id: UUID, name: str) -> _Known | None:
        with outages():
            held = await self._client.get(service_record(tenant_id, name))
        return _KNOWN.validate_json(held) if held else None

    async def _look_up(self, tenant_id: UUID, name: str) -> _Known | None:
        try:
            found = await self.get(tenant_id, name)
        except NotFound:
            return None
        known = _Known(tenant_id, tuple(found.permissions), found.expires_at)
        told = _KNOWN.dump_json(known)
        with outages():
            await self._client.set(service_record(tenant_id, name), told, px=KEPT, nx=True)
        return await self._remembered(tenant_id, name) or known


async def _find(connection: Connection, tenant_id: UUID, name: str) -> ServiceAccount:
    row = await connection.fetchrow(_FIND, tenant_id, name)
    if row is None:
        raise NotFound(what="service account", key=name)
    return ServiceAccount(**dict(row))


def service_record(tenant_id: UUID, name: str) -> str:
    """In the slot of all that one request looks up (see decision 0013)."""
    return key(PUBLIC, "service", f"{tenant_id}/{name}")


def credential_of(tenant_id: UUID, name: str) -> str:
    """The same for all tokens of an account, so that revoking it ends every socket."""
    return f"token:{tenant_id}/{SERVICE}{name}"
