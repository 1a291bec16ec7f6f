"""The pages about documents: the list with the upload, pictures of pages, what is commanded."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from cluster.stores.documents import DocumentPlace
from cluster.stores.tenant_documents import Intake
from deployments.backends import Ports
from deployments.cursors import read_place, spell_place
from deployments.guard import DocumentReader, DocumentWriter
from deployments.params import NoQuery
from deployments.routes.documents import cause_of, on_disk
from deployments.web.document_view import document_view
from deployments.web.frame import frame_page
from deployments.web.list_query import address
from deployments.web.render import Pages
from domain.document import CancelReading, ReadAgain, ReadingMode
from domain.notifications import Place

router = APIRouter(include_in_schema=False)

PAGE = 50


class DocumentsQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    cursor: str | None = Field(default=None, max_length=200)
    awaits: str | None = Field(default=None, pattern=r"^[0-9A-Za-z][0-9A-Za-z_-]{0,127}$")
    """A notice whose link was just pasted, and which is not known yet."""


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
        awaits=query.awaits,
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
