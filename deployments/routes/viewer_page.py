"""The viewer: one document with its pages, its matrix beside them, and what is found in it."""

import asyncio
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from cluster.stores.document_pages import PageOutcome
from cluster.stores.page_words import FoundWords
from deployments.backends import Backends, Ports
from deployments.guard import DocumentReader
from deployments.matrix_desk import OpenMatrix
from deployments.viewing import PlaceQuery, ViewerQuery
from deployments.web.document_view import document_view
from deployments.web.frame import frame_page
from deployments.web.matrix_view import Seat, matrix_view
from deployments.web.render import Pages
from deployments.web.viewer import (
    PageView,
    current_page,
    page_view,
    sheet_view,
    thumb_views,
    viewer_path,
)
from domain.errors import NotFound
from domain.matrix_table import STATUS_WORDS
from domain.matrix_views import MatrixRowView

router = APIRouter(prefix="/documents/{document_id}", include_in_schema=False)

Who = tuple[UUID, UUID]
"""A tenant, and a document of it."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A document as far as it is read. `rows` are those of its matrix that stand in it."""

    outcomes: list[PageOutcome]
    found: FoundWords
    matrix: OpenMatrix | None
    rows: list[MatrixRowView]


@router.get("")
async def document_page(
    request: Request,
    document_id: UUID,
    query: Annotated[ViewerQuery, Query()],
    principal: DocumentReader,
    ports: Ports,
) -> HTMLResponse:
    who = principal.tenant_id, document_id
    row, frame, opened = await asyncio.gather(
        ports.documents.rows.get(*who),
        frame_page(request, principal, f"document:{document_id}"),
        _opened(ports, who, query),
    )
    page = await _page(ports, who, query, opened)
    path, found = viewer_path(document_id), opened.found
    seat = Seat(path, query.at(page.current))
    matrix, narrowed = opened.matrix, query.narrowed()
    return _pages(request).render(
        "document.html",
        frame=frame,
        one=document_view(row, frame.now),
        query=query,
        view=page,
        failures=[page for page in opened.outcomes if page.state == "failed"],
        thumbs=thumb_views(document_id, opened.outcomes, query, found, opened.rows),
        matrix=matrix_view(matrix, narrowed, principal.user_id, seat) if matrix else None,
        version=matrix.head.version if matrix else None,
        status_words=STATUS_WORDS,
    )


@router.get("/page")
async def page_alone(
    request: Request,
    document_id: UUID,
    query: Annotated[ViewerQuery, Query()],
    principal: DocumentReader,
    ports: Ports,
) -> HTMLResponse:
    """The pane with the page, for a script that turns pages without loading all the rest."""
    who = principal.tenant_id, document_id
    opened = await _opened(ports, who, query)
    page = await _page(ports, who, query, opened)
    return _pages(request).render("document_page.html", query=query, view=page)


async def _opened(ports: Backends, who: Who, query: PlaceQuery) -> Opened:
    outcomes, found, matrix = await asyncio.gather(
        ports.documents.pages.outcomes(*who),
        ports.documents.words.find(*who, query.find),
        _matrix(ports, who),
    )
    rows = [row for row in (matrix.rows if matrix else ()) if row.document_id == who[1]]
    return Opened(outcomes, found, matrix, rows)


async def _matrix(ports: Backends, who: Who) -> OpenMatrix | None:
    """None until one is drawn from the document, and for one that could not be read."""
    try:
        return await ports.matrix.open(*who)
    except NotFound:
        return None


async def _page(ports: Backends, who: Who, query: PlaceQuery, opened: Opened) -> PageView:
    current = current_page(query, opened.outcomes)
    outcome = next((one for one in opened.outcomes if one.number == current), None)
    sheet = None
    if outcome is not None and outcome.state == "done":
        page = await ports.documents.pages.read_one(*who, current)
        sheet = sheet_view(who[1], page, query, opened.rows)
    return page_view(who[1], query, opened.outcomes, sheet, opened.found)


def _pages(request: Request) -> Pages:
    return request.app.state.pages  # type: ignore[no-any-return]
