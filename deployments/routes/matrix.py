"""A document's requirements and its compliance matrix: read, edited, compared, exported."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict

from deployments.backends import Ports
from deployments.exports.files import FORMATS, Format, export
from deployments.guard import DocumentReader, MatrixEditor
from deployments.matrix_desk import Edit, OpenMatrix
from deployments.matrix_requests import Amendment, LinkVerdict, MatrixQuery, RowsEdit
from deployments.params import DocumentId, NoQuery
from deployments.problems import PROBLEMS
from deployments.routes.documents import cause_of
from deployments.shapes import Page
from deployments.shapes_matrix import (
    DifferenceShape,
    FactsShape,
    HistoryEntryShape,
    MatrixHistoryShape,
    MatrixShape,
    RequirementShape,
    VersionShape,
    difference_shape,
    document_requirement_shape,
    facts_shapes,
    matrix_shape,
)
from domain.matrix_filter import count_rows

router = APIRouter(prefix="/api/v1/documents/{document_id}", tags=["matrix"], responses=PROBLEMS)

_BINARY = {"schema": {"type": "string", "format": "binary"}}


class HistoryQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    row: str | None = None


class DifferenceQuery(BaseModel):
    """`against` is the older version."""

    model_config = ConfigDict(extra="forbid")

    against: UUID


class ExportQuery(MatrixQuery):
    format: Format = "xlsx"


@router.get("/requirements")
async def list_requirements(
    document_id: DocumentId, query: NoQuery, principal: DocumentReader, ports: Ports
) -> Page[RequirementShape]:
    """Every requirement in the order of the document, each with its places. One page holds all."""
    rows = await ports.matrix.requirements.rows(principal.tenant_id, document_id)
    items = tuple(document_requirement_shape(row) for row in rows)
    return Page[RequirementShape](items=items, next_cursor=None, total=len(items), degraded=())


@router.get("/facts")
async def get_facts(
    document_id: DocumentId, query: NoQuery, principal: DocumentReader, ports: Ports
) -> FactsShape:
    """Key facts and line items, each with the words on the page that say so."""
    found = await ports.matrix.requirements.facts(principal.tenant_id, document_id)
    facts, items = facts_shapes(found.facts, found.items)
    return FactsShape(facts=facts, line_items=items, extracted_at=found.extracted_at)


@router.get("/matrix")
async def get_matrix(
    document_id: DocumentId,
    query: Annotated[MatrixQuery, Query()],
    principal: DocumentReader,
    ports: Ports,
) -> MatrixShape:
    """The matrix that stands at this document, or began with it."""
    matrix = await ports.matrix.open(principal.tenant_id, document_id)
    return _shape(matrix, query)


@router.patch("/matrix/rows")
async def edit_rows(
    request: Request,
    document_id: DocumentId,
    query: NoQuery,
    edit: RowsEdit,
    principal: MatrixEditor,
    ports: Ports,
) -> MatrixShape:
    """The same change of one row or many. Repeating it changes nothing. Answers with these rows."""
    wanted = Edit(edit.rows, edit.changes(), edit.seen)
    cause = await cause_of(request, principal)
    await ports.matrix.edit(principal, document_id, wanted, cause)
    matrix = await ports.matrix.open(principal.tenant_id, document_id)
    rows = [row for row in matrix.rows if row.row_key in edit.rows]
    return matrix_shape(matrix, count_rows(matrix.rows), rows)


@router.get("/matrix/history")
async def get_matrix_history(
    document_id: DocumentId,
    query: Annotated[HistoryQuery, Query()],
    principal: DocumentReader,
    ports: Ports,
) -> MatrixHistoryShape:
    """Who did what: of one row, if `row` names its key."""
    entries = await ports.matrix.history(principal.tenant_id, document_id, query.row)
    return MatrixHistoryShape(items=tuple(HistoryEntryShape.model_validate(one) for one in entries))


@router.post("/matrix/links")
async def decide_link(
    request: Request,
    document_id: DocumentId,
    query: NoQuery,
    link: LinkVerdict,
    principal: MatrixEditor,
    ports: Ports,
) -> MatrixShape:
    """Confirm or reject a proposed link, or make one. A later verdict replaces it."""
    cause = await cause_of(request, principal)
    pair = link.source, link.target
    await ports.matrix.decide_link(principal, document_id, pair, link.verdict, cause)
    matrix = await ports.matrix.open(principal.tenant_id, document_id)
    rows = [row for row in matrix.rows if row.row_key in pair]
    return matrix_shape(matrix, count_rows(matrix.rows), rows)


@router.post("/matrix/amendment")
async def amend_matrix(
    request: Request,
    document_id: DocumentId,
    query: NoQuery,
    amendment: Amendment,
    principal: MatrixEditor,
    ports: Ports,
) -> MatrixShape:
    """Bring the matrix to a newer version of its document. Owners of touched rows are told."""
    tenant_id = principal.tenant_id
    cause = await cause_of(request, principal)
    await ports.matrix.amend(tenant_id, document_id, amendment.document_id, cause)
    return _shape(await ports.matrix.open(tenant_id, amendment.document_id), MatrixQuery())


@router.get("/predecessor")
async def get_predecessor(
    document_id: DocumentId, query: NoQuery, principal: DocumentReader, ports: Ports
) -> VersionShape:
    """The document that this one was taken for a new version of, and why."""
    link = await ports.matrix.version_link(principal.tenant_id, document_id)
    return VersionShape.model_validate(link)


@router.delete("/predecessor")
async def undo_predecessor(
    request: Request,
    document_id: DocumentId,
    query: NoQuery,
    principal: MatrixEditor,
    ports: Ports,
) -> VersionShape:
    """It is no version of that one: either has a matrix of its own again, nothing is lost."""
    who = principal.tenant_id, document_id
    await ports.matrix.undo_version(*who, await cause_of(request, principal))
    return VersionShape.model_validate(await ports.matrix.version_link(*who))


@router.get("/diff")
async def get_difference(
    document_id: DocumentId,
    query: Annotated[DifferenceQuery, Query()],
    principal: DocumentReader,
    ports: Ports,
) -> DifferenceShape:
    """This document against an older version: by requirement, and which rows that touches."""
    found = await ports.matrix.difference(principal.tenant_id, document_id, query.against)
    return difference_shape(found)


@router.get(
    "/matrix/export",
    response_class=Response,
    responses={200: {"content": {kind.media_type: _BINARY for kind in FORMATS.values()}}},
)
async def export_matrix(
    document_id: DocumentId,
    query: Annotated[ExportQuery, Query()],
    principal: DocumentReader,
    ports: Ports,
) -> Response:
    """The matrix as a file, with the rows that the filters leave. Nothing in it runs."""
    matrix = await ports.matrix.open(principal.tenant_id, document_id)
    return await export(matrix, query.to_filter(), query.format)


def _shape(matrix: OpenMatrix, query: MatrixQuery) -> MatrixShape:
    return matrix_shape(matrix, count_rows(matrix.rows), query.to_filter().of(matrix.rows))
