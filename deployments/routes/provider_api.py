"""For programs: the company's own provider of identity."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from deployments.backends import Backends, Ports
from deployments.guard import Recruiter
from deployments.params import NoQuery
from deployments.problems import PROBLEMS
from deployments.provider_desk import drop_provider, set_provider
from deployments.shapes import Page, Shape
from deployments.through_provider import callback_address
from domain.access import Principal, Role
from domain.errors import NotFound
from domain.provider import MOST_DOMAINS, Provider

router = APIRouter(prefix="/api/v1/company/sign-in", tags=["company"], responses=PROBLEMS)


class ProviderShape(Shape):
    """`redirect_uri` is what to register with the provider. The secret is shown nowhere."""

    name: str
    issuer: str
    client_id: str
    domains: tuple[str, ...]
    role: Role
    redirect_uri: str


class NewProvider(BaseModel):
    """Without `client_secret` the one that is set stays, but not for another issuer."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(max_length=40, examples=["ortiz-medical"])
    issuer: str = Field(max_length=500, examples=["https://login.ortizmedical.example"])
    client_id: str = Field(min_length=1, max_length=500)
    client_secret: str = Field(default="", max_length=1_000)
    domains: tuple[str, ...] = Field(default=(), max_length=MOST_DOMAINS)
    role: Role = Role.VIEWER


@router.get("")
async def get_provider(query: NoQuery, principal: Recruiter, ports: Ports) -> ProviderShape:
    """Through what members may sign in besides their passwords."""
    return await _provider(ports, principal)


@router.put("")
async def put_provider(
    new: NewProvider, query: NoQuery, principal: Recruiter, ports: Ports
) -> ProviderShape:
    """Another issuer ends the sessions that the last one let in."""
    provider = Provider(
        tenant_id=principal.tenant_id,
        name=new.name,
        issuer=new.issuer,
        client_id=new.client_id,
        domains=tuple(each.lower() for each in new.domains),
        role=new.role,
    )
    await set_provider(ports.identity, provider, new.client_secret)
    return await _provider(ports, principal)


@router.delete("")
async def delete_provider(
    query: NoQuery, principal: Recruiter, ports: Ports
) -> Page[ProviderShape]:
    """Ends the sessions that it let in. Repeating it changes nothing. Answers with what is left."""
    await drop_provider(ports.identity, principal.tenant_id)
    return Page[ProviderShape](items=(), next_cursor=None, total=0, degraded=())


async def _provider(ports: Backends, principal: Principal) -> ProviderShape:
    held = await ports.identity.providers.of(principal.tenant_id)
    if held is None:
        raise NotFound(what="provider of the company", key=str(principal.tenant_id))
    return ProviderShape(
        name=held.name,
        issuer=held.issuer,
        client_id=held.client_id,
        domains=held.domains,
        role=held.role,
        redirect_uri=callback_address(ports.identity, held),
    )
