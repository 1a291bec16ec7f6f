"""The page that lists a document's figures, signatures and stamps, each with its place."""

from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from deployments.backends import Ports
from deployments.guard import DocumentReader
from deployments.params import NoQuery
from deployments.web.frame import frame_page
from deployments.web.render import Pages
from deployments.web.seen_view import MOST_SHOWN, seen_in
from deployments.web.viewer import viewer_path

router = APIRouter(include_in_schema=False)


@router.get("/documents/{document_id}/figures")
async def figures_page(
    request: Request, document_id: UUID, query: NoQuery, principal: DocumentReader, ports: Ports
) -> HTMLResponse:
    who = principal.tenant_id, document_id
    row = await ports.documents.rows.get(*who)
    read = await ports.documents.pages.read(*who)
    seen = seen_in(document_id, read)
    pages: Pages = request.app.state.pages
    return pages.render(
        "figures.html",
        frame=await frame_page(request, principal),
        document=row,
        path=viewer_path(document_id),
        seen=seen[:MOST_SHOWN],
        total=len(seen),
        read=len(read),
    )
