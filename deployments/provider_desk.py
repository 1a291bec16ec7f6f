"""A company's provider: set, and taken away with the sessions that it let in."""

from uuid import UUID

from deployments.identity import Identity
from domain.errors import Invalid
from domain.provider import Provider, check_provider


async def set_provider(identity: Identity, provider: Provider, secret: str) -> None:
    """An empty secret keeps the one that is set, but never for another issuer, which would be told
    it. Raises `Invalid`, with the field at fault as `what`.
    """
    check_provider(provider)
    held = await identity.providers.of(provider.tenant_id)
    if not secret:
        if held is None or held.issuer != provider.issuer:
            raise Invalid(what="client_secret", reason="give the one that this provider gave you")
        secret = await identity.providers.secret(provider.tenant_id)
    await identity.providers.put(provider, secret)
    if held and held.issuer != provider.issuer:
        await _end_sessions(identity, provider.tenant_id)


async def drop_provider(identity: Identity, tenant_id: UUID) -> None:
    """Repeating it changes nothing."""
    await identity.providers.drop(tenant_id)
    await _end_sessions(identity, tenant_id)


async def _end_sessions(identity: Identity, tenant_id: UUID) -> None:
    for member in await identity.companies.members(tenant_id):
        for session in await identity.sessions.of(member.person_id):
            if session.by_provider and session.tenant_id == tenant_id:
                await identity.sessions.end_one(member.person_id, session.session_id)
