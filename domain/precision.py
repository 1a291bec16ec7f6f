"""What one source tells less exactly than another, and so must not replace."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict

LATEST_CLOCK = timezone(timedelta(hours=-10))
EARLIEST_CLOCK = timezone(timedelta(hours=10))
"""Offices sit between Hawaii and Guam: where no offset is told, it lies between these."""


def _parse(value: object) -> object:
    """A day stays a day: pydantic alone would read it as that day's midnight."""
    if isinstance(value, str) and len(value) == len("2026-03-23"):
        return date.fromisoformat(value)
    return value


def _to_seconds(value: datetime | date) -> datetime | date:
    """Python's own time zones, so that equal moments print alike wherever they came from."""
    if not isinstance(value, datetime) or value.tzinfo is None:
        return value
    return value.replace(tzinfo=timezone(value.utcoffset() or timedelta()))


Moment = Annotated[datetime | date, BeforeValidator(_parse), AfterValidator(_to_seconds)]
"""A minute with its offset, a minute of an unknown offset, or a day: as exactly as it is known."""


class Place(BaseModel):
    """Where work is done or an office sits. State and country are codes (`VA`, `KR-48`, `USA`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None

    def merge(self, seen: "Place") -> "Place":
        """Fill what is missing. Where `seen` contradicts, it is another place and taken whole."""
        if any(_contradict(getattr(self, part), getattr(seen, part)) for part in PARTS):
            return seen
        return Place(**{part: _exacter(getattr(self, part), getattr(seen, part)) for part in PARTS})


PARTS = tuple(Place.model_fields)


def begins(known: object, seen: object) -> bool:
    """Whether `seen` is how `known` begins: NAICS 3391 of 339113, a day of its minute."""
    return known is not None and seen is not None and str(known).startswith(str(seen))


def less_exact_moment(known: datetime | date | None, seen: datetime | date | None) -> bool:
    """Whether `seen` is `known` told as a day, or without its offset.

    A day is the local day of the office. Of a moment told in UTC the office's clock is not known,
    so each day that it is on some office's clock counts.
    """
    if begins(known, seen):
        return True
    if not isinstance(known, datetime) or known.utcoffset() != timedelta():
        return False
    first, last = known.astimezone(LATEST_CLOCK), known.astimezone(EARLIEST_CLOCK)
    if isinstance(seen, datetime):
        local = seen.tzinfo is None
        return local and first.replace(tzinfo=None) <= seen <= last.replace(tzinfo=None)
    return seen is not None and first.date() <= seen <= last.date()


def latest_moment(value: datetime | date) -> datetime:
    """The last moment that a deadline told so may mean: late rather than too early."""
    if not isinstance(value, datetime):
        value = datetime.combine(value + timedelta(days=1), time(), tzinfo=LATEST_CLOCK)
    elif value.tzinfo is None:
        value = value.replace(tzinfo=LATEST_CLOCK)
    return value.astimezone(UTC)


def _contradict(known: str | None, seen: str | None) -> bool:
    if not known or not seen:
        return False
    one, other = known.casefold(), seen.casefold()
    return not one.startswith(other) and not other.startswith(one)


def _exacter(known: str | None, seen: str | None) -> str | None:
    """The longer of the two; of two spellings, the one known already."""
    return known if len(known or "") >= len(seen or "") else seen
