"""For programs: the company's API keys, and one's own sessions."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from deployments.backends import Backends, Ports
from deployments.cookies import current
from deployments.gateway.once import refuse_to_repeat
from deployments.guard import KeyMaker, Oneself
from deployments.params import NoQuery
from deployments.problems import PROBLEMS
from deployments.shapes import At, Page, Shape
from domain.access import Permission
from domain.errors import Invalid

router = APIRouter(prefix="/api/v1", tags=["company"], responses=PROBLEMS)

Prefix = Annotated[str, Path(max_length=20, examples=["7a3xpapaj6"])]


class ApiKeyShape(Shape):
    """`prefix` names it: `mch_<prefix>_…`. `last_used_at` is exact to the minute."""

    prefix: str
    name: str
    scopes: tuple[str, ...]
    made_at: At
    expires_at: At
    revoked_at: At | None
    last_used_at: At | None


class MadeKeyShape(Shape):
    """The only answer that ever shows the key."""

    key: str
    prefix: str


class NewKey(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100, examples=["Nightly export"])
    scopes: tuple[Permission, ...] = Field(min_length=1)
    days: int = Field(default=90, ge=1, le=366)


class SessionShape(Shape):
    """`is_this` is the one that asks."""

    session_id: str
    browser: str
    address: str
    created_at: At
    expires_at: At
    is_this: bool


@router.get("/company/keys")
async def list_keys(query: NoQuery, principal: KeyMaker, ports: Ports) -> Page[ApiKeyShape]:
    """The newest first, revoked ones too."""
    return await _keys(ports, principal.tenant_id)


@router.post("/company/keys")
async def make_api_key(
    request: Request, new: NewKey, query: NoQuery, principal: KeyMaker, ports: Ports
) -> MadeKeyShape:
    """Of scopes that the maker has. Takes no `Idempotency-Key`: that would keep the answer."""
    refuse_to_repeat(request, "keys")
    made = await ports.identity.keys.make(principal, new.name, new.scopes, new.days)
    return MadeKeyShape(key=str(made), prefix=made.prefix)


@router.delete("/company/keys/{prefix}")
async def revoke_api_key(
    prefix: Prefix, query: NoQuery, principal: KeyMaker, ports: Ports
) -> Page[ApiKeyShape]:
    """At once, on every replica. Repeating it changes nothing. Answers with all keys."""
    await ports.identity.keys.revoke(principal.tenant_id, prefix)
    return await _keys(ports, principal.tenant_id)


@router.get("/account/sessions")
async def list_sessions(
    request: Request, query: NoQuery, principal: Oneself, ports: Ports
) -> Page[SessionShape]:
    """Where one is signed in, the newest first."""
    return await _sessions(request, ports)


@router.delete("/account/sessions/{session_id}")
async def end_own_session(
    request: Request,
    session_id: Annotated[str, Path(max_length=64)],
    query: NoQuery,
    principal: Oneself,
    ports: Ports,
) -> Page[SessionShape]:
    """Its next request is refused, and its sockets end. Not the one that asks: sign out there."""
    _, own = await current(ports.identity, request)
    if session_id == own.session_id:
        raise Invalid(what="ending this session", reason="it is the one that asks; sign out")
    await ports.identity.sessions.end_one(UUID(principal.user_id), session_id)
    return await _sessions(request, ports)


async def _keys(ports: Backends, tenant_id: UUID) -> Page[ApiKeyShape]:
    items = tuple(
        ApiKeyShape.model_validate(one) for one in await ports.identity.keys.of(tenant_id)
    )
    return Page[ApiKeyShape](items=items, next_cursor=None, total=len(items), degraded=())


async def _sessions(request: Request, ports: Backends) -> Page[SessionShape]:
    _, own = await current(ports.identity, request)
    items = tuple(
        SessionShape(
            session_id=one.session_id,
            browser=one.browser,
            address=one.address,
            created_at=one.created_at,
            expires_at=one.expires_at,
            is_this=one.session_id == own.session_id,
        )
        for one in await ports.identity.sessions.of(own.person_id)
    )
    return Page[SessionShape](items=items, next_cursor=None, total=len(items), degraded=())
