"""The audit log in Postgres: recording, reading back, verifying."""

import json
import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

from cluster.stores.postgres import Connection, Pool, as_tenant, transaction
from domain.audit import Act, AuditFilter, Break, ChainState, Entry, Head, Walk, link, verify
from domain.clock import Clock, utc_now
from domain.errors import Unavailable

_BEGINNING = Head()
_TRIES = 8
_BATCH = 1_000

_HEAD = "select sequence, hash from audit_head where tenant_id = $1"

_ADD = """
insert into audit_entry (tenant_id, sequence, at, actor, credential, action, subject,
                         correlation_id, details_digest, previous, hash)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""

_DETAIL = "insert into audit_detail (tenant_id, sequence, salt, details) values ($1, $2, $3, $4)"

_READ = """
select entry.*, salt, details
from audit_entry as entry left join audit_detail using (tenant_id, sequence)
where tenant_id = $1 and sequence > $2
order by sequence
limit $3
"""

_PAGE = """
select entry.*, salt, details
from audit_entry as entry left join audit_detail using (tenant_id, sequence)
where tenant_id = $1 and ($2::bigint is null or sequence < $2)
    and ($3::text is null or strpos(lower(actor), lower($3)) > 0)
    and ($4::text is null or strpos(lower(action), lower($4)) > 0)
    and ($5::text is null or strpos(lower(subject), lower($5)) > 0)
    and ($6::timestamptz is null or at >= $6) and ($7::timestamptz is null or at < $7)
order by sequence desc
limit $8
"""

_VERIFIED = "select sequence, hash, walked_at from audit_verified where tenant_id = $1"
_VERIFY = """
insert into audit_verified as old values ($1, $2, $3, $4)
on conflict (tenant_id) do update
set sequence = excluded.sequence, hash = excluded.hash, walked_at = excluded.walked_at
where excluded.sequence >= old.sequence
"""
_DOUBT = "delete from audit_verified where tenant_id = $1"

_TENANTS = "select tenant_id, sequence, hash from audit_head order by tenant_id"

_ERASE = """
delete from audit_detail using audit_entry
where audit_detail.tenant_id = $1 and audit_entry.tenant_id = $1
    and audit_detail.sequence = audit_entry.sequence and actor = $2
"""


class PostgresAudit:
    """Implements `domain.audit.AuditTrail`."""

    def __init__(self, pool: Pool, clock: Clock = utc_now) -> None:
        self._pool = pool
        self._clock = clock

    async def record(self, act: Act) -> None:
        """In a transaction of its own. Whoever was overtaken follows the new head."""
        for _ in range(_TRIES):
            try:
                async with as_tenant(self._pool, act.tenant_id) as connection:
                    return await self._append(connection, act)
            except (asyncpg.SerializationError, asyncpg.UniqueViolationError):
                continue
        raise Unavailable(service="postgres", reason="the audit log is written too often")

    async def newest(self, tenant_id: UUID, *, limit: int) -> Sequence[Entry]:
        async with as_tenant(self._pool, tenant_id) as connection:
            head = await connection.fetchrow(_HEAD, tenant_id)
            after = max(0, (head["sequence"] if head else 0) - limit)
            rows = await connection.fetch(_READ, tenant_id, after, limit)
        return [_entry(row) for row in reversed(rows)]

    async def page(
        self, tenant_id: UUID, wanted: AuditFilter, *, before: int | None, limit: int
    ) -> Sequence[Entry]:
        words = (wanted.actor, wanted.action, wanted.subject)
        facts = (before, *words, wanted.since, wanted.until, limit)
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_PAGE, tenant_id, *facts)
        return [_entry(row) for row in rows]

    async def state(self, tenant_id: UUID, *, whole: bool = False) -> ChainState:
        """What is found broken is not taken for verified any more: the next look walks it all."""
        async with as_tenant(self._pool, tenant_id) as connection:
            row = await connection.fetchrow(_HEAD, tenant_id)
            known = None if whole else await connection.fetchrow(_VERIFIED, tenant_id)
        head = Head(row["sequence"], row["hash"]) if row else Head()
        begun = Head(known["sequence"], known["hash"]) if known else Head()
        walked_at: datetime = known["walked_at"] if known else self._clock()
        broken = await verify_chain(self._pool, tenant_id, head, begun=begun)
        async with as_tenant(self._pool, tenant_id) as connection:
            if broken:
                await connection.execute(_DOUBT, tenant_id)
                return ChainState(head, broken, begun)
            await connection.execute(_VERIFY, tenant_id, head.sequence, head.hash, walked_at)
        return ChainState(head, None, begun, walked_at)

    async def erase(self, tenant_id: UUID, actor: str) -> int:
        """The details of what an actor did; the chain stays whole. Returns of how many acts."""
        async with as_tenant(self._pool, tenant_id) as connection:
            done = await connection.execute(_ERASE, tenant_id, actor)
        return int(done.rpartition(" ")[2])

    async def _append(self, connection: Connection, act: Act) -> None:
        row = await connection.fetchrow(_HEAD, act.tenant_id)
        head = Head(row["sequence"], row["hash"]) if row else Head()
        entry = link(head, act, self._clock(), secrets.token_bytes(16))
        place = (act.tenant_id, entry.sequence)
        told = (act.actor, act.credential, act.action, act.subject, act.correlation_id)
        chain = (entry.details_digest, entry.previous, entry.hash)
        await connection.execute(_ADD, *place, entry.at, *told, *chain)
        await connection.execute(_DETAIL, *place, entry.salt, json.dumps(dict(act.details)))


class MemoryAudit:
    """Implements `domain.audit.AuditTrail`, with one chain for each tenant."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self.acts: list[Act] = []
        self.chains: dict[UUID, list[Entry]] = {}
        self._clock = clock

    async def record(self, act: Act) -> None:
        self.acts.append(act)
        chain = self.chains.setdefault(act.tenant_id, [])
        chain.append(link(_end(chain), act, self._clock(), secrets.token_bytes(16)))

    async def page(
        self, tenant_id: UUID, wanted: AuditFilter, *, before: int | None, limit: int
    ) -> Sequence[Entry]:
        found = [entry for entry in self.chains.get(tenant_id, ()) if wanted.holds(entry)]
        newest = [entry for entry in reversed(found) if not before or entry.sequence < before]
        return newest[:limit]

    async def state(self, tenant_id: UUID, *, whole: bool = False) -> ChainState:
        """Each look walks all of it."""
        chain = self.chains.get(tenant_id, [])
        return ChainState(_end(chain), verify(chain, _end(chain)), walked_at=self._clock())


def _end(chain: Sequence[Entry]) -> Head:
    return Head(chain[-1].sequence, chain[-1].hash) if chain else Head()


async def chains(pool: Pool) -> dict[UUID, Head]:
    """Where each chain ends. For `mch_relay`."""
    async with transaction(pool) as connection:
        rows = await connection.fetch(_TENANTS)
    return {row["tenant_id"]: Head(row["sequence"], row["hash"]) for row in rows}


async def read_chain(pool: Pool, tenant_id: UUID, *, after: int = 0) -> AsyncIterator[Entry]:
    """From the first entry on, or after another. For its own company, and for `mch_relay`."""
    while True:
        async with as_tenant(pool, tenant_id) as connection:
            rows = await connection.fetch(_READ, tenant_id, after, _BATCH)
        for row in rows:
            yield _entry(row)
        if len(rows) < _BATCH:
            return
        after = rows[-1]["sequence"]


async def verify_chain(
    pool: Pool,
    tenant_id: UUID,
    known: Head,
    noted: Head | None = None,
    *,
    begun: Head = _BEGINNING,
) -> Break | None:
    """None where the chain is whole. What was added since `known` was read is left for later."""
    walk = Walk(begun, noted)
    async for entry in read_chain(pool, tenant_id, after=begun.sequence):
        if entry.sequence > known.sequence:
            break
        if broken := walk.step(entry):
            return broken
    return walk.end(known)


def _entry(row: Any) -> Entry:
    is_erased = row["salt"] is None
    act = Act(
        tenant_id=row["tenant_id"],
        actor=row["actor"],
        credential=row["credential"],
        action=row["action"],
        subject=row["subject"],
        correlation_id=row["correlation_id"],
        details={} if is_erased else json.loads(row["details"]),
    )
    return Entry(
        sequence=row["sequence"],
        at=row["at"],
        act=act,
        previous=row["previous"],
        salt=row["salt"] or b"",
        details_digest=row["details_digest"],
        hash=row["hash"],
        is_erased=is_erased,
    )
