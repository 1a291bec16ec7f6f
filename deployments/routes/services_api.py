"""Service accounts of the company: made, listed, revoked; and tokens for their jobs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from deployments.backends import Backends, Ports
from deployments.gateway.once import refuse_to_repeat
from deployments.guard import KeyMaker
from deployments.params import NoQuery
from deployments.problems import PROBLEMS
from deployments.service_tokens import LONGEST_HOURS, issue
from deployments.shapes import At, Page, Shape
from domain.access import Permission

router = APIRouter(prefix="/api/v1/company/services", tags=["company"], responses=PROBLEMS)

Name = Annotated[str, Path(max_length=63, examples=["nightly-export"])]


class ServiceShape(Shape):
    """`permissions` are the most that a token of it may have."""

    name: str
    permissions: tuple[str, ...]
    made_by: str
    made_at: At
    expires_at: At
    revoked_at: At | None


class NewService(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=63, examples=["nightly-export"])
    permissions: tuple[Permission, ...] = Field(min_length=1)
    days: int = Field(default=90, ge=1, le=366)


class NewToken(BaseModel):
    """Without `permissions`: all of its account's."""

    model_config = ConfigDict(extra="forbid")

    hours: float = Field(default=1.0, ge=0.01, le=LONGEST_HOURS)
    permissions: tuple[Permission, ...] | None = None


class TokenShape(Shape):
    """The only answer that ever shows the token."""

    token: str


@router.get("")
async def list_services(query: NoQuery, principal: KeyMaker, ports: Ports) -> Page[ServiceShape]:
    """The newest first, revoked ones too."""
    return await _services(ports, principal.tenant_id)


@router.post("")
async def make_service(
    new: NewService, query: NoQuery, principal: KeyMaker, ports: Ports
) -> ServiceShape:
    """With permissions that the maker has, and no more than services may. A name is given once."""
    made = await ports.identity.services.make(principal, new.name, new.permissions, new.days)
    return ServiceShape.model_validate(made)


@router.post("/{service_name}/tokens")
async def issue_token(
    request: Request,
    service_name: Name,
    new: NewToken,
    query: NoQuery,
    principal: KeyMaker,
    ports: Ports,
) -> TokenShape:
    """A bearer token of the account, for a day at most. Takes no `Idempotency-Key`."""
    refuse_to_repeat(request, "tokens")
    token = await issue(
        ports.identity,
        principal.tenant_id,
        service_name,
        hours=new.hours,
        wanted=new.permissions,
    )
    return TokenShape(token=token)


@router.delete("/{service_name}")
async def revoke_service(
    service_name: Name, query: NoQuery, principal: KeyMaker, ports: Ports
) -> Page[ServiceShape]:
    """With all its tokens, at the next request and for good. Answers with all accounts."""
    await ports.identity.services.revoke(principal.tenant_id, service_name)
    return await _services(ports, principal.tenant_id)


async def _services(ports: Backends, tenant_id: UUID) -> Page[ServiceShape]:
    found = await ports.identity.services.of(tenant_id)
    items = tuple(ServiceShape.model_validate(one) for one in found)
    return Page[ServiceShape](items=items, next_cursor=None, total=len(items), degraded=())
