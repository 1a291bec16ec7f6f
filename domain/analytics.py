"""What the analytics count, as a dashboard asks for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

DIMENSIONS = ("type", "agency", "naics", "psc", "set_aside", "state")
"""What opportunities are counted by. An empty value stands for "not told"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryFilters:
    """`now` tells, by its zone, which day is today. Codes match by prefix, the rest whole."""

    tenant_id: UUID
    now: datetime
    days: int = 28
    """Length of the series, today included."""
    medical: bool | None = None
    naics: str = ""
    psc: str = ""
    set_aside: str = ""
    state: str = ""
    agency: str = ""
    type: str = ""


@dataclass(frozen=True, slots=True)
class ValueCount:
    value: str
    count: int


@dataclass(frozen=True, slots=True)
class DayCount:
    """Notices posted on a day. None: no source has been asked about that day, so it is unknown."""

    day: date
    posted: int | None
    medical: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """`closing` is by days ahead: those open whose deadline lies within so many."""

    known: int
    open: int
    medical: int
    open_medical: int
    new_today: int
    new_this_week: int
    closing: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchFunnel:
    """The tenant's own: how many were ever told as matches, still stand open, and are strong."""

    matched: int
    open: int
    strong: int
    """Open with a score of 75 or more."""
    used: Mapping[str, int] = field(default_factory=dict)
    """Distinct subjects of each kind of use, such as `OpportunityViewed`, in the last 90 days."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Right up to `as_of_position`, which was recorded at `as_of` (None: nothing counted yet)."""

    as_of_position: int
    as_of: datetime | None
    totals: Totals
    open_by: Mapping[str, Sequence[ValueCount]]
    """Open ones by each of `DIMENSIONS`, most first, at most twenty values each."""
    by_day: Sequence[DayCount]
    funnel: MatchFunnel
