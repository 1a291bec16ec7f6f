"""Signing in through a company's own provider: the door, there and back."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from cluster.clients.openid import THEIRS
from cluster.stores.attempts import PROVIDERS
from deployments.backends import Backends, Ports
from deployments.cookies import OF_FLOW, bind, bound, give, unbind
from deployments.forms import Filled, Form, own_path, sentence
from deployments.gateway.audited import tell_failed_provider, tell_signed_in
from deployments.guard import anyone
from deployments.through_provider import Callback, arrive, lead_there
from deployments.visiting import cause_of, visitor_of
from deployments.web.door import again, door
from domain.errors import Forbidden, HubError, Invalid, NotFound, Unauthenticated, Unavailable
from domain.provider import Provider
from domain.secrets import new_secret

router = APIRouter(include_in_schema=False, dependencies=[Depends(anyone)])

_FAILED = (Unauthenticated, Forbidden, Invalid, Unavailable)


class CompanyQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str = Field(default="", max_length=100)
    next: str = Field(default="/", max_length=2_000)


class Onwards(BaseModel):
    model_config = ConfigDict(extra="forbid")

    next: str = Field(default="/", max_length=2_000)


class Back(BaseModel):
    """As a provider tells it; what else it adds is its own."""

    model_config = ConfigDict(extra="ignore")

    state: str = Field(default="", max_length=200)
    code: str = Field(default="", max_length=4_096)
    iss: str | None = Field(default=None, max_length=2_000)
    error: str = Field(default="", max_length=200)


class CompanyForm(Form):
    name: str


@router.get("/sign-in/company")
async def company_door(
    request: Request, query: Annotated[CompanyQuery, Query()], ports: Ports
) -> HTMLResponse:
    """Asks for the company; once it is known, shows where the way leads before one goes it."""
    name = query.name.strip().lower()
    form: Filled[CompanyForm] = Filled(told={"name": name})
    if not name:
        return _door(request, form, ports, query.next)
    try:
        provider = await ports.identity.providers.named(name)
    except NotFound:
        words = "No company signs in under this name. Ask your admin how it is spelled."
        return _again(request, form.refused(name=words), ports, query.next)
    return _door(request, form, ports, query.next, provider)


@router.get("/sign-in/company/{name}")
async def lead_to_provider(
    request: Request, name: str, query: Annotated[Onwards, Query()], ports: Ports
) -> Response:
    """Counted by address, as each asks the provider what it is."""
    identity = ports.identity
    await identity.attempts.count(PROVIDERS, visitor_of(request).address)
    provider = await identity.providers.named(name)
    browser = new_secret()
    try:
        there = await lead_there(identity, provider, browser, own_path(query.next))
    except (Invalid, Unavailable) as error:
        return await _refused(request, provider, error, ports)
    response = RedirectResponse(there, 303)
    bind(response, identity, OF_FLOW, browser)
    return response


@router.get("/sign-in/company/{name}/callback")
async def come_back(
    request: Request, name: str, query: Annotated[Back, Query()], ports: Ports
) -> Response:
    identity = ports.identity
    await identity.attempts.count(PROVIDERS, visitor_of(request).address)
    provider = await identity.providers.named(name)
    try:
        _refuse_error(query)
        told = Callback(query.state, query.code, bound(request, identity, OF_FLOW), query.iss)
        cause = await cause_of(request)
        arrived = await arrive(identity, provider, told, visitor_of(request), cause)
    except _FAILED as error:
        return await _refused(request, provider, error, ports)
    await tell_signed_in(request, await identity.sessions.find(arrived.token))
    response = RedirectResponse(arrived.onward, 303)
    unbind(response, identity, OF_FLOW)
    give(response, identity, arrived.token, arrived.session)
    return response


def _refuse_error(told: Back) -> None:
    """What a provider says is for us, and not repeated: anybody can write such an address."""
    if told.error or not told.code:
        raise Unauthenticated(reason="your company's provider did not let you in")


async def _refused(
    request: Request, provider: Provider, error: HubError, ports: Backends
) -> Response:
    """The form with what is wrong. An outage of our own stores is told as one."""
    if isinstance(error, Unavailable) and error.service not in THEIRS:
        raise error
    await tell_failed_provider(request, provider.tenant_id)
    asked: Filled[CompanyForm] = Filled(told={"name": provider.name})
    form = asked.refused(form=_words(error))
    return _again(request, form, ports, "/", provider)


def _words(error: HubError) -> str:
    match error:
        case Unauthenticated():
            return sentence(error.reason)
        case Unavailable():
            return "Your company’s provider does not answer as it should. Try again later."  # noqa: RUF001
        case _:
            return sentence(str(error))


def _door(
    request: Request,
    form: Filled[CompanyForm],
    ports: Backends,
    onward: str,
    provider: Provider | None = None,
) -> HTMLResponse:
    page = "sign_in_company.html"
    return door(request, page, ports=ports, form=form, next=own_path(onward), provider=provider)


def _again(
    request: Request,
    form: Filled[CompanyForm],
    ports: Backends,
    onward: str,
    provider: Provider | None = None,
) -> HTMLResponse:
    return again(request, "sign_in_company.html", form, ports, own_path(onward), provider=provider)
