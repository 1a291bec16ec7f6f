"""One's own account: where one is signed in, the password, the second factor."""

from time import time
from typing import Annotated
from uuid import UUID

import segno
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field

from deployments.backends import Backends, Ports
from deployments.cookies import current, give
from deployments.forms import Filled, Form, filled, refusal
from deployments.guard import Oneself
from deployments.params import NoQuery
from deployments.routes.sign_in import CodeForm, Secret
from deployments.signing_in import check, set_password
from deployments.web.frame import frame_page
from deployments.web.render import Pages
from domain.access import Principal
from domain.errors import Invalid, NotFound, Unauthenticated
from domain.person import Person
from domain.secrets import new_recovery_codes
from domain.totp import enrolment_uri, new_totp_secret, step_of

router = APIRouter(include_in_schema=False)

NOT_YOURS = "This is not your password."


class PasswordForm(Form):
    current_password: Secret
    password: Secret


class ConfirmForm(Form):
    current_password: str = Field(min_length=1, max_length=256)


@router.get("/account")
async def account_page(
    request: Request, query: NoQuery, principal: Oneself, ports: Ports
) -> HTMLResponse:
    return await _account(request, principal, ports, Filled())


@router.post("/account/password")
async def change_password(
    request: Request,
    principal: Oneself,
    form: Annotated[Filled[PasswordForm], Depends(filled(PasswordForm))],
    ports: Ports,
) -> Response:
    """Ends every other session; this one goes on under a new id."""
    if form.value is None:
        return await _account(request, principal, ports, form)
    token, session = await current(ports.identity, request)
    person = await person_of(ports, principal)
    try:
        await check(ports.identity, person.email, form.value.current_password)
        but = session.session_id
        await set_password(ports.identity, person, form.value.password, but=but)
    except Unauthenticated:
        refused = form.refused(**{"current_password": NOT_YOURS})
        return await _account(request, principal, ports, refused)
    except Invalid as error:
        refused = form.refused(password=refusal(error))
        return await _account(request, principal, ports, refused)
    return await rotated(ports, token, "/account")


@router.post("/account/sessions/{session_id}/end")
async def end_session(
    request: Request, session_id: str, principal: Oneself, ports: Ports
) -> Response:
    """At once: its next request is refused, and its open pages are cut off."""
    await ports.identity.sessions.end_one(UUID(principal.user_id), session_id)
    return RedirectResponse("/account", 303)


@router.post("/account/sessions/end-others")
async def end_others(request: Request, principal: Oneself, ports: Ports) -> Response:
    _, session = await current(ports.identity, request)
    await ports.identity.sessions.end_all(session.person_id, but=session.session_id)
    return RedirectResponse("/account", 303)


@router.get("/account/second-factor")
async def second_factor_page(
    request: Request, query: NoQuery, principal: Oneself, ports: Ports
) -> Response:
    person = await person_of(ports, principal)
    if person.totp_secret:
        return RedirectResponse("/account", 303)
    if await ports.identity.persons.offered_totp(person.person_id) is None:
        await ports.identity.persons.offer_totp(person.person_id, new_totp_secret())
    return await _enrol(request, principal, ports, Filled())


@router.post("/account/second-factor")
async def confirm_second_factor(
    request: Request,
    principal: Oneself,
    form: Annotated[Filled[CodeForm], Depends(filled(CodeForm))],
    ports: Ports,
) -> Response:
    """A code shows that the secret is kept. Answers with the recovery codes, this once."""
    persons, person_id = ports.identity.persons, UUID(principal.user_id)
    secret = await persons.offered_totp(person_id)
    if secret is None:
        return RedirectResponse("/account", 303)
    step = step_of(secret, form.value.code, time(), after=0) if form.value else None
    if step is None:
        words = "This code is not right. Look whether the clock of the device is."
        return await _enrol(request, principal, ports, form.refused(code=words))
    codes = new_recovery_codes()
    await persons.confirm_totp(person_id, secret, step, codes)
    token, session = await current(ports.identity, request)
    await ports.identity.sessions.end_all(person_id, but=session.session_id)
    response = _pages(request).render(
        "recovery_codes.html", frame=await frame_page(request, principal), codes=codes
    )
    give(response, ports.identity, await ports.identity.sessions.rotate(token, session), session)
    return response


@router.post("/account/second-factor/remove")
async def remove_second_factor(
    request: Request,
    principal: Oneself,
    form: Annotated[Filled[ConfirmForm], Depends(filled(ConfirmForm))],
    ports: Ports,
) -> Response:
    person = await person_of(ports, principal)
    try:
        await check(ports.identity, person.email, form.value.current_password if form.value else "")
    except Unauthenticated:
        refused = form.refused(factor=NOT_YOURS)
        return await _account(request, principal, ports, refused)
    await ports.identity.persons.drop_totp(person.person_id)
    token, _ = await current(ports.identity, request)
    return await rotated(ports, token, "/account")


async def rotated(ports: Backends, token: str, path: str) -> Response:
    """On to a page, with the session under a new id."""
    session = await ports.identity.sessions.find(token)
    fresh = await ports.identity.sessions.rotate(token, session)
    response = RedirectResponse(path, 303)
    give(response, ports.identity, fresh, session)
    return response


async def _account(
    request: Request,
    principal: Principal,
    ports: Backends,
    form: Filled[PasswordForm] | Filled[ConfirmForm],
) -> HTMLResponse:
    identity = ports.identity
    person = await person_of(ports, principal)
    _, own = await current(identity, request)
    return _pages(request).render(
        "account.html",
        422 if form.errors else 200,
        frame=await frame_page(request, principal),
        person=person,
        form=form,
        own=own.session_id,
        sessions=await identity.sessions.of(person.person_id),
        passkeys=await identity.passkeys.of(person.person_id),
        codes_left=await identity.persons.recovery_codes_left(person.person_id),
        companies=await identity.companies.of_person(person.person_id),
        tenant_id=own.tenant_id,
    )


async def _enrol(
    request: Request, principal: Principal, ports: Backends, form: Filled[CodeForm]
) -> HTMLResponse:
    person = await person_of(ports, principal)
    secret = await ports.identity.persons.offered_totp(person.person_id) or ""
    uri = enrolment_uri(secret, person.email)
    drawn = segno.make(uri, error="m").svg_inline(scale=4, border=4, light="#fff")
    return _pages(request).render(
        "second_factor.html",
        422 if form.errors else 200,
        frame=await frame_page(request, principal),
        form=form,
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        uri=uri,
        drawn=drawn,
    )


async def person_of(ports: Backends, principal: Principal) -> Person:
    person = await ports.identity.persons.by_id(UUID(principal.user_id))
    if person is None:
        raise NotFound(what="account", key=principal.user_id)
    return person


def _pages(request: Request) -> Pages:
    return request.app.state.pages  # type: ignore[no-any-return]
