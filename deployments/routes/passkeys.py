"""One's own passkeys: which there are, adding one, removing one."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from pydantic import Field
from starlette.background import BackgroundTask

from deployments.backends import Backends, Ports
from deployments.cookies import OF_PASSKEY, bind, bound, current, unbind
from deployments.forms import Filled, Form, filled, sentence
from deployments.gateway.audited import tell_failed_passkey
from deployments.guard import Oneself
from deployments.params import NoQuery
from deployments.passkeys import Answer, add, begin_adding, tell_of_passkey
from deployments.routes.account import ConfirmForm, person_of, rotated
from deployments.routes.passkey_sign_in import NONE_SHOWN, Credential
from deployments.signing_in import check
from deployments.visiting import visitor_of
from deployments.web.frame import frame_page
from deployments.web.render import Pages
from domain.access import Principal
from domain.errors import Invalid, Unauthenticated
from domain.passkey import LONGEST_NAME

router = APIRouter(include_in_schema=False)


class AddForm(Form):
    name: str = Field(min_length=1, max_length=LONGEST_NAME)
    credential: Credential = ""


@router.get("/account/passkeys")
async def passkeys_page(
    request: Request, query: NoQuery, principal: Oneself, ports: Ports
) -> HTMLResponse:
    return await _page(request, principal, ports, Filled())


@router.post("/account/passkeys/begin")
async def begin_to_add(
    request: Request,
    principal: Oneself,
    form: Annotated[Filled[ConfirmForm], Depends(filled(ConfirmForm))],
    ports: Ports,
) -> Response:
    """Answers with what the browser's authenticators are asked, for who gives the password."""
    person = await person_of(ports, principal)
    try:
        await check(ports.identity, person.email, form.value.current_password if form.value else "")
    except Unauthenticated as error:
        raise Invalid(what="this password", reason="it is not yours") from error
    begun = await begin_adding(ports.identity, person)
    response = JSONResponse(begun.options)
    bind(response, ports.identity, OF_PASSKEY, begun.secret)
    return response


@router.post("/account/passkeys")
async def add_passkey(
    request: Request,
    principal: Oneself,
    form: Annotated[Filled[AddForm], Depends(filled(AddForm))],
    ports: Ports,
) -> Response:
    identity, told = ports.identity, form.value
    if told is None or not told.credential:
        is_shown = told is None and "credential" not in form.errors
        refused = form if is_shown else form.refused(form=NONE_SHOWN)
        return await _page(request, principal, ports, refused)
    answer = Answer(told.credential, bound(request, identity, OF_PASSKEY))
    person_id = UUID(principal.user_id)
    try:
        passkey = await add(identity, person_id, told.name, answer)
    except (Unauthenticated, Invalid) as error:
        await tell_failed_passkey(request, identity, person_id, "add a passkey", error)
        refused = form.refused(form=sentence(error.reason))
        return await _page(request, principal, ports, refused)
    tell = BackgroundTask(tell_of_passkey, identity, passkey, visitor_of(request))
    response = RedirectResponse("/account/passkeys", 303, background=tell)
    unbind(response, identity, OF_PASSKEY)
    return response


@router.post("/account/passkeys/{passkey_id}/remove")
async def remove_passkey(
    request: Request, passkey_id: UUID, principal: Oneself, ports: Ports
) -> Response:
    """Ends every other session, as this passkey may have begun one; this goes on under a new id."""
    identity = ports.identity
    await identity.passkeys.remove(UUID(principal.user_id), passkey_id)
    token, session = await current(identity, request)
    await identity.sessions.end_all(session.person_id, but=session.session_id)
    return await rotated(ports, token, "/account/passkeys")


async def _page(
    request: Request,
    principal: Principal,
    ports: Backends,
    form: Filled[AddForm],
) -> HTMLResponse:
    pages: Pages = request.app.state.pages
    return pages.render(
        "passkeys.html",
        422 if form.errors else 200,
        frame=await frame_page(request, principal),
        form=form,
        passkeys=await ports.identity.passkeys.of(UUID(principal.user_id)),
        party=ports.identity.relying_party,
        public_url=ports.identity.public_url,
        suggested=visitor_of(request).browser,
        longest=LONGEST_NAME,
    )
