"""Questions to a document: answers in its own words, each with the place where they stand."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from deployments.backends import Ports
from deployments.document_answers import Answered
from deployments.guard import DocumentReader
from deployments.params import DocumentId
from deployments.web.frame import frame_page
from deployments.web.questions_view import Replied, asked_before, replied, unanswered
from deployments.web.render import Pages
from deployments.web.viewer import viewer_path
from domain.errors import NotYet, Unavailable

router = APIRouter(prefix="/documents/{document_id}/questions", include_in_schema=False)

Asked = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class QuestionsQuery(BaseModel):
    """What is asked now, and what was asked before it, the newest first: kept nowhere else."""

    model_config = ConfigDict(extra="forbid")

    question: Asked = ""
    before: tuple[Asked, ...] = Field(default=(), max_length=20)


@router.get("")
async def questions_page(
    request: Request,
    document_id: DocumentId,
    query: Annotated[QuestionsQuery, Query()],
    principal: DocumentReader,
    ports: Ports,
) -> HTMLResponse:
    who = principal.tenant_id, document_id
    frame, row = await asyncio.gather(
        frame_page(request, principal), ports.documents.rows.get(*who)
    )
    reply: Replied | None = None
    if len(query.question) >= 3:
        try:
            found: list[Answered] = await ports.answers.ask(*who, query.question)
            reply = replied(document_id, found)
        except (NotYet, Unavailable) as error:
            reply = unanswered(error)
    pages: Pages = request.app.state.pages
    path = f"{viewer_path(document_id)}/questions"
    return pages.render(
        "questions.html",
        frame=frame,
        document=row,
        path=path,
        query=query,
        reply=reply,
        earlier=asked_before(path, query.question, query.before),
    )
