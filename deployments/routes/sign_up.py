"""Signing up: a form, a mail, and the password once more, which founds the company."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from deployments.backends import Ports
from deployments.cookies import give
from deployments.forms import Filled, Form, filled, refusal, sentence
from deployments.gateway.audited import tell_signed_in
from deployments.guard import anyone
from deployments.routes.sign_in import AddressForm, Secret
from deployments.signing_in import begin, sign_up, verify
from deployments.visiting import cause_of, visitor_of
from deployments.web.door import again, door
from domain.errors import Invalid, Unauthenticated

router = APIRouter(include_in_schema=False, dependencies=[Depends(anyone)])


class SignUpForm(AddressForm):
    name: str = Field(min_length=1, max_length=100)
    company: str = Field(min_length=1, max_length=200)
    password: Secret


class VerifyForm(Form):
    password: Secret


@router.get("/sign-up")
async def sign_up_page(request: Request, ports: Ports) -> HTMLResponse:
    return door(request, "sign_up.html", ports=ports, form=Filled())


@router.post("/sign-up")
async def ask_for_account(
    request: Request,
    form: Annotated[Filled[SignUpForm], Depends(filled(SignUpForm))],
    ports: Ports,
) -> Response:
    """The answer is the same whether or not the address has an account."""
    told = form.value
    if told is None:
        return again(request, "sign_up.html", form, ports)
    try:
        await sign_up(ports.identity, told.name, told.email, told.password, told.company)
    except Invalid as error:
        return again(request, "sign_up.html", form.refused(password=refusal(error)), ports)
    return door(request, "mailed.html", ports=ports, what="verify", email=told.email)


@router.get("/verify/{secret}")
async def verify_page(request: Request, secret: str, ports: Ports) -> HTMLResponse:
    """Changes nothing: programs look at links in mails before people do."""
    return door(request, "verify.html", ports=ports, form=Filled())


@router.post("/verify/{secret}")
async def confirm_address(
    request: Request,
    secret: str,
    form: Annotated[Filled[VerifyForm], Depends(filled(VerifyForm))],
    ports: Ports,
) -> Response:
    if form.value is None:
        return again(request, "verify.html", form, ports)
    identity = ports.identity
    try:
        cause = await cause_of(request)
        person = await verify(identity, secret, form.value.password, cause)
    except Unauthenticated as error:
        return again(request, "verify.html", form.refused(form=sentence(error.reason)), ports)
    except Invalid as error:
        return again(request, "verify.html", form.refused(form=refusal(error)), ports)
    token, session = await begin(identity, person, visitor_of(request), is_remembered=False)
    response = RedirectResponse("/onboarding", 303)
    await tell_signed_in(request, session)
    give(response, identity, token, session)
    return response
