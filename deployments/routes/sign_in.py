"""Signing in and out: the password, the second factor, a new password by mail."""

from contextlib import suppress
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field
from starlette.background import BackgroundTask

from cluster.stores.attempts import MAILS
from deployments.auth import session_token
from deployments.backends import Ports
from deployments.cookies import current, give, take
from deployments.forms import Email, Filled, Form, filled, own_path, refusal, sentence
from deployments.gateway.audited import (
    tell_failed_code,
    tell_failed_sign_in,
    tell_signed_in,
    tell_signed_out,
)
from deployments.guard import anyone
from deployments.params import NextPage, Onward
from deployments.signing_in import (
    WRONG,
    ask_reset,
    begin,
    check,
    pass_code,
    reset,
    tell_of_new_browser,
)
from deployments.visiting import visitor_of
from deployments.web.door import again, code_door, door
from domain.errors import Invalid, Unauthenticated
from domain.person import LONGEST_PASSWORD

router = APIRouter(include_in_schema=False, dependencies=[Depends(anyone)])

Secret = Annotated[str, Field(min_length=1, max_length=LONGEST_PASSWORD)]


class AddressForm(Form):
    email: Email


class SignInForm(AddressForm):
    password: Secret
    remember: bool = False


class CodeForm(Form):
    code: str = Field(min_length=1, max_length=40)


class NewPasswordForm(Form):
    password: Secret


@router.get("/sign-in")
async def sign_in_page(request: Request, query: Onward, ports: Ports) -> HTMLResponse:
    return door(request, "sign_in.html", form=Filled(), next=query.next, ports=ports)


@router.post("/sign-in")
async def sign_in(
    request: Request,
    query: Onward,
    form: Annotated[Filled[SignInForm], Depends(filled(SignInForm))],
    ports: Ports,
) -> Response:
    """A wrong form and a wrong password are told alike."""
    identity, told = ports.identity, form.value
    if told is None:
        return again(request, "sign_in.html", form.refused(form=WRONG), ports, query.next)
    try:
        person = await check(identity, told.email, told.password)
    except Unauthenticated as error:
        await tell_failed_sign_in(request, identity, told.email)
        refused = form.refused(form=error.reason)
        return again(request, "sign_in.html", refused, ports, query.next)
    visitor = visitor_of(request)
    token, session = await begin(identity, person, visitor, is_remembered=told.remember)
    if session.awaits_code:
        response = _to("/sign-in/code", query)
    else:
        tell = BackgroundTask(tell_of_new_browser, identity, person.person_id, visitor)
        response = RedirectResponse(own_path(query.next), 303, background=tell)
    await tell_signed_in(request, session)
    give(response, identity, token, session)
    return response


@router.get("/sign-in/code")
async def code_page(request: Request, query: Onward, ports: Ports) -> Response:
    return await code_door(request, Filled(), ports, query.next)


@router.post("/sign-in/code")
async def give_code(
    request: Request,
    query: Onward,
    form: Annotated[Filled[CodeForm], Depends(filled(CodeForm))],
    ports: Ports,
) -> Response:
    identity = ports.identity
    token, awaiting = await current(identity, request)
    if form.value is None:
        return await code_door(request, form, ports, query.next)
    try:
        token, session = await pass_code(identity, token, form.value.code)
    except Unauthenticated as error:
        await tell_failed_code(request, identity, awaiting.person_id)
        refused = form.refused(code=sentence(error.reason))
        return await code_door(request, refused, ports, query.next)
    tell = BackgroundTask(tell_of_new_browser, identity, session.person_id, visitor_of(request))
    response = RedirectResponse(own_path(query.next), 303, background=tell)
    await tell_signed_in(request, session)
    give(response, identity, token, session)
    return response


@router.post("/sign-out")
async def sign_out(request: Request, query: Onward, ports: Ports) -> Response:
    """Also out of a session that is over. Repeating it is harmless."""
    token = session_token(request)
    if token:
        with suppress(Unauthenticated):
            await tell_signed_out(request, await ports.identity.sessions.find(token))
        await ports.identity.sessions.end(token)
    response = RedirectResponse(own_path(query.next), 303)
    take(response, ports.identity)
    return response


@router.get("/reset")
async def ask_reset_page(request: Request, ports: Ports) -> HTMLResponse:
    return door(request, "ask_reset.html", form=Filled(), ports=ports)


@router.post("/reset")
async def ask_for_reset(
    request: Request,
    form: Annotated[Filled[AddressForm], Depends(filled(AddressForm))],
    ports: Ports,
) -> Response:
    """The answer and the time it takes are the same whether or not there is an account."""
    if form.value is None:
        return again(request, "ask_reset.html", form, ports)
    email = form.value.email
    await ports.identity.attempts.count(MAILS, email)
    page = door(request, "mailed.html", what="reset", email=email, ports=ports)
    page.background = BackgroundTask(ask_reset, ports.identity, email)
    return page


@router.get("/reset/{secret}")
async def reset_page(request: Request, secret: str, ports: Ports) -> HTMLResponse:
    return door(request, "reset.html", form=Filled(), ports=ports)


@router.post("/reset/{secret}")
async def set_new_password(
    request: Request,
    secret: str,
    form: Annotated[Filled[NewPasswordForm], Depends(filled(NewPasswordForm))],
    ports: Ports,
) -> Response:
    if form.value is None:
        return again(request, "reset.html", form, ports)
    try:
        await reset(ports.identity, secret, form.value.password)
    except Invalid as error:
        return again(request, "reset.html", form.refused(password=refusal(error)), ports)
    except Unauthenticated as error:
        return again(request, "reset.html", form.refused(form=sentence(error.reason)), ports)
    response = RedirectResponse("/sign-in", 303)
    take(response, ports.identity)
    return response


def _to(path: str, query: NextPage) -> RedirectResponse:
    target = own_path(query.next)
    return RedirectResponse(path if target == "/" else f"{path}?{query.spelled()}", 303)
