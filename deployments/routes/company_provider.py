"""How members sign in through the company's own provider: the page on which admins set it."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from deployments.backends import Backends, Ports
from deployments.forms import Filled, Form, filled, refusal
from deployments.guard import Recruiter
from deployments.params import NoQuery
from deployments.provider_desk import drop_provider, set_provider
from deployments.through_provider import callback_address
from deployments.web.frame import frame_page
from deployments.web.render import Pages
from domain.access import Principal, Role
from domain.errors import Invalid
from domain.provider import JOINS_AS, Provider

router = APIRouter(include_in_schema=False)

SIGN_IN = "/company/sign-in"


class ProviderForm(Form):
    """`domains` are parted by commas or blanks."""

    name: str = Field(min_length=1, max_length=40)
    issuer: str = Field(min_length=1, max_length=500)
    client_id: str = Field(min_length=1, max_length=500)
    client_password: str = Field(default="", max_length=1_000)
    domains: str = Field(default="", max_length=2_000)
    role: Role = Role.VIEWER

    def provider(self, principal: Principal) -> Provider:
        domains = (part for part in re.split(r"[\s,]+", self.domains.lower()) if part)
        return Provider(
            tenant_id=principal.tenant_id,
            name=self.name.lower(),
            issuer=self.issuer,
            client_id=self.client_id,
            domains=tuple(domains),
            role=self.role,
        )


@router.get(SIGN_IN)
async def provider_page(
    request: Request, query: NoQuery, principal: Recruiter, ports: Ports
) -> HTMLResponse:
    return await _page(request, principal, ports, Filled())


@router.post(SIGN_IN)
async def save_provider(
    request: Request,
    principal: Recruiter,
    form: Annotated[Filled[ProviderForm], Depends(filled(ProviderForm))],
    ports: Ports,
) -> Response:
    if form.value is None:
        return await _page(request, principal, ports, form)
    try:
        provider = form.value.provider(principal)
        await set_provider(ports.identity, provider, form.value.client_password)
    except Invalid as error:
        field = {"client_secret": "client_password"}.get(error.what, error.what)
        return await _page(request, principal, ports, form.refused(**{field: refusal(error)}))
    return RedirectResponse(SIGN_IN, 303)


@router.post("/company/sign-in/remove")
async def remove_provider(request: Request, principal: Recruiter, ports: Ports) -> Response:
    """Ends the sessions that it let in."""
    await drop_provider(ports.identity, principal.tenant_id)
    return RedirectResponse(SIGN_IN, 303)


async def _page(
    request: Request, principal: Principal, ports: Backends, form: Filled[ProviderForm]
) -> HTMLResponse:
    pages: Pages = request.app.state.pages
    provider = await ports.identity.providers.of(principal.tenant_id)
    return pages.render(
        "company_sign_in.html",
        422 if form.errors else 200,
        frame=await frame_page(request, principal),
        form=form,
        provider=provider,
        callback=callback_address(ports.identity, provider) if provider else None,
        public_url=ports.identity.public_url,
        roles=JOINS_AS,
    )
