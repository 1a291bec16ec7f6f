"""For programs: who belongs to the company and who is invited, changed as on the pages."""

from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from deployments.backends import Backends, Ports
from deployments.forms import Email
from deployments.guard import Colleague, Recruiter
from deployments.joining import change_role, invite, remove, withdraw
from deployments.params import NoQuery
from deployments.problems import PROBLEMS
from deployments.routes.company_api import MemberShape
from deployments.shapes import At, Page, Shape
from deployments.visiting import cause_of
from domain.access import Permission, Role
from domain.errors import Invalid, NotFound

router = APIRouter(prefix="/api/v1/company", tags=["company"], responses=PROBLEMS)


class InvitationShape(Shape):
    """Open until then. The link goes to the address, and to nobody else."""

    invitation_id: UUID
    email: str
    role: Role
    expires_at: At


class NewInvitation(BaseModel):
    model_config = ConfigDict(extra="forbid")

    email: Email = Field(examples=["sam@nair.example"])
    role: Role


class NewRole(BaseModel):
    model_config = ConfigDict(extra="forbid")

    role: Role


@router.get("/invitations")
async def list_invitations(
    query: NoQuery, principal: Colleague, ports: Ports
) -> Page[InvitationShape]:
    """Those that are open, who is the first to expire coming first."""
    return await _invitations(ports, principal.tenant_id)


@router.post("/invitations")
async def send_invitation(
    request: Request, new: NewInvitation, query: NoQuery, principal: Recruiter, ports: Ports
) -> Page[InvitationShape]:
    """Mails a link. Answers with those that are open now. Only people invite, by their session."""
    if Permission.OWN_ACCOUNT not in principal.permissions:
        raise Invalid(what="inviting", reason="an invitation names the person who invites")
    cause = await cause_of(request, principal)
    await invite(ports.identity, principal, new.email, new.role, cause)
    return await _invitations(ports, principal.tenant_id)


@router.delete("/invitations/{invitation_id}")
async def withdraw_open_invitation(
    request: Request, invitation_id: UUID, query: NoQuery, principal: Recruiter, ports: Ports
) -> Page[InvitationShape]:
    """Its link is void at once. Answers with those that are left."""
    found = await ports.identity.companies.invitations(principal.tenant_id)
    if invitation_id not in {one.invitation_id for one in found}:
        raise NotFound(what="open invitation", key=str(invitation_id))
    cause = await cause_of(request, principal)
    await withdraw(ports.identity, principal, invitation_id, cause)
    return await _invitations(ports, principal.tenant_id)


@router.patch("/members/{person_id}")
async def change_member(
    request: Request,
    person_id: UUID,
    new: NewRole,
    query: NoQuery,
    principal: Recruiter,
    ports: Ports,
) -> Page[MemberShape]:
    """Counts at the member's next request. Answers with all members."""
    cause = await cause_of(request, principal)
    await change_role(ports.identity, principal, person_id, new.role, cause)
    return await _members(ports, principal.tenant_id)


@router.delete("/members/{person_id}")
async def remove_from_company(
    request: Request, person_id: UUID, query: NoQuery, principal: Recruiter, ports: Ports
) -> Page[MemberShape]:
    """Counts at the member's next request, and ends open sockets. Answers with who is left."""
    cause = await cause_of(request, principal)
    await remove(ports.identity, principal, person_id, cause)
    return await _members(ports, principal.tenant_id)


async def _invitations(ports: Backends, tenant_id: UUID) -> Page[InvitationShape]:
    found = await ports.identity.companies.invitations(tenant_id)
    items = tuple(InvitationShape.model_validate(one) for one in found)
    return Page[InvitationShape](items=items, next_cursor=None, total=len(items), degraded=())


async def _members(ports: Backends, tenant_id: UUID) -> Page[MemberShape]:
    members = await ports.identity.companies.members(tenant_id)
    items = tuple(MemberShape.model_validate(one) for one in members)
    return Page[MemberShape](items=items, next_cursor=None, total=len(items), degraded=())
