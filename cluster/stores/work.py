"""Rows of work: taken one at a time by who holds a lease on them, fairly between tenants."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cluster.stores.postgres import Connection, Pool, as_tenant, fetch_row, transaction

LEASE_S = 12.0

_ENQUEUE = """
insert into work (tenant_id, kind, key, payload)
select $1, $2, key, payload::jsonb from unnest($3::text[], $4::text[]) as new (key, payload)
on conflict do nothing
"""

# Whose turn it is: the tenant with the fewest rows under way, then the one longest unserved. Among
# a tenant's rows those that the taker is at already.
_TAKE = """
with load as (
    select tenant_id, max(taken_at) as served_at,
        count(*) filter (where state = 'running' and leased_until >= now()) as under_way
    from work where kind = any($1) group by tenant_id
), chosen as (
    select work.tenant_id, work.kind, work.key
    from work join load using (tenant_id)
    where kind = any($1)
        and (state = 'waiting' or (state = 'running' and leased_until < now()))
        and due_at <= now()
    order by under_way, served_at nulls first, starts_with(work.key, $4) desc,
        work.created_at, work.key
    limit 1
    for update of work skip locked
)
update work
set state = 'running', holder = $2, leased_until = now() + $3 * interval '1 second',
    attempts = attempts + 1, progress = 0, taken_at = clock_timestamp()
from chosen
where (work.tenant_id, work.kind, work.key) = (chosen.tenant_id, chosen.kind, chosen.key)
returning work.tenant_id, work.kind, work.key, work.payload, work.attempts
"""

_HELD = "(tenant_id, kind, key) = ($1, $2, $3) and holder = $4 and state = 'running'"

_RENEW = f"""
update work
set leased_until = now() + $5 * interval '1 second', progress = greatest(progress, $6),
    attempts = case when $6 > progress then 1 else attempts end
where {_HELD} returning true as held
"""  # noqa: S608

_RELEASE = f"""
update work set state = 'waiting', holder = null, leased_until = null, attempts = 0,
    due_at = now() + $5 * interval '1 second'
where {_HELD}
"""  # noqa: S608

_FINISH = f"update work set state = 'done', holder = null, leased_until = null where {_HELD}"  # noqa: S608

_TIDY = """
delete from work
where tenant_id = $1 and kind = any($2) and state = 'done' and taken_at < now() - interval '1 hour'
"""

_DROP = "delete from work where tenant_id = $1 and kind = any($2) and starts_with(key, $3)"


@dataclass(frozen=True, slots=True)
class WorkItem:
    """`attempts` counts those who took it without an end, this one included."""

    tenant_id: UUID
    kind: str
    key: str
    payload: Mapping[str, Any]
    attempts: int


class PostgresWork:
    """`app` acts as a tenant; `relay` chooses among all. Every call raises `Unavailable`."""

    def __init__(self, app: Pool, relay: Pool, lease_s: float = LEASE_S) -> None:
        self._app = app
        self._relay = relay
        self.lease_s = lease_s

    async def enqueue(
        self, tenant_id: UUID, kind: str, payloads: Mapping[str, Mapping[str, Any]]
    ) -> None:
        """By key. Repeating it changes nothing."""
        async with as_tenant(self._app, tenant_id) as connection:
            await enqueue(connection, tenant_id, kind, payloads)

    async def take(self, kinds: Sequence[str], holder: UUID, prefix: str = "") -> WorkItem | None:
        """The next row, under a lease from now on; None where nothing waits.

        Of a tenant's rows one whose key begins with `prefix` comes first.
        """
        row = await fetch_row(self._relay, _TAKE, kinds, holder, self.lease_s, prefix)
        if row is None:
            return None
        payload = json.loads(row["payload"])
        return WorkItem(row["tenant_id"], row["kind"], row["key"], payload, row["attempts"])

    async def renew(self, item: WorkItem, holder: UUID, progress: int = 0) -> bool:
        """False where it is somebody else's by now, or nobody's. Progress forgives attempts."""
        held = (item.tenant_id, item.kind, item.key, holder)
        row = await fetch_row(self._relay, _RENEW, *held, self.lease_s, progress)
        return row is not None

    async def release(self, item: WorkItem, holder: UUID, after_s: float = 0.0) -> None:
        """For whoever's turn it is, at once or after a while: some of it is done."""
        await self._settle(_RELEASE, item, holder, after_s)

    async def finish(self, item: WorkItem, holder: UUID) -> None:
        """Kept until it is dropped, so that its tenant counts as served."""
        await self._settle(_FINISH, item, holder)

    async def drop(self, tenant_id: UUID, kinds: Sequence[str], prefix: str) -> None:
        """Rows whose key begins so. Who does one of them notices when it renews."""
        async with as_tenant(self._app, tenant_id) as connection:
            await connection.execute(_DROP, tenant_id, kinds, prefix)

    async def tidy(self, tenant_id: UUID, kinds: Sequence[str]) -> None:
        """Forget what was done a while ago."""
        async with as_tenant(self._app, tenant_id) as connection:
            await connection.execute(_TIDY, tenant_id, kinds)

    async def _settle(self, statement: str, item: WorkItem, holder: UUID, *told: float) -> None:
        async with transaction(self._relay) as connection:
            await connection.execute(statement, item.tenant_id, item.kind, item.key, holder, *told)


async def enqueue(
    connection: Connection, tenant_id: UUID, kind: str, payloads: Mapping[str, Mapping[str, Any]]
) -> None:
    """By key, in the tenant's transaction that the work comes from. Repeating changes nothing."""
    spelled = [json.dumps(payload) for payload in payloads.values()]
    await connection.execute(_ENQUEUE, tenant_id, kind, list(payloads), spelled)
