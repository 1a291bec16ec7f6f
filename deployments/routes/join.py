"""Joining a company by the link of an invitation, with an account or without one yet."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from cluster.stores.persons import SigningUp
from deployments.backends import Ports
from deployments.cookies import current, give
from deployments.forms import Filled, Form, filled, refusal
from deployments.gateway.audited import tell_signed_in
from deployments.guard import Oneself, anyone
from deployments.joining import join
from deployments.routes.sign_in import Secret
from deployments.signing_in import begin, switch
from deployments.visiting import cause_of, visitor_of
from deployments.web.door import again, door
from domain.errors import Invalid, NotFound
from domain.person import check_password

router = APIRouter(include_in_schema=False)


class NewMemberForm(Form):
    name: str = Field(min_length=1, max_length=100)
    password: Secret


@router.get("/join/{secret}", dependencies=[Depends(anyone)])
async def join_page(request: Request, secret: str, ports: Ports) -> HTMLResponse:
    """Changes nothing: programs look at links in mails before people do."""
    _, invitation = await ports.identity.companies.invitation(secret)
    return door(
        request, "join.html", ports=ports, invitation=invitation, secret=secret, form=Filled()
    )


@router.post("/join/{secret}")
async def join_company(request: Request, secret: str, principal: Oneself, ports: Ports) -> Response:
    """And go on for this company, under a new session id."""
    identity = ports.identity
    person = await identity.persons.by_id(UUID(principal.user_id))
    if person is None:
        raise NotFound(what="account", key=principal.user_id)
    tenant_id = await join(identity, person, secret, await cause_of(request, principal))
    token, session = await switch(identity, *await current(identity, request), tenant_id)
    response = RedirectResponse("/", 303)
    give(response, identity, token, session)
    return response


@router.post("/join/{secret}/new", dependencies=[Depends(anyone)])
async def join_with_new_account(
    request: Request,
    secret: str,
    form: Annotated[Filled[NewMemberForm], Depends(filled(NewMemberForm))],
    ports: Ports,
) -> Response:
    """The link came by mail, so whoever holds it has the address."""
    identity, told = ports.identity, form.value
    _, invitation = await identity.companies.invitation(secret)
    facts: dict[str, Any] = {"invitation": invitation, "secret": secret}
    if told is None:
        return again(request, "join.html", form, ports, **facts)
    try:
        check_password(told.password, told.name, invitation.email)
        password_hash = await identity.passwords.hash(told.password)
        new = SigningUp(invitation.email, told.name, password_hash, invitation.company)
        person = await identity.persons.add(new)
    except Invalid as error:
        return again(request, "join.html", form.refused(form=refusal(error)), ports, **facts)
    await join(identity, person, secret, await cause_of(request))
    token, session = await begin(identity, person, visitor_of(request), is_remembered=False)
    response = RedirectResponse("/", 303)
    await tell_signed_in(request, session)
    give(response, identity, token, session)
    return response
