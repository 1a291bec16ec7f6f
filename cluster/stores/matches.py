"""How each opportunity suits each company: the read model beside the `Match` streams."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cluster.stores.postgres import Connection, Pool, as_tenant
from cluster.stores.profiles import Profiled
from domain.events import Written
from domain.matching import MATCH, OpportunityMatched
from domain.search import Fit

_KNOWN = """
select asked.notice_id, found.score, found.gates, found.reasons,
       coalesce(found.profile_version, 0) as profile_version,
       coalesce(found.notice_version, 0) as notice_version,
       coalesce((select max(version) from event
                 where (tenant_id, aggregate_type, aggregate_id) = ($1, $3, asked.notice_id)), 0)
           as stream_version
from unnest($2::text[]) as asked (notice_id)
left join opportunity_match as found on (found.tenant_id, found.notice_id) = ($1, asked.notice_id)
"""

# Arrays of arrays must be even, so lists of codes travel as JSON.
_PUT = """
insert into opportunity_match (tenant_id, notice_id, score, gates, reasons, similarity,
                               profile_version, notice_version)
select $1, notice_id, score, array(select jsonb_array_elements_text(gates)),
       array(select jsonb_array_elements_text(reasons)), similarity, profile_version,
       notice_version
from unnest($2::text[], $3::smallint[], $4::jsonb[], $5::jsonb[], $6::real[], $7::int[], $8::int[])
    as new (notice_id, score, gates, reasons, similarity, profile_version, notice_version)
order by notice_id
on conflict (tenant_id, notice_id) do update set
    score = excluded.score, gates = excluded.gates, reasons = excluded.reasons,
    similarity = excluded.similarity, profile_version = excluded.profile_version,
    notice_version = excluded.notice_version, matched_at = now()
"""

# What came before the profile did; the rest meets the new profile as it arrives.
_OUTDATED = """
select notice_id from opportunity left join opportunity_match as found using (notice_id)
where notice_id > $3 and opportunity.updated_at < $4
  and (found.tenant_id = $1 or found.tenant_id is null)
  and coalesce(found.profile_version, 0) < $2
order by notice_id limit $5
"""

_COUNT = "select count(*) from opportunity_match where tenant_id = $1 and score >= $2"


@dataclass(frozen=True, slots=True)
class KnownMatch:
    """What a notice was matched as, and with which versions: 0 where it never was.

    `stream_version` is how often it was told as an event.
    """

    fit: Fit | None
    profile_version: int
    notice_version: int
    stream_version: int


class PostgresMatches:
    """Raises `Unavailable`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def known(self, tenant_id: UUID, notice_ids: Sequence[str]) -> dict[str, KnownMatch]:
        """Of each that is asked for."""
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_KNOWN, tenant_id, list(notice_ids), MATCH)
        return {row["notice_id"]: _known(row) for row in rows}

    async def put(self, tenant_id: UUID, matches: Sequence[OpportunityMatched]) -> None:
        """Those that nobody is told of. Repeating it changes nothing."""
        if matches:
            async with as_tenant(self._pool, tenant_id) as connection:
                await _write(connection, tenant_id, matches)

    async def outdated(self, company: Profiled, *, after: str, limit: int) -> list[str]:
        """Ids of notices, in order, that were last matched with an earlier profile, or never."""
        before = company.version, after, company.updated_at
        async with as_tenant(self._pool, company.tenant_id) as connection:
            rows = await connection.fetch(_OUTDATED, company.tenant_id, *before, limit)
        return [row["notice_id"] for row in rows]

    async def count(self, tenant_id: UUID, *, from_score: int) -> int:
        async with as_tenant(self._pool, tenant_id) as connection:
            return await connection.fetchval(_COUNT, tenant_id, from_score) or 0


async def project_matches(connection: Connection, written: Sequence[Written]) -> None:
    """Implements `Projection` for `Match` streams."""
    last = {one.stream: one.event for one in written if isinstance(one.event, OpportunityMatched)}
    for tenant_id in {stream.tenant_id for stream in last}:
        own = [event for stream, event in last.items() if stream.tenant_id == tenant_id]
        await _write(connection, tenant_id, own)


async def _write(
    connection: Connection, tenant_id: UUID, matches: Sequence[OpportunityMatched]
) -> None:
    rows = [
        (
            match.notice_id,
            match.score,
            _codes(match.gates),
            _codes(match.reasons),
            match.similarity,
            match.profile_version,
            match.notice_version,
        )
        for match in matches
    ]
    await connection.execute(_PUT, tenant_id, *map(list, zip(*rows, strict=True)))


def _known(row: Any) -> KnownMatch:
    fit = None
    if row["profile_version"]:
        fit = Fit(row["score"], tuple(row["gates"]), tuple(row["reasons"]))
    return KnownMatch(fit, row["profile_version"], row["notice_version"], row["stream_version"])


def _codes(codes: Sequence[str]) -> str:
    return json.dumps(list(codes))
