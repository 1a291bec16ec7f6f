"""Pages before one is known: signing in and up. They have no frame, and ask no store for one."""

from typing import Any

from fastapi import Request
from starlette.responses import HTMLResponse

from deployments.backends import Backends
from deployments.forms import Filled
from deployments.web.render import Pages


def door(
    request: Request, template: str, status: int = 200, *, ports: Backends, **facts: Any
) -> HTMLResponse:
    pages: Pages = request.app.state.pages
    local = ports.identity.lets_local_in
    return pages.render(template, status, lets_local_in=local, **facts)


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
