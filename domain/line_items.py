"""The items of a schedule (SF 1449, section B), each with the words on the page that say so."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from domain.pages import Page
from domain.quotes import Quote, QuoteFinder
from domain.requirements.line_items import line_items
from domain.requirements.models import LineItem

_STARTS = r"(?:CLIN\s+|ITEM\s+(?:NO\.?\s+)?)?"
_NSN = re.compile(
    r"\b(\d{4}-\d{2}-\d{3}-\d{4})\b|\bNSN\s*[:#]?\s*(\d{13}|\d{4} \d{2} \d{3} \d{4})\b"
)
_PERIOD = re.compile(r"\bPOP\s+Begin:\s*[\d/-]+\s+POP\s+End:\s*[\d/-]+", re.IGNORECASE)
_DATE = r"(?:\d{1,2}[-/]\d{1,2}[-/]\d{2,4}|\d{1,2}[ -][A-Z][a-z]{2,8}[ -]\d{2,4})"
_AFTER = (
    r"\d{1,3}\s+(?:calendar |business |working )?(?:days?|dys|weeks?|wks|months?)\.?\s+"
    r"(?:ARO|ADC|ADO|after (?:receipt|award|date|contract)[\w ]{0,30})"
)
_DELIVERY = re.compile(
    rf"\bdeliver(?:y|ed|ies)\b[^.\n]{{0,40}}?[:\s]({_DATE}|{_AFTER})\b|\b({_AFTER})\b",
    re.IGNORECASE,
)
_STREET = r"\d{1,6}\s+(?!dys|wks|days|weeks|Each|EA\b)[A-Z][^|:;$]{3,90}?"
_STATE = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|G[AU]|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|P[AR]|RI"
    "|S[CD]|T[NX]|UT|V[AIT]|W[AIVY]"
)
_PLACE = re.compile(rf"\b({_STREET}[\s,](?:{_STATE})\s+\d{{5}}(?:-\d{{4}})?)\b", re.DOTALL)
_ADDRESS = re.compile(r"\bADDRESS\s+")
_UNITS = {"EACH": "EA", "MONTH": "MO", "MONTHS": "MO", "MOS": "MO", "LOT": "LO", "LT": "LO"}
_UNITS |= {"JOB": "JB", "HOUR": "HR", "HOURS": "HR", "DAY": "DA", "DAYS": "DA", "YEAR": "YR"}
# Where a text lost its columns: the number, the head of the columns, then what stood in them.
_FLAT = re.compile(
    r"ITEM NO\.?\s+(?P<number>\d{4}[A-Z]{0,2})\s+(?:SUPPLIES/SERVICES\s+)?"
    r"QUANTITY\s+UNIT\s+UNIT PRICE\s+(?:AMOUNT\s+)?"
    r"(?P<quantity>\d[\d,]*(?:\.\d+)?)\s+(?P<unit>[A-Z][A-Za-z]{1,6})\s+(?P<description>[^\n]{3,400})"
)
_DESCRIPTION_ENDS = re.compile(r"\s+(?:FFP\b|REFERENCE PART NUMBER|FOB:|F\.O\.B\.|SIGNAL CODE)")
_OTHER_PART = re.compile(
    r"^(?:SECTION [A-M]\b|CLAUSES INCORPORATED|(?:INSPECTION AND ACCEPTANCE|[A-M]\.\d+\s)|"
    r"52\.2\d\d|PERFORMANCE WORK STATEMENT|STATEMENT OF WORK|GRAND TOTAL)",
    re.IGNORECASE | re.MULTILINE,
)
_LONGEST = 1500


@dataclass(frozen=True, slots=True)
class ScheduleItem:
    """`delivery` and `place` as printed. Every quote was found again on its page."""

    number: str
    description: Quote
    quantity: float | None = None
    unit: str | None = None
    nsn: Quote | None = None
    delivery: Quote | None = None
    place: Quote | None = None


def schedule_items(pages: Sequence[Page]) -> tuple[ScheduleItem, ...]:
    """In the order of the document. An item whose description is not found again is left out."""
    text = "\n".join(page.text for page in pages)
    drawn: dict[str, LineItem] = {}
    for item in (*_flat_items(text), *line_items(pages)):
        drawn.setdefault(item.number, item)
    finder, numbers = QuoteFinder(pages), "|".join(drawn)
    found = (_item(item, _stretches(text, item.number, numbers), finder) for item in drawn.values())
    return tuple(item for item in found if item)


def _flat_items(text: str) -> Iterator[LineItem]:
    for found in _FLAT.finditer(text):
        quantity = float(found["quantity"].replace(",", ""))
        yield LineItem(found["number"], found["description"], quantity, found["unit"].upper())


def _item(item: LineItem, stretches: Iterator[str], finder: QuoteFinder) -> ScheduleItem | None:
    words = _DESCRIPTION_ENDS.split(item.description or "")[0].strip()
    description = finder.find(words)
    if description is None:
        return None
    about = list(stretches)
    return ScheduleItem(
        number=item.number,
        description=description,
        quantity=item.quantity,
        unit=_UNITS.get(item.unit or "", item.unit),
        nsn=_first(about, finder, _nsn_in),
        delivery=_first(about, finder, _delivery_in),
        place=_first(about, finder, _place_in),
    )


def _stretches(text: str, number: str, numbers: str) -> Iterator[str]:
    """What stands between each line that begins with this number and the next item."""
    begins = re.compile(rf"^{_STARTS}{number}(?!\d)", re.MULTILINE)
    following = re.compile(rf"^{_STARTS}(?!{number}\b)(?:{numbers})(?:\s|$)", re.MULTILINE)
    for match in begins.finditer(text):
        rest = text[match.end() : match.end() + _LONGEST]
        ends = [end.start() for end in (following.search(rest), _OTHER_PART.search(rest)) if end]
        yield rest[: min(ends, default=len(rest))]


def _first(
    stretches: Sequence[str], finder: QuoteFinder, find_in: Callable[[str], str | None]
) -> Quote | None:
    for stretch in stretches:
        text = find_in(stretch)
        if text and (quote := finder.find(text)):
            return quote
    return None


def _nsn_in(text: str) -> str | None:
    found = _NSN.search(text)
    return (found[1] or found[2]) if found else None


def _delivery_in(text: str) -> str | None:
    period = _PERIOD.search(text)
    if period:
        return period.group()
    found = _DELIVERY.search(text)
    return (found[1] or found[2]) if found else None


def _place_in(text: str) -> str | None:
    """From a street number to a ZIP code."""
    found = _PLACE.search(_ADDRESS.split(text)[-1])
    return found[1] if found else None
