"""What members wish to be mailed of, by company. Who never said so gets what is usual."""

import json
from collections.abc import Mapping, Sequence
from uuid import UUID

from cluster.stores.postgres import Connection, Pool, as_tenant
from domain.notification_mail import NO_MAIL, MailWishes

_OF = """
select user_id, cadences, zone from mail_wish where tenant_id = $1 and user_id = any($2)
"""
# Of members alone: who has left, or was erased, leaves nothing behind any more.
_WISH = """
insert into mail_wish (tenant_id, user_id, cadences, zone)
select tenant_id, person_id::text, $3::jsonb, $4 from membership
where (tenant_id, person_id) = ($1, $2::uuid)
on conflict (tenant_id, user_id) do update
set cadences = excluded.cadences, zone = excluded.zone
"""
_COMPANY = "select name from company where tenant_id = $1"


class PostgresMailWishes:
    """Every call raises `Unavailable`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def of(self, tenant_id: UUID, user_id: str) -> MailWishes:
        async with as_tenant(self._pool, tenant_id) as connection:
            return (await read_wishes(connection, tenant_id, [user_id]))[user_id]

    async def wish(self, tenant_id: UUID, user_id: str, wishes: MailWishes) -> None:
        """Nothing comes of it for who is no member."""
        cadences = json.dumps(dict(wishes.cadences))
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_WISH, tenant_id, user_id, cadences, wishes.zone)

    async def stop(self, tenant_id: UUID, user_id: str) -> None:
        """No mail of any kind. Repeating it changes nothing."""
        wishes = await self.of(tenant_id, user_id)
        await self.wish(tenant_id, user_id, MailWishes(NO_MAIL, wishes.zone))

    async def company(self, tenant_id: UUID) -> str | None:
        """Its name, for who is asked whether mail of it shall end."""
        async with as_tenant(self._pool, tenant_id) as connection:
            name: str | None = await connection.fetchval(_COMPANY, tenant_id)
        return name


async def read_wishes(
    connection: Connection, tenant_id: UUID, user_ids: Sequence[str]
) -> Mapping[str, MailWishes]:
    """Of each that is asked for."""
    rows = await connection.fetch(_OF, tenant_id, list(user_ids))
    told = {row["user_id"]: MailWishes(json.loads(row["cadences"]), row["zone"]) for row in rows}
    return dict.fromkeys(user_ids, MailWishes()) | told
