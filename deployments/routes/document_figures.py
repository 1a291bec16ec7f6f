"""Figures of a document's pages: listed with their captions, and as pictures."""

from uuid import UUID

from fastapi import APIRouter, Response

from deployments.backends import Ports
from deployments.guard import DocumentReader
from deployments.params import NoQuery
from deployments.problems import PROBLEMS
from deployments.shapes_document import BoxShape, KeptFigureShape, PageFiguresShape

router = APIRouter(
    prefix="/api/v1/documents/{document_id}/pages/{number}/figures",
    tags=["documents"],
    responses=PROBLEMS,
)

_IMAGE = {
    "content": {"image/png": {"schema": {"type": "string", "format": "binary"}}},
    "description": "The figure as the page shows it",
}


@router.get("")
async def list_figures(
    document_id: UUID, number: int, query: NoQuery, principal: DocumentReader, ports: Ports
) -> PageFiguresShape:
    """Those of one page that is done, with what is written below or above them."""
    page = await ports.documents.pages.read_one(principal.tenant_id, document_id, number)
    place = f"/api/v1/documents/{document_id}/pages/{number}/figures"
    figures = tuple(
        KeptFigureShape(
            number=at,
            image=f"{place}/{at}",
            box=BoxShape.model_validate(figure.box),
            caption=figure.caption,
        )
        for at, figure in enumerate(page.figures, start=1)
    )
    return PageFiguresShape(document_id=document_id, page=number, figures=figures)


@router.get("/{figure}", response_class=Response, responses={200: _IMAGE})
async def get_figure(
    document_id: UUID,
    number: int,
    figure: int,
    query: NoQuery,
    principal: DocumentReader,
    ports: Ports,
) -> Response:
    """One figure, cut out of its page, as a PNG."""
    who = principal.tenant_id, document_id
    content = await ports.documents.pages.figure(*who, number, figure)
    headers = {"Cache-Control": "private, max-age=3600"}
    return Response(content, media_type="image/png", headers=headers)
