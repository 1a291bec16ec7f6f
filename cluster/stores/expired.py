"""What is over and would only lie there: links of sign-ups, resets and invitations, old letters."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from cluster.stores.postgres import Pool, as_tenant, fetch_rows, transaction

LETTERS_KEPT = timedelta(days=30)
"""For who asks why a mail did not come."""

_OF_NOBODYS = (
    "delete from sign_up where expires_at < $1",
    "delete from password_reset where expires_at < $1",
)
_INVITATIONS = "delete from invitation where tenant_id = $1 and expires_at < $2"
_LETTERS = "delete from notification_letter where tenant_id = $1 and settled_at < $2"
_TENANTS = """
select distinct tenant_id from membership where tenant_id > $1 order by tenant_id limit $2
"""


class PostgresExpired:
    """Needs a pool of each role: `mch_relay` knows which companies there are.

    Every call may be repeated, and raises `Unavailable`.
    """

    def __init__(self, app: Pool, relay: Pool) -> None:
        self._app = app
        self._relay = relay

    async def sweep_links(self, now: datetime) -> None:
        """Of people who belong to no company yet, or whose own account it is."""
        async with transaction(self._app) as connection:
            for statement in _OF_NOBODYS:
                await connection.execute(statement, now)

    async def tenants(self, after: UUID, *, limit: int) -> Sequence[UUID]:
        rows = await fetch_rows(self._relay, _TENANTS, after, limit)
        return [row["tenant_id"] for row in rows]

    async def sweep_tenant(self, tenant_id: UUID, now: datetime) -> None:
        """An invitation that was accepted or withdrawn goes when its link would be over, too."""
        async with as_tenant(self._app, tenant_id) as connection:
            await connection.execute(_INVITATIONS, tenant_id, now)
            await connection.execute(_LETTERS, tenant_id, now - LETTERS_KEPT)
