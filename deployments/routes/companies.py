"""A person's companies: going over to another, founding one more."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import Field

from deployments.backends import Ports
from deployments.cookies import current, give
from deployments.forms import Filled, Form, filled
from deployments.guard import Oneself
from deployments.signing_in import found_company, switch
from deployments.visiting import cause_of
from domain.errors import Invalid

router = APIRouter(include_in_schema=False)


class SwitchForm(Form):
    tenant_id: UUID


class FoundForm(Form):
    company: str = Field(min_length=1, max_length=200)


@router.post("/account/companies/switch")
async def switch_company(
    request: Request,
    principal: Oneself,
    form: Annotated[Filled[SwitchForm], Depends(filled(SwitchForm))],
    ports: Ports,
) -> Response:
    if form.value is None:
        raise Invalid(what="this switch", reason="choose one of your companies")
    return await _go_on_for(form.value.tenant_id, request, ports, "/")


@router.post("/account/companies")
async def found(
    request: Request,
    principal: Oneself,
    form: Annotated[Filled[FoundForm], Depends(filled(FoundForm))],
    ports: Ports,
) -> Response:
    if form.value is None:
        raise Invalid(what="this company", reason="it needs a name")
    cause = await cause_of(request, principal)
    founder = UUID(principal.user_id)
    tenant_id = await found_company(ports.identity, founder, form.value.company, cause)
    return await _go_on_for(tenant_id, request, ports, "/onboarding")


async def _go_on_for(tenant_id: UUID, request: Request, ports: Ports, path: str) -> Response:
    identity = ports.identity
    token, session = await switch(identity, *await current(identity, request), tenant_id)
    response = RedirectResponse(path, 303)
    give(response, identity, token, session)
    return response
