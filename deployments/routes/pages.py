"""The other pages: one opportunity, what one was told of, how the hub is."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from cluster.stores.attachments import AttachmentRow
from cluster.stores.documents import DocumentRow
from deployments.backends import Backends, Ports
from deployments.cursors import read_place, spell_place
from deployments.guard import Addressee, Reader, Watcher
from deployments.params import NoQuery, NoticeId
from deployments.reading import read_opportunity
from deployments.routes.health import watch
from deployments.routes.notifications import NotificationListQuery
from deployments.system_state import read_system
from deployments.web.document_view import document_view
from deployments.web.frame import frame_page
from deployments.web.labels import plain_title
from deployments.web.list_query import address
from deployments.web.notices import down_strips, stale_strip
from deployments.web.one_view import one_view
from deployments.web.render import Pages
from deployments.web.rows import opportunity_href
from deployments.web.system_view import counted, part_groups, quota_views, source_views
from domain.access import Permission, Principal
from domain.errors import Unavailable
from domain.notification_mail import headline, path_of
from domain.notifications import Notification

router = APIRouter(include_in_schema=False)

MOST_DOCUMENTS = 20


@router.get("/opportunities/{notice_id}")
async def opportunity_page(
    request: Request, notice_id: NoticeId, query: NoQuery, principal: Reader, ports: Ports
) -> HTMLResponse:
    frame, opportunity, entries, documents, attachments = await asyncio.gather(
        frame_page(request, principal, f"opportunity:{notice_id}"),
        read_opportunity(ports, principal.tenant_id, notice_id),
        ports.opportunities.history(notice_id),
        _documents(ports, principal, notice_id),
        _attachments(ports, principal, notice_id),
    )
    stale = stale_strip(frame.parts)
    return _pages(request).render(
        "opportunity.html",
        frame=frame,
        one=one_view(opportunity, entries, frame.now),
        documents=documents and [document_view(row, frame.now) for row in documents],
        attachments={row.url: row for row in attachments},
        may_fetch=Permission.WRITE_DOCUMENTS in principal.permissions,
        notice_id=notice_id,
        updated_at=opportunity.freshness.updated_at,
        here=opportunity_href(notice_id),
        strips=[stale] if stale else [],
    )


@router.get("/system")
async def system_page(
    request: Request, query: NoQuery, principal: Watcher, ports: Ports
) -> HTMLResponse:
    """Answers even where every store is down."""
    parts = await watch(request).look()
    frame, held = await asyncio.gather(frame_page(request, principal), read_system(ports))
    return _pages(request).render(
        "system.html",
        frame=frame,
        parts=parts,
        counted=counted(parts),
        groups=part_groups(parts),
        strips=down_strips(parts),
        sources=source_views(held.syncs, frame.now),
        quotas=quota_views(held.quotas, ports.requests_per_day, frame.now),
        counts=held.counts,
        stopped=held.stopped if Permission.OPERATE in principal.permissions else None,
        degraded=held.degraded,
    )


@router.get("/notifications")
async def notifications_page(
    request: Request,
    query: Annotated[NotificationListQuery, Query()],
    principal: Addressee,
    ports: Ports,
) -> HTMLResponse:
    after = read_place(query.cursor) if query.cursor else None
    who = (principal.tenant_id, principal.user_id)
    frame, page = await asyncio.gather(
        frame_page(request, principal),
        ports.notifications.page(*who, limit=query.limit, after=after),
    )
    following = {"cursor": spell_place(page.next)} if page.next else None
    return _pages(request).render(
        "notifications.html",
        frame=frame,
        items=[_notification(one) for one in page.items],
        total=page.total,
        next=address(following, "/notifications") if following else None,
    )


@router.post("/notifications/read")
async def mark_all_read(query: NoQuery, principal: Addressee, ports: Ports) -> RedirectResponse:
    """What the button of the page does without script."""
    await ports.notifications.mark_read(principal.tenant_id, principal.user_id)
    return RedirectResponse("/notifications", status_code=303)


async def _documents(
    ports: Backends, principal: Principal, notice_id: str
) -> list[DocumentRow] | None:
    """The newest of this notice; None while nobody can tell."""
    if Permission.READ_DOCUMENTS not in principal.permissions:
        return []
    try:
        rows, _ = await ports.documents.rows.page(
            principal.tenant_id, limit=MOST_DOCUMENTS, notice_id=notice_id
        )
    except Unavailable:
        return None
    return rows[:MOST_DOCUMENTS]


async def _attachments(
    ports: Backends, principal: Principal, notice_id: str
) -> list[AttachmentRow]:
    """What was asked for; nothing while nobody can tell, as the list of documents says."""
    if Permission.READ_DOCUMENTS not in principal.permissions:
        return []
    try:
        return await ports.attachments.of_notice(principal.tenant_id, notice_id)
    except Unavailable:
        return []


def _notification(one: Notification) -> dict[str, object]:
    return {
        "href": path_of(one.kind, one.subject),
        "title": plain_title(one.title) if one.title else one.subject,
        "what": headline(one.kind, one.score),
        "at": one.created_at,
        "is_new": one.read_at is None,
    }


def _pages(request: Request) -> Pages:
    return request.app.state.pages  # type: ignore[no-any-return]
