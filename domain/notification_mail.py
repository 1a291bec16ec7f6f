"""Mail of notifications: what someone wishes, and the letters that follow from it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from typing import Literal
from urllib.parse import quote
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.errors import Invalid
from domain.notifications import NotificationKind

Cadence = Literal["at_once", "daily", "none"]
Outcome = Literal["sent", "unwanted", "left", "stale", "refused"]
"""Sent; wanted no more, or read meanwhile; its reader has left the company; it could not be sent
while it was news; the address does not exist."""

DEFAULTS: Mapping[NotificationKind, Cadence] = {
    "match": "daily",
    "document": "none",
    "amendment": "at_once",
}
DEFAULT_ZONE = "America/New_York"
DIGEST_AT = time(7)
"""In the reader's own time zone."""
WRITTEN_WITHIN = timedelta(minutes=10)
"""Longer than any transaction: what is added to a digest is committed before it is due."""


@dataclass(frozen=True, slots=True)
class MailWishes:
    """Of one person at one company. A kind that is not told of follows `DEFAULTS`."""

    cadences: Mapping[NotificationKind, Cadence] = field(default_factory=lambda: DEFAULTS)
    zone: str = DEFAULT_ZONE

    def of(self, kind: NotificationKind) -> Cadence:
        return self.cadences.get(kind, DEFAULTS[kind])


NO_MAIL: Mapping[NotificationKind, Cadence] = dict.fromkeys(DEFAULTS, "none")


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to be: of a notification alone, or of all that fall into one digest."""

    letter_id: UUID
    user_id: str
    cadence: Cadence
    due_at: datetime


def check_zone(told: str) -> str:
    """A name of the IANA database. Raises `Invalid`."""
    try:
        return ZoneInfo(told).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        reason = "use a name like America/Chicago"
        raise Invalid(what="this time zone", reason=reason) from error


def letter_of(
    tenant_id: UUID, told: tuple[UUID, str, NotificationKind], wishes: MailWishes, now: datetime
) -> Letter | None:
    """`told`: a notification's id, whose it is and its kind. Always the same id for the same
    notification, or for the same digest: so neither is sent under two. None for who has no account.
    """
    notification_id, user_id, kind = told
    cadence = wishes.of(kind)
    if cadence == "none" or not _is_person(user_id):
        return None
    if cadence == "at_once":
        return Letter(uuid5(tenant_id, f"letter/{notification_id}"), user_id, cadence, now)
    due_at = next_digest(wishes.zone, now)
    digest_id = uuid5(tenant_id, f"digest/{user_id}/{due_at.isoformat()}")
    return Letter(digest_id, user_id, cadence, due_at)


def next_digest(zone: str, now: datetime) -> datetime:
    """In UTC: the next 7 o'clock of that zone, but never one that is about to strike."""
    soonest = (now + WRITTEN_WITHIN).astimezone(ZoneInfo(zone))
    due_at = datetime.combine(soonest.date(), DIGEST_AT, soonest.tzinfo)
    if due_at <= soonest:
        due_at = datetime.combine(soonest.date() + timedelta(1), DIGEST_AT, soonest.tzinfo)
    return due_at.astimezone(UTC)


def headline(kind: NotificationKind, score: int | None) -> str:
    """What is told, in words."""
    fit = f", fit {score}" if score is not None else ""
    words: Mapping[NotificationKind, str] = {
        "match": f"New match{fit}",
        "document": "Reading it has ended",
        "amendment": "An amendment touches rows of yours",
    }
    return words[kind]


def path_of(kind: NotificationKind, subject: str) -> str:
    """Where the hub shows it."""
    if kind == "match":
        return f"/opportunities/{quote(subject, safe='')}"
    document = f"/documents/{quote(subject.partition('/')[0], safe='')}"
    return f"{document}/matrix?touched=any" if kind == "amendment" else document


def _is_person(user_id: str) -> bool:
    try:
        return bool(UUID(user_id))
    except ValueError:
        return False
