"""What is extracted from a solicitation: requirements, key facts, line items."""

from dataclasses import dataclass, field
from typing import Literal

from domain.pages import Box

Actor = Literal["offeror", "contractor", "government"]
Modality = Literal[
    "shall",
    "must",
    "will",
    "required",
    "should",
    "prohibited",
    "imperative",
    "agrees",
    "consequence",
    "states",
]
Kind = Literal[
    "evaluation",
    "format",
    "past_performance",
    "pricing",
    "certification",
    "quality",
    "reporting",
    "delivery",
    "management",
    "technical",
    "submission",
    "other",
]


@dataclass(frozen=True, slots=True)
class Duty:
    """Whose duty a sentence states, and how."""

    actor: Actor
    modality: Modality


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of a quote on one page; no boxes where the format has none."""

    page: int
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row: `quote` is found word for word in its pages.

    `section` is a letter of the uniform contract format, `repeats` the pages where the same words
    stand again.
    """

    id: str
    page: int
    section: str
    paragraph: str | None
    quote: str
    actor: Actor
    modality: Modality
    type: Kind
    due: str | None = None
    lead_in: str | None = None
    places: tuple[Place, ...] = ()
    repeats: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Deadline:
    """Date as 2026-02-12, time as 13:00, zone as printed."""

    date: str | None = None
    time: str | None = None
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class PageLimit:
    what: str
    pages: int


@dataclass(frozen=True, slots=True)
class Factor:
    name: str
    weight: str | None = None


@dataclass(frozen=True, slots=True)
class LineItem:
    number: str
    description: str | None = None
    quantity: float | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """None or empty where the pages say nothing."""

    solicitation_number: str | None = None
    response_deadline: Deadline | None = None
    questions_due: Deadline | None = None
    set_aside: str | None = None
    naics: str | None = None
    contacts: tuple[Contact, ...] = ()
    page_limits: tuple[PageLimit, ...] = ()
    evaluation_factors: tuple[Factor, ...] = ()
    clins: tuple[LineItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Extraction:
    requirements: tuple[Requirement, ...]
    facts: KeyFacts = field(default_factory=KeyFacts)
