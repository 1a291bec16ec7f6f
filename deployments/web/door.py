"""Pages before one is known: signing in and up. They have no frame, and ask no store for one."""

from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse

from deployments.auth import session_token
from deployments.backends import Backends
from deployments.forms import Filled
from deployments.passkeys import may_pass
from deployments.web.render import Pages


def door(
    request: Request, template: str, status: int = 200, *, ports: Backends, **facts: Any
) -> HTMLResponse:
    pages: Pages = request.app.state.pages
    local, party = ports.identity.lets_local_in, ports.identity.relying_party
    return pages.render(template, status, lets_local_in=local, party=party, **facts)


def again(
    request: Request,
    template: str,
    form: Filled[Any],
    ports: Backends,
    next_: str = "/",
    **facts: Any,
) -> HTMLResponse:
    """The form as it was filled in, with what is wrong."""
    return door(request, template, 422, ports=ports, form=form, next=next_, **facts)


async def code_door(
    request: Request, form: Filled[Any], ports: Backends, next_: str
) -> HTMLResponse:
    """Where the second factor is asked for; a passkey too, of who has one."""
    has_passkey = await may_pass(ports.identity, session_token(request))
    status = 422 if form.errors else 200
    facts = {"form": form, "next": next_, "has_passkey": has_passkey}
    return door(request, "code.html", status, ports=ports, **facts)
