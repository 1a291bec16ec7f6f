"""Tokens of service accounts, for the API and for the page alike."""

from collections.abc import Collection
from uuid import UUID

from deployments.identity import Identity
from domain.access import Permission
from domain.errors import Invalid

LONGEST_HOURS = 24


async def issue(
    identity: Identity,
    tenant_id: UUID,
    name: str,
    *,
    hours: float,
    wanted: Collection[Permission] | None = None,
) -> str:
    """Without `wanted`, with all that its account may. Raises `NotFound` for one that is not in
    force, and `Invalid` for more than it may.
    """
    account = await identity.services.get(tenant_id, name)
    granted = {each for each in Permission if each in account.permissions}
    asked = granted if wanted is None else set(wanted)
    if beyond := asked - granted:
        told = ", ".join(sorted(beyond))
        raise Invalid(what="this token", reason=f"its account may not {told}")
    return identity.issuer.sign(account.name, tenant_id, asked, lifetime_s=int(hours * 3_600))
