"""API keys of the company: made, shown once, listed, revoked."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from deployments.backends import Backends, Ports
from deployments.forms import Filled, Form, filled, refusal
from deployments.guard import KeyMaker
from deployments.params import NoQuery
from deployments.web.frame import frame_page
from deployments.web.render import Pages
from domain.access import PERMISSIONS, Permission, Principal, Role
from domain.errors import Invalid
from domain.secrets import SpelledKey

router = APIRouter(include_in_schema=False)

KEYS = "/company/keys"


class KeyForm(Form):
    name: str = Field(min_length=1, max_length=100)
    days: int = Field(default=90, ge=1, le=366)
    scopes: tuple[Permission, ...] = ()


@router.get(KEYS)
async def keys_page(
    request: Request, query: NoQuery, principal: KeyMaker, ports: Ports
) -> HTMLResponse:
    return await _keys(request, principal, ports, Filled())


@router.post(KEYS)
async def make_key(
    request: Request,
    principal: KeyMaker,
    form: Annotated[Filled[KeyForm], Depends(filled(KeyForm, "scopes"))],
    ports: Ports,
) -> Response:
    """The answer is the only one that ever shows the key."""
    told = form.value
    if told is None:
        return await _keys(request, principal, ports, form)
    try:
        made = await ports.identity.keys.make(principal, told.name, told.scopes, told.days)
    except Invalid as error:
        return await _keys(request, principal, ports, form.refused(form=refusal(error)))
    return await _keys(request, principal, ports, Filled(), made)


@router.post("/company/keys/{prefix}/revoke")
async def revoke_key(request: Request, prefix: str, principal: KeyMaker, ports: Ports) -> Response:
    """At once, for every replica."""
    await ports.identity.keys.revoke(principal.tenant_id, prefix)
    return RedirectResponse(KEYS, 303)


async def _keys(
    request: Request,
    principal: Principal,
    ports: Backends,
    form: Filled[KeyForm],
    made: SpelledKey | None = None,
) -> HTMLResponse:
    pages: Pages = request.app.state.pages
    frame = await frame_page(request, principal)
    return pages.render(
        "api_keys.html",
        422 if form.errors else 200,
        frame=frame,
        form=form,
        made=made,
        keys=await ports.identity.keys.of(principal.tenant_id),
        now=frame.now,
        scopes=sorted(principal.permissions & PERMISSIONS[Role.SERVICE]),
    )
