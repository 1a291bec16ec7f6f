"""Which letter a notification falls into, and when that is due."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from domain.errors import Invalid
from domain.notification_mail import (
    NO_MAIL,
    WRITTEN_WITHIN,
    Letter,
    MailWishes,
    check_zone,
    letter_of,
    next_digest,
)
from domain.notifications import NotificationKind

TENANT, DANA = UUID(int=7), str(UUID(int=8))
NOW = datetime(2026, 4, 13, 15, 0, tzinfo=UTC)
CHICAGO = MailWishes(zone="America/Chicago")


def letter(
    kind: NotificationKind, wishes: MailWishes = CHICAGO, now: datetime = NOW, user: str = DANA
) -> Letter | None:
    return letter_of(TENANT, (uuid4(), user, kind), wishes, now)


def test_whoever_never_said_gets_matches_once_a_day_and_amendments_at_once() -> None:
    match, amendment = letter("match"), letter("amendment")
    assert match
    assert amendment
    assert (match.cadence, match.due_at) == ("daily", datetime(2026, 4, 14, 12, 0, tzinfo=UTC))
    assert (amendment.cadence, amendment.due_at) == ("at_once", NOW)
    assert letter("document") is None


def test_a_notification_at_once_has_one_letter_and_a_day_has_one_digest() -> None:
    told: tuple[UUID, str, NotificationKind] = (uuid4(), DANA, "amendment")
    assert letter_of(TENANT, told, CHICAGO, NOW) != letter("amendment")
    again = letter_of(TENANT, told, CHICAGO, NOW + timedelta(1))
    assert again
    assert again.letter_id == getattr(letter_of(TENANT, told, CHICAGO, NOW), "letter_id", None)
    assert letter("match") == letter("match", now=NOW + timedelta(hours=12))
    assert letter("match") != letter("match", user=str(UUID(int=9)))


@pytest.mark.parametrize("user", ["local", "key:abc", "service:export"])
def test_whoever_has_no_account_gets_no_letter(user: str) -> None:
    assert letter("amendment", user=user) is None


def test_none_is_none() -> None:
    assert letter("amendment", MailWishes(NO_MAIL)) is None


@pytest.mark.parametrize(
    ("zone", "now", "due"),
    [
        ("UTC", "2026-04-13T06:49:59", "2026-04-13T07:00:00"),
        # About to strike: what is committed a moment later would miss it.
        ("UTC", "2026-04-13T06:50:00", "2026-04-14T07:00:00"),
        ("UTC", "2026-04-13T07:00:00", "2026-04-14T07:00:00"),
        ("America/New_York", "2026-03-08T00:00:00", "2026-03-08T11:00:00"),  # Clocks go forward.
        ("America/New_York", "2026-11-01T04:30:00", "2026-11-01T12:00:00"),  # And back.
        ("Pacific/Auckland", "2026-04-13T18:55:00", "2026-04-14T19:00:00"),
    ],
)
def test_a_digest_is_due_at_seven_where_its_reader_is(zone: str, now: str, due: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert next_digest(zone, moment) == datetime.fromisoformat(due).replace(tzinfo=UTC)
    assert next_digest(zone, moment) - moment > WRITTEN_WITHIN


@pytest.mark.parametrize("told", ["", "Chicago", "../etc/passwd", "America/Nowhere", "/UTC"])
def test_what_is_no_zone_is_refused(told: str) -> None:
    with pytest.raises(Invalid, match="time zone"):
        check_zone(told)
