"""The page of opportunities: what is worth one's time, and what closes first."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from deployments.backends import Backends, Ports
from deployments.guard import Reader
from deployments.params import NoQuery
from deployments.shapes import item_shape
from deployments.web.frame import Frame, frame_page
from deployments.web.list_query import (
    RANGES,
    ListQuery,
    chips,
    facet_views,
    mode_choices,
    sort_choices,
)
from deployments.web.list_view import (
    empty_view,
    kept_fields,
    paging,
    strips,
    summary,
    unavailable_view,
)
from deployments.web.render import Pages
from deployments.web.rows import grouped, row_view
from domain.access import Principal
from domain.errors import Unavailable
from domain.search import SearchResult, Sort

router = APIRouter(include_in_schema=False)

HOME = "/opportunities?medical=true"


@router.get("/")
async def home(query: NoQuery, principal: Reader) -> RedirectResponse:
    return RedirectResponse(HOME, status_code=307)


@router.get("/opportunities")
async def opportunities_page(
    request: Request, query: Annotated[ListQuery, Query()], principal: Reader, ports: Ports
) -> HTMLResponse:
    frame = await frame_page(request, principal)
    try:
        found = await ports.search.search(principal.tenant_id, query.to_search())
        facts = await _facts(ports, principal, query, found, frame)
    except Unavailable as error:
        found = SearchResult(items=(), total=0)
        facts = {"empty": unavailable_view(error, query), "groups": [], "strips": []}
    pages: Pages = request.app.state.pages
    return pages.render(
        "opportunities.html",
        frame=frame,
        query=query,
        q=query.words,
        found=found,
        paging=paging(query, len(found.items), found.next_cursor),
        facets=facet_views(query, found.facets),
        chips=chips(query),
        modes=mode_choices(query),
        sorts=sort_choices(query),
        ranges=RANGES,
        dated=any(getattr(query, name) for name, _ in RANGES),
        summary=summary(query),
        kept=kept_fields(query, "sort"),
        status=503 if facts["empty"] and facts["empty"].tone else 200,
        **facts,
    )


async def _facts(
    ports: Backends, principal: Principal, query: ListQuery, found: SearchResult, frame: Frame
) -> dict[str, Any]:
    rows = [row_view(item_shape(item), frame.now) for item in found.items]
    empty = None if rows else await empty_view(ports.search, principal.tenant_id, query)
    return {
        "groups": grouped(rows, by_deadline=query.order is Sort.DEADLINE),
        "strips": strips(found, frame.parts),
        "empty": empty,
    }
