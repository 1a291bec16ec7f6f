"""What a search by meaning can be narrowed by: told of a notice, asked by a query."""

from collections.abc import Iterator
from datetime import date, datetime

from domain.medical import is_medical
from domain.notice import Notice
from domain.precision import Moment
from domain.search import SearchQuery
from domain.vectors import Between, Collection, Condition, Is, OneOf, Properties, StartsWith

FIELDS: dict[str, type] = {
    "naics": str,
    "psc": str,
    "set_aside": str,
    "state": str,
    "agency": str,
    "type": str,
    "posted": int,
    "deadline": int,
    "medical": bool,
    "closed": bool,
}

OPPORTUNITY_VECTORS = Collection("opportunity_minilm_1", 384, FIELDS, keeps_text=True)


def properties_of(notice: Notice, *, is_closed: bool) -> Properties:
    """Days are counted from the first of January of the year 1."""
    agencies = (notice.department, notice.sub_tier, notice.office)
    return {
        "naics": notice.naics,
        "psc": notice.psc,
        "set_aside": notice.set_aside,
        "state": notice.place.state if notice.place else None,
        "agency": tuple(name for name in agencies if name),
        "type": notice.type,
        "posted": _day(notice.posted_date),
        "deadline": _day(notice.response_deadline),
        "medical": is_medical(notice.naics, notice.psc),
        "closed": is_closed,
    }


def conditions(query: SearchQuery) -> list[Condition]:
    return [*_codes(query), *_dates(query), *_flags(query)]


def _codes(query: SearchQuery) -> Iterator[Condition]:
    if query.naics:
        yield StartsWith("naics", query.naics)
    if query.psc:
        yield StartsWith("psc", query.psc)
    for field in ("set_aside", "state", "agency", "type"):
        values: tuple[str, ...] = getattr(query, field)
        if values:
            yield OneOf(field, values)


def _dates(query: SearchQuery) -> Iterator[Condition]:
    if query.posted_from or query.posted_to:
        yield Between("posted", _day(query.posted_from), _day(query.posted_to))
    if query.deadline_from or query.deadline_to:
        yield Between("deadline", _day(query.deadline_from), _day(query.deadline_to))


def _flags(query: SearchQuery) -> Iterator[Condition]:
    if query.medical is not None:
        yield Is("medical", query.medical)
    if query.status is not None:
        yield Is("closed", query.status == "closed")


def _day(moment: Moment | None) -> int | None:
    day: date | None = moment.date() if isinstance(moment, datetime) else moment
    return day.toordinal() if day else None
