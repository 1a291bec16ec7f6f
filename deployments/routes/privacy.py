"""What a company lets others do with its texts, and what it takes along of its data."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from deployments.backends import Ports
from deployments.forms import Filled, Form, filled
from deployments.guard import Colleague, Owner
from deployments.joining import consent
from deployments.params import NoQuery
from deployments.visiting import cause_of
from deployments.web.frame import frame_page
from deployments.web.privacy_view import consent_views
from deployments.web.render import Pages
from domain.access import Permission
from domain.consent import Purpose
from domain.errors import Invalid

router = APIRouter(include_in_schema=False)

PRIVACY = "/company/privacy"


class ConsentForm(Form):
    purpose: Purpose
    given: bool


@router.get(PRIVACY)
async def privacy_page(
    request: Request, query: NoQuery, principal: Colleague, ports: Ports
) -> HTMLResponse:
    told = await ports.identity.consents.told(principal.tenant_id)
    members = await ports.identity.companies.members(principal.tenant_id)
    pages: Pages = request.app.state.pages
    return pages.render(
        "privacy.html",
        200,
        frame=await frame_page(request, principal),
        consents=consent_views(told, {str(one.person_id): one.name for one in members}),
        sends_pages=ports.identity.sends_pages,
        is_owner=Permission.MANAGE_PERSONAL_DATA in principal.permissions,
    )


@router.post("/company/consents")
async def give_consent(
    request: Request,
    principal: Owner,
    form: Annotated[Filled[ConsentForm], Depends(filled(ConsentForm))],
    ports: Ports,
) -> Response:
    if form.value is None:
        raise Invalid(what="this consent", reason="tell for what, and whether it is given")
    told, cause = form.value, await cause_of(request, principal)
    await consent(ports.identity, principal, told.purpose, told.given, cause)
    return RedirectResponse(PRIVACY, 303)
