"""The dashboard: what is coming, and how are we doing?"""

from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from deployments.backends import Ports
from deployments.guard import Analyst
from deployments.params import NoQuery
from deployments.web.dashboard_view import bars_by, days_view, kpis
from deployments.web.frame import frame_page
from deployments.web.list_view import EmptyView, NextStep
from deployments.web.notices import degraded_strip, uncounted_strip
from deployments.web.render import Pages
from deployments.web.times import EASTERN
from domain.analytics import Summary, SummaryFilters
from domain.errors import Unavailable

router = APIRouter(include_in_schema=False)


@router.get("/dashboard")
async def dashboard_page(
    request: Request, query: NoQuery, principal: Analyst, ports: Ports
) -> HTMLResponse:
    """Of medical notices. Where the analytics are down it says so, in place of the numbers."""
    frame = await frame_page(request, principal)
    now = datetime.now(UTC).astimezone(EASTERN)
    asked = SummaryFilters(tenant_id=principal.tenant_id, now=now, medical=True)
    summary: Summary | None = None
    missing: tuple[str, ...] = ()
    try:
        summary = await ports.analytics.summary(asked)
    except Unavailable as error:
        missing = (error.service,)
    strip = degraded_strip(missing, frame.parts) or uncounted_strip(frame.parts)
    is_counted = summary is not None and summary.as_of is not None
    pages: Pages = request.app.state.pages
    return pages.render(
        "dashboard.html",
        200 if summary else 503,
        frame=frame,
        summary=summary,
        strips=[strip] if strip else [],
        empty=None if is_counted else _empty(is_down=summary is None),
        kpis=kpis(summary) if summary else (),
        days=days_view(summary.by_day) if summary else None,
        charts=bars_by(summary) if summary else (),
    )


def _empty(*, is_down: bool) -> EmptyView:
    steps = (NextStep("Try again", "/dashboard"), NextStep("Opportunities", "/opportunities"))
    if is_down:
        text = "Nothing can be counted now; the numbers are not zero. The list works on."
        return EmptyView("No numbers now", text, steps, tone="warn")
    text = "No event has been counted so far; the numbers are not zero. The list works already."
    return EmptyView("Nothing counted yet", text, steps)
