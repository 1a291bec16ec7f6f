"""Company profiles: one for each tenant that has told what it sells."""

from dataclasses import dataclass
from uuid import UUID

from cluster.stores.postgres import Pool, as_tenant, fetch_rows
from domain.errors import NotFound
from domain.profile import SAMPLE, CompanyProfile

_ALL = "select tenant_id, version, profile from company_profile order by tenant_id"

_ONE = "select tenant_id, version, profile from company_profile where tenant_id = $1"

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
    """A tenant's profile, and how often it has changed."""

    tenant_id: UUID
    version: int
    profile: CompanyProfile


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
        return _profiled(row["tenant_id"], row["version"], row["profile"])

    async def put(self, tenant_id: UUID, profile: CompanyProfile) -> None:
        """Its opportunities are matched again by `match_profiles`."""
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_PUT, tenant_id, _json(profile))


async def all_profiles(pool: Pool) -> list[Profiled]:
    """Of every tenant: needs `mch_relay`. Raises `Unavailable`."""
    rows = await fetch_rows(pool, _ALL)
    return [_profiled(row["tenant_id"], row["version"], row["profile"]) for row in rows]


async def seed_sample_company(pool: Pool, tenant_id: UUID) -> None:
    """So that a new hub has a company to match for. Changes nothing where there is one."""
    async with as_tenant(pool, tenant_id) as connection:
        await connection.execute(_SEED, tenant_id, _json(SAMPLE))


def _profiled(tenant_id: UUID, version: int, profile: str) -> Profiled:
    """The profile as this code knows it, whatever else another version has written."""
    return Profiled(tenant_id, version, CompanyProfile.model_validate_json(profile, extra="ignore"))


def _json(profile: CompanyProfile) -> str:
    """Sets in order, so that an unchanged profile is written alike."""
    ordered = profile.model_dump(mode="json")
    sets = {name: sorted(ordered[name]) for name in ("certifications", "states")}
    return profile.model_copy(update=sets).model_dump_json(warnings=False)
