"""Signing in with a passkey, and giving one in place of a code."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from pydantic import Field
from starlette.background import BackgroundTask

from deployments.backends import Backends, Ports
from deployments.cookies import OF_PASSKEY, bind, bound, current, give, unbind
from deployments.forms import Filled, Form, filled, own_path, sentence
from deployments.gateway.audited import tell_failed_passkey, tell_signed_in
from deployments.guard import anyone
from deployments.params import Onward
from deployments.passkeys import (
    Answer,
    Begun,
    begin_second_factor,
    begin_signing_in,
    pass_passkey,
    shown_by,
    sign_in_with,
)
from deployments.signing_in import tell_of_new_browser
from deployments.visiting import visitor_of
from deployments.web.door import again, code_door
from domain.errors import Unauthenticated
from domain.session import Session

router = APIRouter(include_in_schema=False, dependencies=[Depends(anyone)])

Credential = Annotated[str, Field(max_length=16_000)]
"""What a browser gives, as JSON. Empty where no script ran."""
NONE_SHOWN = "Your browser showed no passkey. It has to run this page’s script, and know passkeys."  # noqa: RUF001


class CredentialForm(Form):
    credential: Credential = ""


Shown = Annotated[Filled[CredentialForm], Depends(filled(CredentialForm))]


@router.post("/sign-in/passkey/begin")
async def begin_with_passkey(request: Request, ports: Ports) -> Response:
    """Answers with what the browser's authenticators are asked."""
    return _begun(await begin_signing_in(ports.identity), ports)


@router.post("/sign-in/passkey")
async def sign_in_by_passkey(
    request: Request, query: Onward, form: Shown, ports: Ports
) -> Response:
    identity, visitor = ports.identity, visitor_of(request)
    if form.value is None or not form.value.credential:
        return again(request, "sign_in.html", form.refused(form=NONE_SHOWN), ports, query.next)
    answer = Answer(form.value.credential, bound(request, identity, OF_PASSKEY))
    shown = await shown_by(identity, answer)
    try:
        token, session = await sign_in_with(identity, answer, shown, visitor)
    except Unauthenticated as error:
        whose = shown.person_id if shown else None
        await tell_failed_passkey(request, identity, whose, "sign in with a passkey", error)
        refused = form.refused(form=sentence(error.reason))
        return again(request, "sign_in.html", refused, ports, query.next)
    return await _in(request, ports, token, session, query.next)


@router.post("/sign-in/code/passkey/begin")
async def begin_second_with_passkey(request: Request, ports: Ports) -> Response:
    """For who gave the password."""
    token, _ = await current(ports.identity, request)
    return _begun(await begin_second_factor(ports.identity, token), ports)


@router.post("/sign-in/code/passkey")
async def give_passkey(request: Request, query: Onward, form: Shown, ports: Ports) -> Response:
    identity = ports.identity
    token, awaiting = await current(identity, request)
    if form.value is None or not form.value.credential:
        return await code_door(request, form.refused(form=NONE_SHOWN), ports, query.next)
    answer = Answer(form.value.credential, bound(request, identity, OF_PASSKEY))
    shown = await shown_by(identity, answer)
    try:
        token, session = await pass_passkey(identity, token, answer, shown)
    except Unauthenticated as error:
        whose = awaiting.person_id
        await tell_failed_passkey(request, identity, whose, "second factor by a passkey", error)
        refused = form.refused(form=sentence(error.reason))
        return await code_door(request, refused, ports, query.next)
    return await _in(request, ports, token, session, query.next)


def _begun(begun: Begun, ports: Backends) -> Response:
    response = JSONResponse(begun.options)
    bind(response, ports.identity, OF_PASSKEY, begun.secret)
    return response


async def _in(
    request: Request, ports: Backends, token: str, session: Session, onward: str
) -> Response:
    identity = ports.identity
    tell = BackgroundTask(tell_of_new_browser, identity, session.person_id, visitor_of(request))
    response = RedirectResponse(own_path(onward), 303, background=tell)
    await tell_signed_in(request, session)
    unbind(response, identity, OF_PASSKEY)
    give(response, identity, token, session)
    return response
