"""What people are told of: once each, and only while it is news."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, NamedTuple
from uuid import UUID, uuid5

from domain.events import Recorded

NotificationKind = Literal["match", "document", "amendment"]

FRESH_FOR = timedelta(hours=24)
"""The freshness window: what was recorded earlier is found in lists, and disturbs nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewNotification:
    """Unique by user, kind and subject. Keys and codes: nothing in it needs erasing."""

    user_id: str
    kind: NotificationKind
    subject: str  # A notice id; of a document or an amendment its id, and the run or version.
    score: int | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """As it is read. `title` is the subject's, None where there is none to read."""

    notification_id: UUID
    user_id: str
    kind: NotificationKind
    subject: str
    score: int | None
    title: str | None
    created_at: datetime
    read_at: datetime | None


class Place(NamedTuple):
    """Where a page of notifications ends, newest first."""

    created_at: datetime
    notification_id: UUID


@dataclass(frozen=True, slots=True)
class NotificationPage:
    """`total` counts all of the user's; `next` is None on the last page."""

    items: list[Notification]
    next: Place | None
    total: int


def notification_id(tenant_id: UUID, user_id: str, kind: NotificationKind, subject: str) -> UUID:
    """Always the same, so that a page that hears it twice shows it once."""
    return uuid5(tenant_id, f"notification/{kind}/{subject}/{user_id}")


def is_news(recorded: Recorded, now: datetime) -> bool:
    """Imports and replays tell of the past, and so does what was recorded long ago."""
    return recorded.cause.origin == "live" and now - recorded.recorded_at <= FRESH_FOR
