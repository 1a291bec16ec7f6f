"""Ending mail of notifications by the link in it, without signing in (RFC 2369, RFC 8058)."""

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse

from deployments.backends import Ports
from deployments.guard import anyone
from deployments.web.door import door

router = APIRouter(include_in_schema=False)

UNSUBSCRIBE = "/unsubscribe/{secret}"


@router.get(UNSUBSCRIBE, dependencies=[Depends(anyone)])
async def unsubscribe_page(request: Request, secret: str, ports: Ports) -> HTMLResponse:
    """Changes nothing: programs look at links in mails before people do."""
    return await _page(request, ports, secret, is_done=False)


@router.post(UNSUBSCRIBE, dependencies=[Depends(anyone)])
async def unsubscribe(request: Request, secret: str, ports: Ports) -> HTMLResponse:
    """What mail programs send for their readers, as the button does. Repeating is harmless."""
    tenant_id, person_id = ports.identity.unsubscribing.read(secret)
    await ports.identity.wishes.stop(tenant_id, str(person_id))
    return await _page(request, ports, secret, is_done=True)


async def _page(request: Request, ports: Ports, secret: str, *, is_done: bool) -> HTMLResponse:
    tenant_id, _ = ports.identity.unsubscribing.read(secret)
    company = await ports.identity.wishes.company(tenant_id)
    return door(
        request, "unsubscribe.html", ports=ports, secret=secret, company=company, is_done=is_done
    )
