"""Line items (CLINs) of a schedule: number, description, quantity, unit."""

import re
from collections.abc import Iterator, Sequence

from domain.pages import Page
from domain.requirements.item_tables import item_tables
from domain.requirements.item_texts import text_items
from domain.requirements.models import LineItem

_UNITS = (
    r"EA|EACH|Each|each|MO|MOS?|MONTHS?|Months?|YR|YEARS?|Years?|LO|LT|LOTS?|Lot|JB|JOBS?|Job"
    r"|HR|HOURS?|Hours?|"
    r"DY|DA|DAYS?|Days?|BX|BOX|Box|PG|PK|PKG|CS|CASE|Case|KT|KIT|Kit|SE|SET|Set|GL|GAL|LB|FT|RO"
    r"|RL|DZ|PR|BT|TN|CT|"
    r"SY|SF|US|WK|QT|AY|PH|BD|CN|BG|TE|HU|GR|DR|SH|UN|EO"
)
_ITEM = re.compile(
    rf"^(?:CLIN\s+|ITEM\s+(?:NO\.?\s+)?)?(?P<number>\d{{4}}[A-Z]{{0,2}})\s+"
    rf"(?!(?i:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|to\b|hours|hrs|local|and\b|or\b"
    rf"|[,-]))"
    rf"(?P<before>(?:(?!^\d{{4}}[A-Z]{{0,2}}\s)[^$]){{0,600}}?)"
    rf"\b(?P<quantity>\d[\d,]*(?:\.\d+)?)\s+(?P<unit>{_UNITS})\b",
    re.MULTILINE,
)
_NEXT = re.compile(r"^(?:CLIN\s+|ITEM\s+(?:NO\.?\s+)?)?\d{4}[A-Z]{0,2}(?:\s|$)", re.MULTILINE)
_ENDS = re.compile(
    r"^[A-Z][A-Z0-9 /#&.-]{4,}:|^POP\b|^(?:grand )?total\b|_{4,}|^period of performance"
    r"|^item (?:number|no)|^section\b|"
    r"^[A-Z]\.\d|^deliver(?:y|to)\b|^f\.?o\.?b\b|^\(end of",
    re.IGNORECASE | re.MULTILINE,
)
_HEADER = re.compile(
    r"^(?:\s*(?:max(?:imum)?|quantity|unit|price|amount|supplies/services|item no\.?|qty))+\s*",
    re.IGNORECASE,
)
_LONGEST = 1200
_FEWEST_WORDS = 2


def line_items(pages: Sequence[Page]) -> tuple[LineItem, ...]:
    """Of tables of items, then of federal schedules, where there is none of running text; the first
    place of a number counts."""
    tables = item_tables(pages)
    text = "\n".join(line.text for line in tables.rest)
    items: dict[str, LineItem] = {}
    for item in (*tables.items, *_items(text)):
        items.setdefault(item.number, item)
    for item in () if items else text_items(text):
        items.setdefault(item.number, item)
    return tuple(items.values())


def _items(text: str) -> Iterator[LineItem]:
    for found in _ITEM.finditer(text):
        description = _described(found["before"]) or _described(_behind(text, found.end()))
        if description:
            quantity = float(found["quantity"].replace(",", ""))
            yield LineItem(found["number"], description, quantity, found["unit"].upper())


def _behind(text: str, start: int) -> str:
    rest = text[start : start + _LONGEST]
    following = _NEXT.search(rest)
    return rest[: following.start()] if following else rest


def _described(text: str) -> str | None:
    """Up to the first label such as "LOCAL STOCK NUMBER:"; None where there are no words."""
    kept = _HEADER.sub("", re.sub(r"^[\s_$]+", "", text))
    end = _ENDS.search(kept)
    plain = " ".join(kept[: end.start() if end else len(kept)].split())
    return plain if len(re.findall(r"[A-Za-z]{2,}", plain)) >= _FEWEST_WORDS else None
