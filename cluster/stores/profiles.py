"""Company profiles: one for each tenant that has told what it sells."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cluster.stores.postgres import Pool, as_tenant, fetch_rows
from domain.errors import NotFound
from domain.profile import SAMPLE, CompanyProfile

_ALL = "select tenant_id, version, profile, updated_at from company_profile order by tenant_id"

_ONE = """
select tenant_id, version, profile, updated_at from company_profile where tenant_id = $1
"""

# The same profile again is no change.
_PUT = """
insert into company_profile as old (tenant_id, version, profile) values ($1, 1, $2)
on conflict (tenant_id) do update
set version = old.version + 1, profile = excluded.profile, updated_at = now()
where old.profile <> excluded.profile
"""

_SEED = """
insert into company_profile (tenant_id, version, profile) values ($1, 1, $2)
on conflict do nothing
"""


@dataclass(frozen=True, slots=True)
class Profiled:
    """A tenant's profile, how often and when it has changed."""

    tenant_id: UUID
    version: int
    profile: CompanyProfile
    updated_at: datetime


class PostgresProfiles:
    """Of one tenant, as `mch_app`. Raises `Unavailable`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def get(self, tenant_id: UUID) -> Profiled:
        """Raises `NotFound`."""
        async with as_tenant(self._pool, tenant_id) as connection:
            row = await connection.fetchrow(_ONE, tenant_id)
        if row is None:
            raise NotFound(what="company profile", key=str(tenant_id))
        return _profiled(row)

    async def put(self, tenant_id: UUID, profile: CompanyProfile) -> None:
        """Its opportunities are matched again by `match_profiles`."""
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_PUT, tenant_id, profile.model_dump_json())


async def all_profiles(pool: Pool) -> list[Profiled]:
    """Of every tenant: needs `mch_relay`. Raises `Unavailable`."""
    rows = await fetch_rows(pool, _ALL)
    return [_profiled(row) for row in rows]


async def seed_sample_company(pool: Pool, tenant_id: UUID) -> None:
    """So that a new hub has a company to match for. Changes nothing where there is one."""
    async with as_tenant(pool, tenant_id) as connection:
        await connection.execute(_SEED, tenant_id, SAMPLE.model_dump_json())


def _profiled(row: Any) -> Profiled:
    """The profile as this code knows it, whatever else another version has written."""
    profile = CompanyProfile.model_validate_json(row["profile"], extra="ignore")
    return Profiled(row["tenant_id"], row["version"], profile, row["updated_at"])
