"""The compliance matrix as a page, and what its forms do without script."""

import asyncio
from typing import Annotated, Any, TypeVar
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from deployments.backends import Backends, Ports
from deployments.guard import DocumentReader, MatrixEditor
from deployments.matrix_desk import Edit
from deployments.matrix_requests import LinkVerdict, MatrixQuery, RowsEdit
from deployments.params import DocumentId, NoQuery
from deployments.routes.documents import cause_of
from deployments.routes.matrix import HistoryQuery
from deployments.viewing import ViewerQuery
from deployments.web.frame import frame_page
from deployments.web.list_query import address
from deployments.web.matrix_view import matrix_path, matrix_view
from deployments.web.render import Pages
from deployments.web.viewer import viewer_path
from domain.document_versions import VersionLink
from domain.errors import Invalid, NotFound
from domain.matrix_filter import NOBODY
from domain.matrix_table import STATUS_WORDS, label_of

router = APIRouter(prefix="/documents/{document_id}/matrix", include_in_schema=False)

Form = dict[str, list[str]]
Asked = TypeVar("Asked", RowsEdit, LinkVerdict)


@router.get("")
async def matrix_page(
    request: Request,
    document_id: DocumentId,
    query: Annotated[MatrixQuery, Query()],
    principal: DocumentReader,
    ports: Ports,
) -> HTMLResponse:
    frame, matrix = await asyncio.gather(
        frame_page(request, principal), ports.matrix.open(principal.tenant_id, document_id)
    )
    earlier = await _earlier(ports, principal.tenant_id, matrix.head.document_id)
    return _pages(request).render(
        "matrix.html",
        frame=frame,
        document=matrix.document,
        earlier=earlier,
        version=matrix.head.version,
        query=query,
        view=matrix_view(matrix, query, principal.user_id),
        status_words=STATUS_WORDS,
    )


@router.post("/versions/undo")
async def undo_version_from_page(
    request: Request,
    document_id: DocumentId,
    query: NoQuery,
    principal: MatrixEditor,
    ports: Ports,
) -> RedirectResponse:
    cause = await cause_of(request, principal)
    await ports.matrix.undo_version(principal.tenant_id, document_id, cause)
    return RedirectResponse(matrix_path(document_id), status_code=303)


@router.get("/history")
async def history_page(
    request: Request,
    document_id: DocumentId,
    query: Annotated[HistoryQuery, Query()],
    principal: DocumentReader,
    ports: Ports,
) -> HTMLResponse:
    frame, matrix, entries = await asyncio.gather(
        frame_page(request, principal),
        ports.matrix.open(principal.tenant_id, document_id),
        ports.matrix.history(principal.tenant_id, document_id, query.row),
    )
    labels = {row.row_key: label_of(row) for row in matrix.rows}
    return _pages(request).render(
        "matrix_history.html",
        frame=frame,
        document=matrix.document,
        path=matrix_path(matrix.head.document_id),
        entries=entries,
        labels=labels,
        label=labels.get(query.row or ""),
    )


@router.post("")
async def edit_from_page(
    request: Request,
    document_id: DocumentId,
    query: NoQuery,
    principal: MatrixEditor,
    ports: Ports,
) -> RedirectResponse:
    """One row with all its fields, or the selected ones with those that are set."""
    form = await _form(request)
    edit = _edit(form)
    cause = await cause_of(request, principal)
    wanted = Edit(edit.rows, edit.changes(), edit.seen)
    await ports.matrix.edit(principal, document_id, wanted, cause)
    return _back(document_id, form, edit.rows[0])


@router.post("/links")
async def decide_link_from_page(
    request: Request,
    document_id: DocumentId,
    query: NoQuery,
    principal: MatrixEditor,
    ports: Ports,
) -> RedirectResponse:
    form = await _form(request)
    names = ("source", "target", "verdict")
    link = _checked(LinkVerdict, {name: _one(form, name) for name in names})
    cause = await cause_of(request, principal)
    pair = link.source, link.target
    await ports.matrix.decide_link(principal, document_id, pair, link.verdict, cause)
    return _back(document_id, form, link.source)


async def _earlier(ports: Backends, tenant_id: UUID, document_id: UUID) -> VersionLink | None:
    """What the document was taken for a new version of, unless somebody said that it is none."""
    try:
        link = await ports.matrix.version_link(tenant_id, document_id)
    except NotFound:
        return None
    return link if link.undone_at is None else None


def _edit(form: Form) -> RowsEdit:
    if not form.get("row"):
        raise Invalid(what="edit", reason="no row is selected")
    if _one(form, "looked"):
        return _checked(RowsEdit, {"rows": form["row"], "touched": None})
    fields = ["status", "assignee", "answer", "note", "seen"]
    told: dict[str, object] = {name: _one(form, name) for name in fields if name in form}
    if _one(form, "many"):
        told = {name: value for name, value in told.items() if value}
    if told.get("assignee") == NOBODY:
        told["assignee"] = None
    return _checked(RowsEdit, {"rows": form["row"], **told})


def _checked(shape: type[Asked], told: dict[str, object]) -> Asked:
    try:
        return shape.model_validate(told)
    except ValidationError as error:
        fields = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
        raise Invalid(what="form", reason=f"look at {fields}") from error


async def _form(request: Request) -> Form:
    """As browsers send forms without files. Raises `Invalid`."""
    try:
        return parse_qs((await request.body()).decode(), keep_blank_values=True)
    except ValueError as error:
        raise Invalid(what="form", reason="it is not UTF-8") from error


def _one(form: Form, name: str) -> str:
    return form.get(name, [""])[-1]


def _back(document_id: UUID, form: Form, row_key: str) -> RedirectResponse:
    """To the same view of the same page, the matrix's own or the viewer, and nowhere else."""
    kept = parse_qs(_one(form, "back").removeprefix("?"))
    is_beside = "page" in kept
    path = viewer_path(document_id) if is_beside else matrix_path(document_id)
    fields = ViewerQuery.model_fields if is_beside else MatrixQuery.model_fields
    known: dict[str, Any] = {name: value for name, value in kept.items() if name in fields}
    if is_beside:
        known |= {"row": row_key, "tab": "matrix"}
    return RedirectResponse(f"{address(known, path)}#r-{row_key}", status_code=303)


def _pages(request: Request) -> Pages:
    return request.app.state.pages  # type: ignore[no-any-return]
