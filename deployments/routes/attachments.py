"""Files of notices: fetched from SAM.gov when someone asks, by the notice or by a link."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from deployments.attachments import (
    NoticeAttachments,
    ask_for_attachments,
    ask_for_link,
    read_attachments,
)
from deployments.backends import Ports
from deployments.guard import DocumentReader, DocumentWriter
from deployments.params import NoQuery, NoticeId
from deployments.problems import PROBLEMS
from deployments.routes.documents import cause_of
from deployments.shapes import At, Shape
from deployments.web.list_query import address
from deployments.web.rows import opportunity_href

router = APIRouter(tags=["documents"], responses=PROBLEMS)

_NOTICE = "/api/v1/opportunities/{notice_id}/documents"
_LATER: dict[int | str, dict[str, Any]] = {202: {"description": "They will be fetched"}}

Pasted = Annotated[str, Field(min_length=1, max_length=2_000)]


class AttachmentShape(Shape):
    """One file that a notice links. `reason` and `detail` say why it failed, or still waits."""

    url: str
    state: Literal["new", "waiting", "fetched", "failed"]
    document_id: UUID | None = None
    name: str | None = None
    reason: str | None = Field(default=None, examples=["oversized"])
    detail: str | None = None
    asked_at: At | None = None
    ended_at: At | None = None


class AttachmentsShape(Shape):
    """`new` are files that nobody of the company has asked for."""

    notice_id: str
    items: tuple[AttachmentShape, ...]


class LinkBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: Pasted


@router.get(_NOTICE)
async def list_attachments(
    notice_id: NoticeId, query: NoQuery, principal: DocumentReader, ports: Ports
) -> AttachmentsShape:
    """What became of each file of the notice."""
    return _shape(await read_attachments(ports, principal, notice_id))


@router.post(_NOTICE, responses=_LATER)
async def fetch_attachments(
    notice_id: NoticeId,
    query: NoQuery,
    request: Request,
    response: Response,
    principal: DocumentWriter,
    ports: Ports,
) -> AttachmentsShape:
    """Have the files of the notice fetched and read. Those that failed are tried again."""
    await ask_for_attachments(ports, principal, notice_id, await cause_of(request, principal))
    return await _later(response, ports, principal, notice_id)


@router.post("/api/v1/documents/links", responses=_LATER)
async def fetch_link(
    body: LinkBody,
    query: NoQuery,
    request: Request,
    response: Response,
    principal: DocumentWriter,
    ports: Ports,
) -> AttachmentsShape:
    """Have fetched and read what a link of SAM.gov shows: a notice's files, or one file. Those of
    a notice that is not taken over yet are fetched when it is: until then the link itself waits,
    with the reason `not_here_yet`.
    """
    cause = await cause_of(request, principal)
    asked = await ask_for_link(ports, principal, body.url, cause)
    return await _later(response, ports, principal, asked.notice_id)


@router.post("/opportunities/{notice_id}/documents", include_in_schema=False)
async def fetch_from_page(
    notice_id: NoticeId, query: NoQuery, request: Request, principal: DocumentWriter, ports: Ports
) -> RedirectResponse:
    await ask_for_attachments(ports, principal, notice_id, await cause_of(request, principal))
    return RedirectResponse(opportunity_href(notice_id), status_code=303)


@router.post("/documents/links", include_in_schema=False)
async def fetch_link_from_page(
    url: Annotated[Pasted, Form()],
    query: NoQuery,
    request: Request,
    principal: DocumentWriter,
    ports: Ports,
) -> RedirectResponse:
    cause = await cause_of(request, principal)
    asked = await ask_for_link(ports, principal, url, cause)
    there = opportunity_href(asked.notice_id)
    if not asked.is_known:
        there = address({"awaits": asked.notice_id}, "/documents")
    return RedirectResponse(there, status_code=303)


async def _later(
    response: Response, ports: Ports, principal: DocumentWriter, notice_id: str
) -> AttachmentsShape:
    response.status_code = 202
    response.headers["Location"] = _NOTICE.format(notice_id=notice_id)
    return _shape(await read_attachments(ports, principal, notice_id))


def _shape(found: NoticeAttachments) -> AttachmentsShape:
    asked = [AttachmentShape.model_validate(row) for row in found.rows]
    new = [AttachmentShape(url=link, state="new") for link in found.unasked]
    return AttachmentsShape(notice_id=found.notice_id, items=(*asked, *new))
