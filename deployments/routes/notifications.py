"""What one was told of: listed, counted, marked as read."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from deployments.backends import Ports
from deployments.cursors import read_place, spell_place
from deployments.guard import Addressee
from deployments.params import NoQuery
from deployments.problems import PROBLEMS
from deployments.shapes import At, Page, Shape
from domain.notifications import NotificationKind

router = APIRouter(prefix="/api/v1/notifications", tags=["notifications"], responses=PROBLEMS)

MOST_AT_ONCE = 500


class NotificationShape(Shape):
    """Of a match, `subject` is the notice id. `title` is null where there is none to read."""

    notification_id: UUID
    kind: NotificationKind
    subject: str
    score: int | None = Field(examples=[91])
    title: str | None
    created_at: At
    read_at: At | None


class NotificationListQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    cursor: str | None = Field(default=None, max_length=200)
    limit: int = Field(default=25, ge=1, le=100)


class MarkRead(BaseModel):
    """Without `ids`: all of them."""

    model_config = ConfigDict(extra="forbid")

    ids: list[UUID] | None = Field(default=None, max_length=MOST_AT_ONCE)


class UnreadCount(Shape):
    unread: int


@router.get("")
async def list_notifications(
    query: Annotated[NotificationListQuery, Query()], principal: Addressee, ports: Ports
) -> Page[NotificationShape]:
    """One's own, the newest first."""
    after = read_place(query.cursor) if query.cursor else None
    page = await ports.notifications.page(
        principal.tenant_id, principal.user_id, limit=query.limit, after=after
    )
    return Page[NotificationShape](
        items=tuple(NotificationShape.model_validate(one) for one in page.items),
        next_cursor=spell_place(page.next) if page.next else None,
        total=page.total,
        degraded=(),
    )


@router.get("/unread")
async def count_unread(query: NoQuery, principal: Addressee, ports: Ports) -> UnreadCount:
    """How many of one's own are unread."""
    unread = await ports.notifications.unread(principal.tenant_id, principal.user_id)
    return UnreadCount(unread=unread)


@router.post("/read")
async def mark_read(
    which: MarkRead, query: NoQuery, principal: Addressee, ports: Ports
) -> UnreadCount:
    """Repeating it changes nothing. Answers with how many are left unread."""
    who = (principal.tenant_id, principal.user_id)
    await ports.notifications.mark_read(*who, which.ids)
    return UnreadCount(unread=await ports.notifications.unread(*who))
