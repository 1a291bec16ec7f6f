"""Members: who belongs to the company, who is invited, and what each may."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from deployments.backends import Backends, Ports
from deployments.forms import Filled, Form, filled
from deployments.guard import Colleague, Oneself, Recruiter
from deployments.joining import change_role, invite, remove, withdraw
from deployments.params import NoQuery
from deployments.routes.sign_in import AddressForm
from deployments.visiting import cause_of
from deployments.web.frame import frame_page
from deployments.web.render import Pages
from domain.access import MEMBER_ROLES, Permission, Principal, Role
from domain.errors import Invalid

router = APIRouter(include_in_schema=False)

MEMBERS = "/company/members"


class InviteForm(AddressForm):
    role: Role


class RoleForm(Form):
    role: Role


@router.get(MEMBERS)
async def members_page(
    request: Request, query: NoQuery, principal: Colleague, ports: Ports
) -> HTMLResponse:
    return await _members(request, principal, ports, Filled())


@router.post("/company/invitations")
async def invite_member(
    request: Request,
    principal: Recruiter,
    form: Annotated[Filled[InviteForm], Depends(filled(InviteForm))],
    ports: Ports,
) -> Response:
    if form.value is None:
        return await _members(request, principal, ports, form)
    if Permission.OWN_ACCOUNT not in principal.permissions:
        raise Invalid(what="inviting", reason="sign in first: an invitation names who invites")
    cause = await cause_of(request, principal)
    await invite(ports.identity, principal, form.value.email, form.value.role, cause)
    return RedirectResponse(MEMBERS, 303)


@router.post("/company/invitations/{invitation_id}/withdraw")
async def withdraw_invitation(
    request: Request, invitation_id: UUID, principal: Recruiter, ports: Ports
) -> Response:
    cause = await cause_of(request, principal)
    await withdraw(ports.identity, principal, invitation_id, cause)
    return RedirectResponse(MEMBERS, 303)


@router.post("/company/members/{person_id}/role")
async def set_role(
    request: Request,
    person_id: UUID,
    principal: Recruiter,
    form: Annotated[Filled[RoleForm], Depends(filled(RoleForm))],
    ports: Ports,
) -> Response:
    if form.value is None:
        raise Invalid(what="this role", reason="choose one of the list")
    cause = await cause_of(request, principal)
    await change_role(ports.identity, principal, person_id, form.value.role, cause)
    return RedirectResponse(MEMBERS, 303)


@router.post("/company/members/{person_id}/remove")
async def remove_member(
    request: Request, person_id: UUID, principal: Recruiter, ports: Ports
) -> Response:
    cause = await cause_of(request, principal)
    await remove(ports.identity, principal, person_id, cause)
    return RedirectResponse(MEMBERS, 303)


@router.post("/company/leave")
async def leave(request: Request, principal: Oneself, ports: Ports) -> Response:
    """Everyone may, but the last owner."""
    cause = await cause_of(request, principal)
    await remove(ports.identity, principal, UUID(principal.user_id), cause)
    return RedirectResponse("/account", 303)


async def _members(
    request: Request, principal: Principal, ports: Backends, form: Filled[InviteForm]
) -> HTMLResponse:
    companies = ports.identity.companies
    may_appoint = Permission.APPOINT_OWNERS in principal.permissions
    pages: Pages = request.app.state.pages
    return pages.render(
        "members.html",
        422 if form.errors else 200,
        frame=await frame_page(request, principal),
        form=form,
        members=await companies.members(principal.tenant_id),
        invitations=await companies.invitations(principal.tenant_id),
        own=principal.user_id,
        roles=[role for role in MEMBER_ROLES if may_appoint or role is not Role.OWNER],
        may_manage=Permission.MANAGE_MEMBERS in principal.permissions,
        may_appoint=may_appoint,
        is_person=Permission.OWN_ACCOUNT in principal.permissions,
    )
