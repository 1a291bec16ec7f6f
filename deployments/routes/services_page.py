"""Service accounts of the company on a page: made, given tokens, revoked."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from deployments.backends import Backends, Ports
from deployments.forms import Filled, Form, filled, refusal
from deployments.guard import KeyMaker
from deployments.params import NoQuery
from deployments.service_tokens import LONGEST_HOURS, issue
from deployments.web.frame import frame_page
from deployments.web.render import Pages
from domain.access import PERMISSIONS, Permission, Principal, Role
from domain.errors import Invalid

router = APIRouter(include_in_schema=False)

SERVICES = "/company/services"


class ServiceForm(Form):
    name: str = Field(min_length=1, max_length=63)
    days: int = Field(default=90, ge=1, le=366)
    permissions: tuple[Permission, ...] = ()


class TokenForm(Form):
    hours: int = Field(default=1, ge=1, le=LONGEST_HOURS)


@router.get(SERVICES)
async def services_page(
    request: Request, query: NoQuery, principal: KeyMaker, ports: Ports
) -> HTMLResponse:
    return await _services(request, principal, ports, Filled())


@router.post(SERVICES)
async def make_service(
    request: Request,
    principal: KeyMaker,
    form: Annotated[Filled[ServiceForm], Depends(filled(ServiceForm, "permissions"))],
    ports: Ports,
) -> Response:
    told = form.value
    if told is None:
        return await _services(request, principal, ports, form)
    try:
        await ports.identity.services.make(principal, told.name, told.permissions, told.days)
    except Invalid as error:
        return await _services(request, principal, ports, form.refused(form=refusal(error)))
    return RedirectResponse(SERVICES, 303)


@router.post("/company/services/{service_name}/tokens")
async def issue_token(
    request: Request,
    service_name: str,
    principal: KeyMaker,
    form: Annotated[Filled[TokenForm], Depends(filled(TokenForm))],
    ports: Ports,
) -> HTMLResponse:
    """With all that the account may. The answer is the only one that ever shows the token."""
    if form.value is None:
        return await _services(request, principal, ports, form)
    token = await issue(ports.identity, principal.tenant_id, service_name, hours=form.value.hours)
    return await _services(request, principal, ports, Filled(), token)


@router.post("/company/services/{service_name}/revoke")
async def revoke_service(
    request: Request, service_name: str, principal: KeyMaker, ports: Ports
) -> Response:
    """With all its tokens, at once, for every replica."""
    await ports.identity.services.revoke(principal.tenant_id, service_name)
    return RedirectResponse(SERVICES, 303)


async def _services(
    request: Request,
    principal: Principal,
    ports: Backends,
    form: Filled[ServiceForm] | Filled[TokenForm],
    token: str | None = None,
) -> HTMLResponse:
    pages: Pages = request.app.state.pages
    frame = await frame_page(request, principal)
    return pages.render(
        "services.html",
        422 if form.errors else 200,
        frame=frame,
        form=form,
        token=token,
        services=await ports.identity.services.of(principal.tenant_id),
        longest=LONGEST_HOURS,
        now=frame.now,
        permissions=sorted(principal.permissions & PERMISSIONS[Role.SERVICE]),
    )
