"""What can be asked of the opportunities, and what is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field


class Mode(StrEnum):
    KEYWORD = "keyword"
    SEMANTIC = "semantic"
    HYBRID = "hybrid"


class Sort(StrEnum):
    """Best match, newest, soonest deadline, best fit to the company: each best first."""

    RELEVANCE = "relevance"
    POSTED = "posted"
    DEADLINE = "deadline"
    FIT = "fit"


NaicsPrefix = Annotated[str, Field(pattern=r"^\d{2,6}$")]
PscPrefix = Annotated[str, Field(pattern=r"^[0-9A-Z]{1,4}$")]
Word = Annotated[str, Field(min_length=1, max_length=200)]
Several = 50


class SearchQuery(BaseModel):
    """Values of one filter are alternatives; different filters must all hold."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    q: str = Field(default="", max_length=500)
    mode: Mode = Mode.HYBRID
    naics: tuple[NaicsPrefix, ...] = Field(default=(), max_length=Several)
    psc: tuple[PscPrefix, ...] = Field(default=(), max_length=Several)
    set_aside: tuple[Word, ...] = Field(default=(), max_length=Several)
    state: tuple[Word, ...] = Field(default=(), max_length=Several)
    agency: tuple[Word, ...] = Field(default=(), max_length=Several)
    """A department, sub-tier or office by its whole name."""
    type: tuple[Word, ...] = Field(default=(), max_length=Several)
    """SAM.gov's one-letter codes."""
    posted_from: date | None = None
    posted_to: date | None = None
    deadline_from: date | None = None
    deadline_to: date | None = None
    medical: bool | None = None
    status: Literal["open", "closed"] | None = None
    sort: Sort | None = None
    """None: by relevance where there is a `q`, else by date posted."""
    cursor: str | None = Field(default=None, max_length=1_000)
    limit: int = Field(default=25, ge=1, le=100)

    @property
    def words(self) -> str:
        return " ".join(self.q.split())

    @property
    def order(self) -> Sort:
        if self.sort in {None, Sort.RELEVANCE}:
            return Sort.RELEVANCE if self.words else Sort.POSTED
        return self.sort or Sort.POSTED


@dataclass(frozen=True, slots=True)
class Fit:
    """How a notice suits the tenant's company. A gate that stands makes the score None."""

    score: int | None
    gates: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Highlight:
    """A piece of the notice's text, and from where to where in it a match goes."""

    field: Literal["title", "description"]
    text: str
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchItem:
    """`response_deadline` is a day where no more is known. `score` orders by relevance."""

    notice_id: str
    title: str
    solicitation_number: str | None
    type: str | None
    posted_at: datetime | None
    response_deadline: datetime | date | None
    naics: str | None
    psc: str | None
    set_aside: str | None
    department: str | None
    sub_tier: str | None
    office: str | None
    state: str | None
    country: str | None
    is_medical: bool
    is_closed: bool
    updated_at: datetime
    fit: Fit | None = None
    score: float | None = None
    highlights: tuple[Highlight, ...] = ()


@dataclass(frozen=True, slots=True)
class FacetValue:
    value: str
    count: int


Facets = Mapping[str, Sequence[FacetValue]]
"""By filter: naics (as recorded), psc, set_aside, state, agency (departments), type, medical."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchResult:
    """`total` counts all pages. A search by meaning ranks a bounded number of candidates:
    `is_total_bound` says that there may be more.
    """

    items: Sequence[SearchItem]
    total: int
    is_total_bound: bool = False
    facets: Facets = field(default_factory=dict)
    next_cursor: str | None = None
    degraded: tuple[str, ...] = ()
