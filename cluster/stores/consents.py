"""What each company consented to: the read model of `ConsentChanged`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from cluster.stores.postgres import Connection, Pool, as_tenant
from domain.consent import PROVIDERS, ConsentChanged, Purpose
from domain.events import Written

_TELL = """
insert into consent (tenant_id, purpose, provider, given, told_by, told_at)
values ($1, $2, $3, $4, $5, $6)
on conflict (tenant_id, purpose) do update set provider = excluded.provider,
    given = excluded.given, told_by = excluded.told_by, told_at = excluded.told_at
"""
_TOLD = """
select purpose, provider, given, told_by, told_at from consent
where tenant_id = $1 order by purpose
"""


@dataclass(frozen=True, slots=True)
class Told:
    """What was last said of a purpose, by whom (a person's id, or `local`)."""

    purpose: Purpose
    provider: str
    given: bool
    told_by: str
    told_at: datetime


class PostgresConsents:
    """Raises `Unavailable`: where nobody can tell, nothing is sent."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def consents(self, tenant_id: UUID) -> Mapping[Purpose, bool]:
        """Of every purpose, for the provider of the day."""
        given = {told.purpose: told.provider for told in await self.told(tenant_id) if told.given}
        return {each: given.get(each) == provider for each, provider in PROVIDERS.items()}

    async def told(self, tenant_id: UUID) -> Sequence[Told]:
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_TOLD, tenant_id)
        return [Told(**{**dict(row), "purpose": Purpose(row["purpose"])}) for row in rows]


async def project_consent(connection: Connection, written: Written, event: ConsentChanged) -> None:
    facts = (event.purpose, event.provider, event.given, event.by, written.recorded_at)
    await connection.execute(_TELL, written.stream.tenant_id, *facts)
