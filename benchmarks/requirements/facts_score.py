"""Key facts and line items of a solicitation against the gold: right, missing or extra."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from benchmarks.requirements.page_text import fold

_WORDS_ALIKE = 0.5


class Deadline(BaseModel):
    date: str | None = None
    time: str | None = None
    zone: str | None = None


class Contact(BaseModel):
    name: str | None = None
    email: str | None = None
    phone: str | None = None


class PageLimit(BaseModel):
    what: str
    pages: float


class Factor(BaseModel):
    name: str
    weight: str | float | None = None


class LineItem(BaseModel):
    number: str
    description: str | None = None
    quantity: float | None = None
    unit: str | None = None


class KeyFacts(BaseModel):
    """The facts of one document; None or empty where its pages say nothing."""

    solicitation_number: str | None = None
    response_deadline: Deadline | None = None
    questions_due: Deadline | None = None
    set_aside: str | None = None
    naics: str | None = None
    contacts: list[Contact] = []
    page_limits: list[PageLimit] = []
    evaluation_factors: list[Factor] = []
    clins: list[LineItem] = []


@dataclass(frozen=True, slots=True)
class Tally:
    """How many are right, how many more were found, how many more there are."""

    right: int = 0
    extra: int = 0
    missing: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.right + other.right, self.extra + other.extra, self.missing + other.missing
        )

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.extra) if self.right + self.extra else 0.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missing) if self.right + self.missing else 0.0

    @property
    def f1(self) -> float:
        """1 where nothing was to be found and nothing was."""
        twice = 2 * self.right + self.extra + self.missing
        return 2 * self.right / twice if twice else 1.0


def score_facts(gold: KeyFacts, found: KeyFacts) -> Tally:
    """Each atomic fact: number, set-aside, NAICS, date, time and zone of a deadline, each e-mail
    and telephone, page limit, factor, weight. Names of people are not compared."""
    return _tally(_atoms(gold), _atoms(found))


def score_line_items(gold: Sequence[LineItem], found: Sequence[LineItem]) -> Tally:
    """Cells: number, description, quantity, unit, of the items with the same number."""
    theirs = {_key(item.number): item for item in found}
    total = Tally()
    for item in gold:
        total += _score_item(item, theirs.pop(_key(item.number), None))
    return sum((Tally(extra=len(_cells(item))) for item in theirs.values()), total)


def words_f1(one: str, other: str) -> float:
    """F1 over the words of two texts, as bags."""
    mine, theirs = (Counter(re.findall(r"\w+", text.lower())) for text in (one, other))
    return Tally((mine & theirs).total(), (theirs - mine).total(), (mine - theirs).total()).f1


def _score_item(gold: LineItem, found: LineItem | None) -> Tally:
    if found is None:
        return Tally(missing=len(_cells(gold)))
    mine, theirs = _cells(gold), _cells(found)
    if words_f1(gold.description or "", found.description or "") >= _WORDS_ALIKE:
        theirs = {**theirs, "description": mine.get("description", "")}
    return _tally(set(mine.items()), set(theirs.items()))


def _cells(item: LineItem) -> dict[str, str]:
    cells = {
        "number": _key(item.number),
        "description": fold(item.description or ""),
        "quantity": "" if item.quantity is None else f"{item.quantity:g}",
        "unit": fold(item.unit or ""),
    }
    return {name: value for name, value in cells.items() if value}


def _atoms(facts: KeyFacts) -> set[tuple[str, str]]:
    atoms = {
        ("number", fold(facts.solicitation_number or "")),
        ("set-aside", fold(facts.set_aside or "")),
        ("naics", fold(facts.naics or "")),
        *_deadline("response", facts.response_deadline),
        *_deadline("questions", facts.questions_due),
        *(("email", fold(contact.email or "")) for contact in facts.contacts),
        *(("phone", _digits(contact.phone)) for contact in facts.contacts),
        *(("limit", f"{fold(limit.what)} {limit.pages:g}") for limit in facts.page_limits),
        *(("factor", fold(factor.name)) for factor in facts.evaluation_factors),
        *(
            ("weight", f"{fold(factor.name)} {fold(str(factor.weight))}")
            for factor in facts.evaluation_factors
            if factor.weight is not None
        ),
    }
    return {atom for atom in atoms if atom[1]}


def _deadline(name: str, deadline: Deadline | None) -> list[tuple[str, str]]:
    if deadline is None:
        return []
    return [
        (f"{name} date", fold(deadline.date or "")),
        (f"{name} time", fold(deadline.time or "")),
        (f"{name} zone", _zone(deadline.zone or "")),
    ]


def _zone(printed: str) -> str:
    """The continental zones in one form: "EST", "ET" and "Eastern Time, New York" are the same."""
    short = re.fullmatch(r"([ecmp])[sd]?t", fold(printed))
    long = re.match(r"(e)astern|(c)entral|(m)ountain|(p)acific", fold(printed))
    zone = short or long
    return next(filter(None, zone.groups())) if zone else fold(printed)


def _key(number: str) -> str:
    return fold(number).lstrip("0")


def _digits(phone: str | None) -> str:
    return re.sub(r"\D", "", phone or "")[-10:]


def _tally(gold: set[tuple[str, str]], found: set[tuple[str, str]]) -> Tally:
    return Tally(len(gold & found), len(found - gold), len(gold - found))
