"""Erasing a person or a company from Postgres, Redis and S3. What stays is listed in
`domain.personal`: keys and digests that then stand for nobody.
"""

from collections.abc import Sequence
from uuid import UUID

from redis.asyncio import Redis

from cluster.stores.postgres import Pool, as_tenant, fetch_rows, transaction
from cluster.stores.redis import outages

KEPT = frozenset({"event", "audit_entry", "audit_head"})
"""The log and the audit chain hold nothing that tells who someone was."""

_TENANTS = """
select tenant_id from membership union select tenant_id from company_profile
union select tenant_id from audit_head
"""

# Whatever has a tenant and may be deleted from: so a table that is added later is erased as well.
_OWNED = """
select quote_ident(relname) as name
from pg_class join pg_attribute on attrelid = pg_class.oid
where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace
    and attname = 'tenant_id' and not attisdropped
    and has_table_privilege(current_user, pg_class.oid, 'delete') and relname <> all($1)
order by relname
"""

_OF_PERSON = (
    "delete from notification where tenant_id = $1 and user_id = $2",
    "delete from sign_in_link where tenant_id = $1 and person_id::text = $2",
    "delete from notification_letter where tenant_id = $1 and user_id = $2",
    "delete from mail_wish where tenant_id = $1 and user_id = $2",
    "delete from idempotent_answer where tenant_id = $1 and user_id = $2",
    """delete from audit_detail using audit_entry
    where audit_detail.tenant_id = $1 and audit_entry.tenant_id = $1
        and audit_detail.sequence = audit_entry.sequence and actor = $2""",
)
_INVITATIONS = "delete from invitation where tenant_id = $1 and email = $2"
_SIGN_UPS = "delete from sign_up where email = $1"
_PERSON = "delete from person where person_id = $1"


class Erasure:
    """Needs a pool of each role: `mch_app` erases, `mch_relay` knows which tenants there are.

    Every call may be repeated: what was erased is not there. Raises `Unavailable`.
    """

    def __init__(self, app: Pool, relay: Pool, redis: Redis) -> None:
        self._app = app
        self._relay = relay
        self._redis = redis

    async def person(self, person_id: UUID, email: str) -> None:
        """In every company, whether or not the person belongs to it still. The account last."""
        for tenant_id in await self._tenants():
            async with as_tenant(self._app, tenant_id) as connection:
                for statement in _OF_PERSON:
                    await connection.execute(statement, tenant_id, str(person_id))
                await connection.execute(_INVITATIONS, tenant_id, email)
        await self._forget(f"mch:{{*}}:*user:{person_id}*")
        async with transaction(self._app) as connection:
            await connection.execute(_SIGN_UPS, email)
            await connection.execute(_PERSON, person_id)

    async def company(self, tenant_id: UUID) -> Sequence[str]:
        """Returns the tables from which rows were deleted."""
        emptied = []
        async with as_tenant(self._app, tenant_id) as connection:
            for row in await connection.fetch(_OWNED, list(KEPT)):
                statement = f"delete from {row['name']} where tenant_id = $1"  # noqa: S608 - quoted
                if await connection.execute(statement, tenant_id) != "DELETE 0":
                    emptied.append(str(row["name"]))
        await self._forget(f"mch:{{{tenant_id}}}:*")
        return emptied

    async def _tenants(self) -> list[UUID]:
        return [row["tenant_id"] for row in await fetch_rows(self._relay, _TENANTS)]

    async def _forget(self, pattern: str) -> None:
        with outages():
            async for name in self._redis.scan_iter(match=pattern, count=1_000):
                await self._redis.unlink(name)
