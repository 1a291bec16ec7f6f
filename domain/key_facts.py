"""The key facts of a solicitation, each with the words on the page that state it."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from domain.pages import Page
from domain.quotes import Quote, QuoteFinder
from domain.requirements.deadlines import deadline_in
from domain.requirements.models import Contact, Deadline, Factor, KeyFacts, PageLimit

FactName = Literal[
    "solicitation_number",
    "response_deadline",
    "questions_due",
    "set_aside",
    "naics",
    "contact",
    "page_limit",
    "evaluation_factor",
]

_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_WINDOW = 3
"""Lines in which a date stands with its time and zone."""
_ZONES = {"e": "New_York", "c": "Chicago", "m": "Denver", "p": "Los_Angeles"}
_FAR_ZONES = {"ak": "Anchorage", "hs": "Adak"}
_SET_ASIDES = {
    "SDVOSBC": r"service[- ]?disabled|sdvosb",
    "SDVOSBS": r"service[- ]?disabled|sdvosb",
    "EDWOSB": r"economically[- ]disadvantaged|edwosb",
    "WOSB": r"wom[ae]n[- ]owned|wosb",
    "HZC": r"hub ?zone",
    "8A": r"8 ?\(a\)",
    "VSA": r"veteran[- ]owned|vosb",
    "ISBEE": r"indian|isbee",
    "IEE": r"indian|iee",
    "NONE": r"unrestricted|full and open",
}
_HOUR_FIRST = re.compile(r"\b\d{1,2}:\d{2} [AP]M \d{1,2} [A-Z][a-z]{2} \d{4}\b")
_SMALL = r"small[- ]business|\bSB\b"
_ABOUT_DUE = re.compile(
    r"\bdue\b|deadline|closing|no later|not later|submi|receiv|offer|quot|question", re.IGNORECASE
)
_ABOUT_AWARD = re.compile(r"factor|criteri|evaluat|basis (?:of|for) award", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class KeyFact:
    """`value` is in our form: a code, a number, "2026-02-12 13:00 EST"; `detail` what it is of.

    `at` is the moment of a deadline, where its zone is printed.
    """

    name: FactName
    value: str
    quote: Quote
    detail: str | None = None
    at: datetime | None = None


def key_facts(pages: Sequence[Page], facts: KeyFacts) -> tuple[KeyFact, ...]:
    """Those of `facts` whose words are found again in the pages; the others are not shown."""
    place = _Places(pages)
    found = [
        _fact("solicitation_number", facts.solicitation_number, place.words),
        _deadline("response_deadline", facts.response_deadline or _form_deadline(pages), place),
        _deadline("questions_due", facts.questions_due, place),
        _fact("set_aside", facts.set_aside, place.set_aside),
        _fact("naics", facts.naics, place.naics),
        *(_contact(contact, place) for contact in facts.contacts),
        *(_limit(limit, place) for limit in facts.page_limits),
        *(_factor(factor, place) for factor in facts.evaluation_factors),
    ]
    return tuple(fact for fact in found if fact)


def moment_of(deadline: Deadline) -> datetime | None:
    """In the zone that is printed: EST, EDT and ET alike are the time that New York has then."""
    zone = _zone(deadline.zone or "")
    if not (deadline.date and deadline.time and zone):
        return None
    return datetime.fromisoformat(f"{deadline.date}T{deadline.time}").replace(tzinfo=zone)


def _zone(printed: str) -> ZoneInfo | None:
    name = printed.lower()
    city = _FAR_ZONES.get(name[:2]) or _ZONES.get(name[:1])
    if name.startswith("hawaii") or name == "hst":
        return ZoneInfo("Pacific/Honolulu")
    return ZoneInfo(f"America/{city}") if city else None


def _form_deadline(pages: Sequence[Page]) -> Deadline | None:
    """From the front of a form that prints the hour before the day."""
    for page in pages:
        if "OFFER DUE DATE" in page.text.upper() and (found := _HOUR_FIRST.search(page.text)):
            return deadline_in(found.group())
    return None


def _fact(name: FactName, value: str | None, find: Callable[[str], Quote | None]) -> KeyFact | None:
    quote = find(value) if value else None
    return KeyFact(name, value, quote) if value and quote else None


def _deadline(name: FactName, deadline: Deadline | None, place: "_Places") -> KeyFact | None:
    if deadline is None or deadline.date is None:
        return None
    quote = place.deadline(deadline)
    if quote is None:
        return None
    value = " ".join(filter(None, (deadline.date, deadline.time, deadline.zone)))
    return KeyFact(name, value, quote, at=moment_of(deadline))


def _contact(contact: Contact, place: "_Places") -> KeyFact | None:
    value = contact.email or contact.phone
    if not value:
        return None
    quote = place.words(value) or place.digits(value)
    return KeyFact("contact", value, quote, detail=contact.name) if quote else None


def _limit(limit: PageLimit, place: "_Places") -> KeyFact | None:
    quote = place.limit(limit)
    return KeyFact("page_limit", str(limit.pages), quote, detail=limit.what) if quote else None


def _factor(factor: Factor, place: "_Places") -> KeyFact | None:
    quote = place.factor(factor.name)
    if quote is None:
        return None
    return KeyFact("evaluation_factor", factor.name, quote, detail=factor.weight)


class _Places:
    """Where the pages say something."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = pages
        self._finder = QuoteFinder(pages)

    def words(self, value: str) -> Quote | None:
        return self._finder.find(value)

    def digits(self, phone: str) -> Quote | None:
        """A telephone number, however its groups are divided."""
        groups = re.findall(r"\d+", phone)
        return self._matching(re.compile(r"\D{1,3}".join(groups)))

    def naics(self, code: str) -> Quote | None:
        labelled = re.compile(rf"NAICS\b[^$]{{0,90}}?{code}", re.IGNORECASE)
        return self._matching(labelled) or self._finder.find(code)

    def set_aside(self, code: str) -> Quote | None:
        """Its name near the word set-aside, else its code, else the name on the first page."""
        name = _SET_ASIDES.get(code, _SMALL)
        near = rf"(?:{name})[^.]{{0,90}}set[- ]?asides?|set[- ]?aside[^.]{{0,90}}(?:{name})"
        wanted = re.compile(near, re.IGNORECASE)
        alone = re.compile(name, re.IGNORECASE)
        return self._matching(wanted) or self._finder.find(code) or self._matching(alone)

    def deadline(self, deadline: Deadline) -> Quote | None:
        """The lines with the date, best with its time, best where something is due."""
        ranked = sorted(self._dated(deadline), key=lambda found: -found[0])
        quotes = (self._finder.find(text, page) for _, page, text in ranked)
        return next((quote for quote in quotes if quote), None)

    def limit(self, limit: PageLimit) -> Quote | None:
        sentence = re.compile(
            rf"[^.;\n]{{0,160}}\b(?:{limit.pages}\b|{_spelled(limit.pages)})[^.;]{{0,20}}\bpages?\b"
            r"[^.;\n]{0,60}",
            re.IGNORECASE,
        )
        return self._matching(sentence)

    def factor(self, name: str) -> Quote | None:
        """On a page that tells of evaluation, if there is one; else its first place."""
        told = [page.number for page in self._pages if _ABOUT_AWARD.search(page.text)]
        quotes = (self._finder.find(name, page) for page in [*told, None])
        return next((quote for quote in quotes if quote), None)

    def _dated(self, deadline: Deadline) -> Iterator[tuple[int, int, str]]:
        for page in self._pages:
            lines = [line.text for line in page.lines]
            for at in range(len(lines)):
                for size in range(1, _WINDOW + 1):
                    text = " ".join(lines[at : at + size])
                    found = deadline_in(text)
                    if found and found.date == deadline.date:
                        about = " ".join(lines[max(at - 1, 0) : at + size])
                        yield _rank(found, deadline, about, size), page.number, text

    def _matching(self, pattern: re.Pattern[str]) -> Quote | None:
        """The first place of the pattern, over the ends of lines, again found as a quote."""
        for page in self._pages:
            found = pattern.search(" ".join(line.text for line in page.lines))
            if found and (quote := self._finder.find(found.group(), page.number)):
                return quote
        return None


def _rank(found: Deadline, wanted: Deadline, about: str, size: int) -> int:
    """Time, then what it is about, then zone, then brevity."""
    time = wanted.time is not None and found.time == wanted.time
    zone = wanted.zone is not None and found.zone == wanted.zone
    return 16 * time + 8 * bool(_ABOUT_DUE.search(about)) + 4 * zone - size


def _spelled(count: int) -> str:
    return _WORDS[count - 1] if count <= len(_WORDS) else str(count)
