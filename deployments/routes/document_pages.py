"""The pages about documents: the list with the upload, and one document with its pages."""

import asyncio
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from cluster.stores.document_pages import PageOutcome
from cluster.stores.documents import DocumentPlace
from cluster.stores.tenant_documents import Intake, TenantDocuments
from deployments.backends import Ports
from deployments.cursors import read_place, spell_place
from deployments.guard import DocumentReader, DocumentWriter
from deployments.params import NoQuery
from deployments.routes.documents import cause_of, on_disk
from deployments.web.document_view import (
    ZOOMS,
    count_hits,
    document_view,
    place,
    sheet_view,
    thumb_views,
)
from deployments.web.frame import frame_page
from deployments.web.list_query import address
from deployments.web.render import Pages
from domain.document import CancelReading, ReadAgain, ReadingMode
from domain.notifications import Place
from domain.pages import Box

router = APIRouter(include_in_schema=False)

PAGE = 50


class DocumentsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    cursor: str | None = Field(default=None, max_length=200)


Corners = Annotated[
    str, StringConstraints(pattern=r"^\d{1,5}(\.\d{1,3})?(,\d{1,5}(\.\d{1,3})?){3}$")
]


class ViewerQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    page: int = Field(default=1, ge=1)
    find: str = Field(default="", max_length=200)
    zoom: int = Field(default=100, ge=50, le=200)
    box: tuple[Corners, ...] = Field(default=(), max_length=50)
    """What is pointed at on the page: left, top, right, bottom in points, between commas."""

    def boxes(self) -> tuple[Box, ...]:
        return tuple(Box(*(float(edge) for edge in box.split(","))) for box in self.box)


class ImageQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    size: Literal["page", "thumb"] = "page"


@router.get("/documents")
async def documents_page(
    request: Request,
    query: Annotated[DocumentsQuery, Query()],
    principal: DocumentReader,
    ports: Ports,
) -> HTMLResponse:
    found = read_place(query.cursor) if query.cursor else None
    after = DocumentPlace(*found) if found else None
    rows, total = await ports.documents.rows.page(principal.tenant_id, limit=PAGE, after=after)
    items, more = rows[:PAGE], len(rows) > PAGE
    rooms = [f"document:{row.document_id}" for row in items if row.state in {"waiting", "reading"}]
    frame = await frame_page(request, principal, *rooms)
    end = Place(items[-1].uploaded_at, items[-1].document_id) if more else None
    pages: Pages = request.app.state.pages
    return pages.render(
        "documents.html",
        frame=frame,
        items=[document_view(row, frame.now) for row in items],
        total=total,
        next=address({"cursor": spell_place(end)}, "/documents") if end else None,
    )


@router.post("/documents")
async def upload_from_page(
    file: UploadFile,
    query: NoQuery,
    request: Request,
    principal: DocumentWriter,
    ports: Ports,
    notice_id: Annotated[str | None, Form(max_length=128)] = None,
) -> RedirectResponse:
    """What the form of the page does without script."""
    intake = Intake(file.filename or "document", principal.user_id, notice_id=notice_id)
    cause = await cause_of(request, principal)
    async with on_disk(file) as path:
        row, _ = await ports.documents.receive(principal.tenant_id, path, intake, cause)
    return RedirectResponse(f"/documents/{row.document_id}", status_code=303)


@router.get("/documents/{document_id}")
async def document_page(
    request: Request,
    document_id: UUID,
    query: Annotated[ViewerQuery, Query()],
    principal: DocumentReader,
    ports: Ports,
) -> HTMLResponse:
    who = principal.tenant_id, document_id
    row, outcomes, frame = await asyncio.gather(
        ports.documents.rows.get(*who),
        ports.documents.pages.outcomes(*who),
        frame_page(request, principal, f"document:{document_id}"),
    )
    pages: Pages = request.app.state.pages
    return pages.render(
        "document.html",
        frame=frame,
        one=document_view(row, frame.now),
        query=query,
        **await _shown(ports.documents, who, query, outcomes),
    )


@router.get("/documents/{document_id}/pages/{number}/image")
async def page_image(
    document_id: UUID,
    number: int,
    query: Annotated[ImageQuery, Query()],
    principal: DocumentReader,
    ports: Ports,
) -> Response:
    """A PNG, drawn when it is first asked for. It never changes."""
    row = await ports.documents.rows.get(principal.tenant_id, document_id)
    content = await ports.page_images.get(principal.tenant_id, row.digest, number, query.size)
    kept = {"cache-control": "private, max-age=86400, immutable"}
    return Response(content, media_type="image/png", headers=kept)


@router.post("/documents/{document_id}/read")
async def read_again_from_page(
    document_id: UUID,
    query: NoQuery,
    request: Request,
    principal: DocumentWriter,
    ports: Ports,
    mode: Annotated[ReadingMode, Form()] = "auto",
) -> RedirectResponse:
    cause = await cause_of(request, principal)
    await ports.documents.command(principal.tenant_id, document_id, ReadAgain(mode), cause)
    return RedirectResponse(f"/documents/{document_id}", status_code=303)


@router.post("/documents/{document_id}/cancel")
async def cancel_from_page(
    document_id: UUID, query: NoQuery, request: Request, principal: DocumentWriter, ports: Ports
) -> RedirectResponse:
    cause = await cause_of(request, principal)
    await ports.documents.command(principal.tenant_id, document_id, CancelReading(), cause)
    return RedirectResponse(f"/documents/{document_id}", status_code=303)


async def _shown(
    documents: TenantDocuments,
    who: tuple[UUID, UUID],
    query: ViewerQuery,
    outcomes: list[PageOutcome],
) -> dict[str, Any]:
    """The page that is open, and what is found in all of them."""
    current = min(query.page, max(len(outcomes), 1))
    hits = {}
    if query.find.strip():
        hits = count_hits(await documents.pages.read(*who), query.find)
    outcome = next((page for page in outcomes if page.number == current), None)
    sheet = None
    if outcome is not None and outcome.state == "done":
        sheet = sheet_view(await documents.pages.read_one(*who, current), query.find)
    return {
        "outcome": outcome,
        "sheet": sheet,
        "pointed_at": query.boxes(),
        "thumbs": thumb_views(outcomes, current, hits, query.find, query.zoom),
        "hits": hits,
        "current": current,
        "previous": _place(query, current - 1) if current > 1 else None,
        "following": _place(query, current + 1) if current < len(outcomes) else None,
        "smaller": _zoomed(query, current, -1),
        "larger": _zoomed(query, current, 1),
        "failures": [page for page in outcomes if page.state == "failed"],
    }


def _place(query: ViewerQuery, number: int) -> str:
    return place(number, query.find, query.zoom)


def _zoomed(query: ViewerQuery, current: int, step: int) -> str | None:
    at = min(range(len(ZOOMS)), key=lambda index: abs(ZOOMS[index] - query.zoom)) + step
    return place(current, query.find, ZOOMS[at]) if 0 <= at < len(ZOOMS) else None
