"""Mails that the hub's own sink took over, for whoever sits at this machine."""

import asyncio

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from deployments.backends import Ports, SunkMails
from deployments.guard import LocalOperator
from deployments.params import NoQuery
from deployments.web.frame import frame_page
from deployments.web.render import Pages
from domain.errors import NotFound

router = APIRouter(include_in_schema=False)

SHOWN = 50


@router.get("/system/mail")
async def mails_page(
    request: Request, query: NoQuery, principal: LocalOperator, ports: Ports
) -> HTMLResponse:
    """The newest, and what they say: links in them can be followed."""
    sink = _sink(ports)
    frame, mails = await asyncio.gather(
        frame_page(request, principal), asyncio.to_thread(sink.newest, SHOWN)
    )
    pages: Pages = request.app.state.pages
    return pages.render("mails.html", frame=frame, mails=mails, shown=SHOWN)


def _sink(ports: Ports) -> SunkMails:
    if ports.sunk_mails is None:
        raise NotFound(what="mail sink", key="of this hub: mail goes out into the world")
    return ports.sunk_mails
