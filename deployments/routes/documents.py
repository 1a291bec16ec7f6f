"""Documents: uploaded, listed, read, read again."""

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from cluster.stores.documents import DocumentPlace
from cluster.stores.tenant_documents import Intake
from cluster.tracing import spell_trace
from deployments.backends import Ports
from deployments.cursors import read_place, spell_place
from deployments.guard import DocumentReader, DocumentWriter
from deployments.params import NoQuery
from deployments.problems import PROBLEMS, correlation_id
from deployments.shapes import Page
from deployments.shapes_document import (
    DocumentShape,
    PageOutcomesShape,
    PageShape,
    ProgressShape,
    TextShape,
    document_shape,
    outcomes_shape,
    progress_shape,
    text_shape,
)
from domain.access import Principal
from domain.document import CancelReading, ReadAgain, ReadingMode
from domain.events import Cause
from domain.notifications import Place

router = APIRouter(prefix="/api/v1/documents", tags=["documents"], responses=PROBLEMS)

_PIECE_BYTES = 1024 * 1024


class DocumentListQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    notice_id: str | None = Field(default=None, max_length=128)
    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=25, ge=1, le=100)


class ReadAgainBody(BaseModel):
    """`ocr` reads every page from its picture, `text` none, `auto` those that need it."""

    model_config = ConfigDict(extra="forbid")

    mode: ReadingMode = "auto"


@router.post("", responses={202: {"model": DocumentShape, "description": "It will be read"}})
async def upload_document(
    file: UploadFile,
    query: NoQuery,
    request: Request,
    response: Response,
    principal: DocumentWriter,
    ports: Ports,
    notice_id: Annotated[str | None, Form(max_length=128)] = None,
) -> DocumentShape:
    """One file of at most 250 MB. 202 where it is new and will be read, 200 where it is known."""
    intake = Intake(file.filename or "document", principal.user_id, notice_id=notice_id)
    cause = await cause_of(request, principal)
    async with on_disk(file) as path:
        row, is_new = await ports.documents.receive(principal.tenant_id, path, intake, cause)
    if is_new:
        response.status_code = 202
        response.headers["Location"] = f"/api/v1/documents/{row.document_id}/progress"
    return document_shape(row)


@router.get("")
async def list_documents(
    query: Annotated[DocumentListQuery, Query()], principal: DocumentReader, ports: Ports
) -> Page[DocumentShape]:
    """The newest first; of one notice, if `notice_id` is given."""
    place = read_place(query.cursor) if query.cursor else None
    after = DocumentPlace(*place) if place else None
    rows, total = await ports.documents.rows.page(
        principal.tenant_id, limit=query.limit, after=after, notice_id=query.notice_id
    )
    items, more = rows[: query.limit], len(rows) > query.limit
    end = Place(items[-1].uploaded_at, items[-1].document_id) if more else None
    return Page[DocumentShape](
        items=tuple(document_shape(row) for row in items),
        next_cursor=spell_place(end) if end else None,
        total=total,
        degraded=(),
    )


@router.get("/{document_id}")
async def get_document(
    document_id: UUID, query: NoQuery, principal: DocumentReader, ports: Ports
) -> DocumentShape:
    """One document, and how its newest reading went."""
    return document_shape(await ports.documents.rows.get(principal.tenant_id, document_id))


@router.get("/{document_id}/progress")
async def get_progress(
    document_id: UUID, query: NoQuery, principal: DocumentReader, ports: Ports
) -> ProgressShape:
    """Also told in the live room `document:<id>`."""
    row = await ports.documents.rows.get(principal.tenant_id, document_id)
    return progress_shape(row, datetime.now(UTC))


@router.get("/{document_id}/pages")
async def list_pages(
    document_id: UUID, query: NoQuery, principal: DocumentReader, ports: Ports
) -> PageOutcomesShape:
    """What became of each page: done, failed with a reason, or still waiting."""
    outcomes = await ports.documents.pages.outcomes(principal.tenant_id, document_id)
    return outcomes_shape(document_id, outcomes)


@router.get("/{document_id}/pages/{number}")
async def get_page(
    document_id: UUID, number: int, query: NoQuery, principal: DocumentReader, ports: Ports
) -> PageShape:
    """One page that is done: its lines in reading order, with the place of each word."""
    page = await ports.documents.pages.read_one(principal.tenant_id, document_id, number)
    return PageShape.model_validate(page)


@router.get("/{document_id}/text")
async def get_text(
    document_id: UUID, query: NoQuery, principal: DocumentReader, ports: Ports
) -> TextShape:
    """The text of every page that is done."""
    pages = await ports.documents.pages.read(principal.tenant_id, document_id)
    return text_shape(document_id, pages)


@router.post("/{document_id}/read")
async def read_again(
    document_id: UUID,
    body: ReadAgainBody,
    query: NoQuery,
    request: Request,
    principal: DocumentWriter,
    ports: Ports,
) -> DocumentShape:
    """Have it read once more, maybe otherwise."""
    cause = await cause_of(request, principal)
    who = principal.tenant_id, document_id
    await ports.documents.command(*who, ReadAgain(body.mode), cause)
    return document_shape(await ports.documents.rows.get(*who))


@router.post("/{document_id}/cancel")
async def cancel_reading(
    document_id: UUID, query: NoQuery, request: Request, principal: DocumentWriter, ports: Ports
) -> DocumentShape:
    """Stop reading it. What is over stays as it is."""
    cause = await cause_of(request, principal)
    who = principal.tenant_id, document_id
    await ports.documents.command(*who, CancelReading(), cause)
    return document_shape(await ports.documents.rows.get(*who))


async def cause_of(request: Request, principal: Principal) -> Cause:
    intent = await correlation_id(request)
    return Cause(
        correlation_id=intent,
        causation_id=intent,
        user_id=principal.user_id,
        traceparent=spell_trace(),
    )


@asynccontextmanager
async def on_disk(file: UploadFile) -> AsyncIterator[Path]:
    """The upload as a file that is there for a while."""
    with tempfile.NamedTemporaryFile(prefix="mch-upload-") as copy:
        while piece := await file.read(_PIECE_BYTES):
            copy.write(piece)
        copy.flush()
        yield Path(copy.name)
