"""Dates with time and zone as solicitations print them."""

import re
from datetime import date

from domain.requirements.models import Deadline

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NUMERIC = re.compile(r"\b(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})\b|\b(\d{4})-(\d{2})-(\d{2})\b")
_MONTH = r"(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_AMERICAN = re.compile(rf"\b{_MONTH}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})\b", re.IGNORECASE)
_DAY_FIRST = re.compile(
    rf"\b(\d{{1,2}})(?:st|nd|rd|th)?[ -]{_MONTH},?[ -](\d{{4}}|\d{{2}})\b", re.IGNORECASE
)
_YEAR_FIRST = re.compile(rf"\b(\d{{4}})\s+{_MONTH}\s+(\d{{1,2}})\b", re.IGNORECASE)
_CLOCK = re.compile(
    r"\b(\d{1,2})(?::(\d{2}))?\s*([ap])\.?\s?m\b\.?|\b([01]?\d|2[0-3]):([0-5]\d)\b|"
    r"(?<![\d/-])\b([01]\d|2[0-3])([0-5]\d)\b(?=\s*(?:hours|hrs|h\b|[ECMP][SD]?T\b|local"
    r"|eastern|central))|"
    r"\b(noon)\b",
    re.IGNORECASE,
)
_ZONE = re.compile(
    r"\b([ECMP][SD]?T|AK[SD]?T|HST|(?:eastern|central|mountain|pacific|alaska|hawaii)"
    r"(?:\s+(?:standard|daylight|prevailing))?(?:\s+time)?)\b",
    re.IGNORECASE,
)
_ABOUT = 70
"""Characters about a date in which its time and zone stand."""


def deadline_in(text: str, *, last: bool = False) -> Deadline | None:
    """The first date (the last, for what an amendment changes) with the time and zone about it."""
    found = sorted(_dates(text))
    if not found:
        return None
    start, end, day = found[-1 if last else 0]
    about = text[max(start - _ABOUT, 0) : end + _ABOUT]
    zone = _ZONE.search(about)
    return Deadline(day.isoformat(), _time(about), " ".join(zone.group().split()) if zone else None)


def _dates(text: str) -> list[tuple[int, int, date]]:
    found = []
    for match in _NUMERIC.finditer(text):
        month, day, year, *iso = match.groups()
        parts = (
            (int(iso[0]), int(iso[1]), int(iso[2]))
            if iso[0]
            else (_year(year), int(month), int(day))
        )
        found.append((match, parts))
    for match in _AMERICAN.finditer(text):
        found.append((match, (int(match[3]), _month(match[1]), int(match[2]))))
    for match in _DAY_FIRST.finditer(text):
        found.append((match, (_year(match[3]), _month(match[2]), int(match[1]))))
    for match in _YEAR_FIRST.finditer(text):
        found.append((match, (int(match[1]), _month(match[2]), int(match[3]))))
    return [(m.start(), m.end(), day) for m, parts in found if (day := _real(*parts))]


def _time(text: str) -> str | None:
    found = _CLOCK.search(text)
    if found is None:
        return None
    hour, minute, half, hour24, minute24, military, after, noon = found.groups()
    if noon:
        return "12:00"
    if half:
        return f"{int(hour) % 12 + (12 if half.lower() == 'p' else 0):02}:{minute or '00'}"
    return f"{int(hour24 or military):02}:{minute24 or after}"


def _year(text: str) -> int:
    return int(text) + (2000 if len(text) == 2 else 0)


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
