"""Times as people read them: US Eastern by name; the script puts in the reader's own zone."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

EASTERN = ZoneInfo("America/New_York")

Urgency = Literal["today", "soon", "week", "later", "passed", "none"]

WITHIN_SOON = timedelta(days=3)
WITHIN_WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """How long is left, then the moment with its zone. `told` is the notice's own wording."""

    urgency: Urgency
    left: str
    text: str
    at: datetime | date | None = None
    told: str | None = None

    @property
    def large(self) -> str:
        match self.urgency:
            case "none":
                return self.left
            case "passed":
                return f"Closed {self.left}"
            case _:
                return f"Closes in {self.left}" if self.left[0].isdigit() else f"Closes {self.left}"


def deadline_view(deadline: datetime | date | None, now: datetime) -> DeadlineView:
    """A deadline without a zone is read as Eastern, and said to be without one."""
    if deadline is None:
        return DeadlineView("none", "No deadline", "none in the notice")
    if not isinstance(deadline, datetime):
        return _day_view(deadline, now)
    if deadline.tzinfo is None:
        view = _moment_view(deadline.replace(tzinfo=EASTERN), now)
        text = f"{_day(deadline)}, {_clock(deadline)}, no zone given"
        return DeadlineView(view.urgency, view.left, text, deadline.date())
    return _moment_view(deadline, now)


def eastern(at: datetime | date, form: str | None = None) -> str:
    """`Fri, Apr 17, 1:00 PM EDT`, `short` without the weekday, `long` with the year.

    A day without a time stays a day, and a time without a zone is said to be one.
    """
    local = at.astimezone(EASTERN) if isinstance(at, datetime) and at.tzinfo else at
    head = f"{local:%b} {local.day}" if form == "short" else _day(local)
    if form == "long":
        head += f", {local.year}"
    if not isinstance(local, datetime):
        return head
    return f"{head}, {_clock(local)} {local.tzname() or '(no zone given)'}"


def iso(at: datetime | date) -> str:
    """For `datetime=`: UTC to the second, or the day."""
    if not isinstance(at, datetime) or at.tzinfo is None:
        return at.isoformat()
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def ago(at: datetime, now: datetime) -> str:
    """`just now`, `4 min ago`, `3 h ago`, `2 days ago`."""
    passed = now - at
    if passed < timedelta(minutes=1):
        return "just now"
    return f"{_span(passed)} ago"


def _moment_view(deadline: datetime, now: datetime) -> DeadlineView:
    local = deadline.astimezone(EASTERN)
    text = eastern(deadline) + _year(local, now)
    if deadline <= now:
        return DeadlineView("passed", f"{local:%b} {local.day}", text, deadline)
    left = deadline - now
    told = _told(deadline)
    return DeadlineView(_urgency(left, local.date(), now), _span(left), text, deadline, told)


def _day_view(deadline: date, now: datetime) -> DeadlineView:
    today = now.astimezone(EASTERN).date()
    text = f"{_day(deadline)}{_year(deadline, now)}, no time given"
    days = (deadline - today).days
    if days < 0:
        return DeadlineView("passed", f"{deadline:%b} {deadline.day}", text, deadline)
    left = {0: "today", 1: "tomorrow"}.get(days, f"{days} days")
    return DeadlineView(_urgency(timedelta(days=days), deadline, now), left, text, deadline)


def _urgency(left: timedelta, day: date, now: datetime) -> Urgency:
    if day <= now.astimezone(EASTERN).date():
        return "today"
    if left < WITHIN_SOON:
        return "soon"
    return "week" if left < WITHIN_WEEK else "later"


def _told(deadline: datetime) -> str | None:
    """The notice's own hour and offset, where they are not Eastern ones."""
    if deadline.utcoffset() in {deadline.astimezone(EASTERN).utcoffset(), timedelta()}:
        return None
    return f"{_clock(deadline)} {deadline.tzname()} in the notice"


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 60:
        return f"{max(minutes, 1)} min"
    hours, days = minutes // 60, span.days
    if hours < 24:
        rest = minutes % 60
        return f"{hours} h {rest} min" if rest and hours < 12 else f"{hours} h"
    if days < 3 and hours % 24:
        return f"{days} {'day' if days == 1 else 'days'} {hours % 24} h"
    return f"{days} {'day' if days == 1 else 'days'}"


def _day(day: date) -> str:
    return f"{day:%a}, {day:%b} {day.day}"


def _clock(at: datetime) -> str:
    return f"{at.hour % 12 or 12}:{at.minute:02d} {'AM' if at.hour < 12 else 'PM'}"


def _year(day: date, now: datetime) -> str:
    """Said only where it is not this year's."""
    year = day.year
    return "" if year == now.astimezone(EASTERN).year else f", {year}"
