"""What one is mailed of notifications: chosen by kind, with the time zone of the daily digest."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field, field_validator

from deployments.backends import Backends, Ports
from deployments.forms import Filled, Form, filled, refusal
from deployments.guard import Oneself
from deployments.params import NoQuery
from deployments.web.frame import frame_page
from deployments.web.render import Pages
from domain.access import Principal
from domain.errors import Invalid
from domain.notification_mail import DIGEST_AT, Cadence, MailWishes, check_zone
from domain.notifications import NotificationKind

router = APIRouter(include_in_schema=False)

WISHES = "/account/notifications"

KINDS: tuple[tuple[NotificationKind, str], ...] = (
    ("match", "A new notice fits your company"),
    ("amendment", "An amendment touches requirements that you own"),
    ("document", "A document that you had read is done"),
)
CADENCES = (("at_once", "At once"), ("daily", "In a daily digest"), ("none", "Not by mail"))
ZONES = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Phoenix"),
    *("America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico"),
    *("Pacific/Guam", "UTC"),
)
"""Offered; every other zone can be typed."""


class WishesForm(Form):
    match: Cadence
    amendment: Cadence
    document: Cadence
    zone: str = Field(min_length=1, max_length=64)

    @field_validator("zone")
    @classmethod
    def _is_known(cls, told: str) -> str:
        try:
            return check_zone(told)
        except Invalid as error:
            raise ValueError(refusal(error)) from error

    def to_wishes(self) -> MailWishes:
        cadences: dict[NotificationKind, Cadence] = {
            "match": self.match,
            "amendment": self.amendment,
            "document": self.document,
        }
        return MailWishes(cadences, self.zone)


@router.get(WISHES)
async def wishes_page(
    request: Request, query: NoQuery, principal: Oneself, ports: Ports
) -> HTMLResponse:
    return await _page(request, principal, ports, Filled())


@router.post(WISHES)
async def change_wishes(
    request: Request,
    principal: Oneself,
    form: Annotated[Filled[WishesForm], Depends(filled(WishesForm))],
    ports: Ports,
) -> Response:
    """They hold from the next notification on; what waits for a digest is looked at again then."""
    if form.value is None:
        return await _page(request, principal, ports, form)
    wishes = form.value.to_wishes()
    await ports.identity.wishes.wish(principal.tenant_id, principal.user_id, wishes)
    return RedirectResponse(WISHES, 303)


async def _page(
    request: Request, principal: Principal, ports: Backends, form: Filled[WishesForm]
) -> HTMLResponse:
    pages: Pages = request.app.state.pages
    wishes = await ports.identity.wishes.of(principal.tenant_id, principal.user_id)
    return pages.render(
        "mail_wishes.html",
        422 if form.errors else 200,
        frame=await frame_page(request, principal),
        form=form,
        company=await ports.identity.wishes.company(principal.tenant_id),
        kinds=[(kind, words, wishes.of(kind)) for kind, words in KINDS],
        cadences=CADENCES,
        zone=wishes.zone,
        zones=ZONES,
        hour=DIGEST_AT.hour,
    )
