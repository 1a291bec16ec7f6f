"""Companies' providers of identity, their sealed secrets, and whom their subjects stand for."""

from typing import Any
from uuid import UUID

import asyncpg

from cluster.sealing import Seals
from cluster.stores.postgres import Pool, as_holder, as_tenant, fetch_rows
from domain.access import Role
from domain.errors import Invalid, NotFound
from domain.provider import Provider

_COLUMNS = "tenant_id, name, issuer, client_id, domains, role, client_secret"
_OF = f"select {_COLUMNS} from sign_in_provider where tenant_id = $1"  # noqa: S608
_NAMED = f"select {_COLUMNS} from sign_in_provider where name = $1"  # noqa: S608
_PUT = """
insert into sign_in_provider (tenant_id, name, issuer, client_id, domains, role, client_secret)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (tenant_id) do update set name = excluded.name, issuer = excluded.issuer,
    client_id = excluded.client_id, domains = excluded.domains, role = excluded.role,
    client_secret = excluded.client_secret, set_at = now()
"""
_DROP = "delete from sign_in_provider where tenant_id = $1"
_SECRETS = "select tenant_id, client_secret from sign_in_provider"
# Only what is as it was read.
_SEAL = "update sign_in_provider set client_secret = $3 where (tenant_id, client_secret) = ($1, $2)"

_LINK = """
insert into sign_in_link (tenant_id, issuer, subject, person_id) values ($1, $2, $3, $4)
on conflict do nothing
"""
_LINKED = "select person_id from sign_in_link where (tenant_id, issuer, subject) = ($1, $2, $3)"


class PostgresProviders:
    """Every call raises `Unavailable`."""

    def __init__(self, pool: Pool, seals: Seals) -> None:
        self._pool = pool
        self._seals = seals

    async def of(self, tenant_id: UUID) -> Provider | None:
        async with as_tenant(self._pool, tenant_id) as connection:
            row = await connection.fetchrow(_OF, tenant_id)
        return _provider(row) if row else None

    async def named(self, name: str) -> Provider:
        """Raises `NotFound`."""
        async with as_holder(self._pool, "provider_name", name) as connection:
            row = await connection.fetchrow(_NAMED, name)
        if row is None:
            raise NotFound(what="company that signs in by its own provider", key=name)
        return _provider(row)

    async def secret(self, tenant_id: UUID) -> str:
        """Raises `NotFound`."""
        async with as_tenant(self._pool, tenant_id) as connection:
            row = await connection.fetchrow(_OF, tenant_id)
        if row is None:
            raise NotFound(what="provider of the company", key=str(tenant_id))
        return self._seals.open(row["client_secret"], str(tenant_id))

    async def put(self, provider: Provider, secret: str) -> None:
        """Raises `Invalid` for a name that another company has."""
        sealed = self._seals.seal(secret, str(provider.tenant_id))
        facts = (provider.name, provider.issuer, provider.client_id, list(provider.domains))
        try:
            async with as_tenant(self._pool, provider.tenant_id) as connection:
                await connection.execute(_PUT, provider.tenant_id, *facts, provider.role, sealed)
        except asyncpg.UniqueViolationError as error:
            raise Invalid(what="name", reason="another company has it; choose another") from error

    async def drop(self, tenant_id: UUID) -> None:
        """Its links stay: the same provider, set again, knows the same people."""
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_DROP, tenant_id)

    async def linked(self, tenant_id: UUID, issuer: str, subject: str) -> UUID | None:
        """The person whom the subject stands for."""
        async with as_tenant(self._pool, tenant_id) as connection:
            person_id: UUID | None = await connection.fetchval(_LINKED, tenant_id, issuer, subject)
        return person_id

    async def link(self, tenant_id: UUID, issuer: str, subject: str, person_id: UUID) -> bool:
        """False where the person is linked to another subject, or the subject to another person."""
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_LINK, tenant_id, issuer, subject, person_id)
            held = await connection.fetchval(_LINKED, tenant_id, issuer, subject)
        return bool(held == person_id)

    async def seal_anew(self, relay: Pool) -> int:
        """Every secret that the first key did not seal. `relay` is a pool of `mch_relay`. Returns
        of how many companies. Repeating it changes nothing.
        """
        rows = await fetch_rows(relay, _SECRETS)
        stale = [tuple(row) for row in rows if not self._seals.is_current(row["client_secret"])]
        for tenant_id, held in stale:
            fresh = self._seals.renew(held, str(tenant_id))
            async with as_tenant(self._pool, tenant_id) as connection:
                await connection.execute(_SEAL, tenant_id, held, fresh)
        return len(stale)


def _provider(row: Any) -> Provider:
    return Provider(
        tenant_id=row["tenant_id"],
        name=row["name"],
        issuer=row["issuer"],
        client_id=row["client_id"],
        domains=tuple(row["domains"]),
        role=Role(row["role"]),
    )
