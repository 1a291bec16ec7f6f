"""What the list's address says, and the links that change one part of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

from pydantic import Field, model_validator

from deployments.web.labels import (
    agency_label,
    naics_label,
    psc_label,
    set_aside_label,
    state_label,
    type_label,
)
from domain.search import Facets, Mode, SearchQuery, Sort

PATH = "/opportunities"

LABELS = {
    "set_aside": lambda value: set_aside_label(value).text,
    "type": type_label,
    "psc": psc_label,
    "naics": naics_label,
    "state": state_label,
    "agency": agency_label,
}
TITLES = {
    "set_aside": "Set-aside",
    "type": "Notice type",
    "psc": "Product or service (PSC)",
    "agency": "Agency",
    "state": "Place of performance",
    "naics": "Industry (NAICS)",
}
SHOWN_VALUES = 7
MODES = ((Mode.HYBRID, "Both"), (Mode.KEYWORD, "Words"), (Mode.SEMANTIC, "Meaning"))
SORTS = (
    (Sort.DEADLINE, "Closing soonest"),
    (Sort.FIT, "Best fit"),
    (Sort.POSTED, "Newest"),
    (Sort.RELEVANCE, "Best match"),
)
RANGES = (
    ("posted_from", "Posted from"),
    ("posted_to", "Posted to"),
    ("deadline_from", "Closes from"),
    ("deadline_to", "Closes to"),
)


class ListQuery(SearchQuery):
    """As a person asks: what is open unless told otherwise, what closes first unless searched."""

    status: Literal["open", "closed", "all"] = "open"  # type: ignore[assignment]
    page: int = Field(default=1, ge=1, le=10_000)
    """For the count on the page alone; the cursor tells where it begins."""

    @model_validator(mode="before")
    @classmethod
    def _without_blanks(cls, told: Any) -> Any:
        """A form without script sends its empty fields too."""
        if not isinstance(told, dict):
            return told
        return {name: value for name, value in told.items() if value not in ("", [""])}

    @property
    def order(self) -> Sort:
        if self.sort is Sort.RELEVANCE and not self.words:
            return Sort.DEADLINE
        return self.sort or (Sort.RELEVANCE if self.words else Sort.DEADLINE)

    def to_search(self) -> SearchQuery:
        told: dict[str, Any] = self.model_dump(exclude={"status", "page", "sort"})
        status = None if self.status == "all" else self.status
        return SearchQuery(**told, status=status, sort=self.order)

    def href(self, **changes: Any) -> str:
        """This list with something changed, from its first page on. None leaves a part out."""
        told = self.model_dump(mode="json", exclude_defaults=True, exclude={"cursor", "page"})
        told.update(changes)
        return address(told)

    def without(self, name: str, value: str) -> str:
        rest = [held for held in getattr(self, name) if held != value]
        return self.href(**{name: rest or None})


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the list without it."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class FacetValueView:
    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class FacetView:
    name: str
    label: str
    values: tuple[FacetValueView, ...]
    more: tuple[FacetValueView, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several views of the same data."""

    value: str
    label: str
    href: str
    is_current: bool


def address(told: dict[str, Any], path: str = PATH) -> str:
    named = {name: value for name, value in told.items() if value not in (None, "", [], ())}
    words = {
        name: str(value).lower() if value in (True, False) else value
        for name, value in named.items()
    }
    return f"{path}?{urlencode(words, doseq=True)}" if words else path


def word(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def chips(query: ListQuery) -> list[Chip]:
    found = []
    if query.words:
        found.append(Chip(f"“{query.words}”", query.href(q=None, mode=None)))
    if query.status != "all":
        found.append(Chip(query.status.capitalize(), query.href(status="all")))
    if query.medical is not None:
        text = "Medical" if query.medical else "Not medical"
        found.append(Chip(text, query.href(medical=None)))
    for name in TITLES:
        found += [
            Chip(_named(name, held), query.without(name, held)) for held in getattr(query, name)
        ]
    for name, title in RANGES:
        if day := getattr(query, name):
            text = f"{title} {day:%b} {day.day}, {day.year}"
            found.append(Chip(text, query.href(**{name: None})))
    return found


def _named(name: str, value: str) -> str:
    label = LABELS[name](value)
    return f"{name.upper()} {label}" if name in {"psc", "naics"} else label


def facet_views(query: ListQuery, facets: Facets) -> list[FacetView]:
    """Chosen values come first and stay, even where nothing has them any more."""
    return [view for name in TITLES if (view := _facet(query, name, facets)).values]


def _facet(query: ListQuery, name: str, facets: Facets) -> FacetView:
    chosen: Sequence[str] = getattr(query, name)
    counts = {held.value: held.count for held in facets.get(name, ())}
    ordered = [*chosen, *(value for value in counts if value not in chosen)]
    views = tuple(
        FacetValueView(value, LABELS[name](value), counts.get(value, 0), value in chosen)
        for value in ordered
    )
    shown = max(SHOWN_VALUES, len(chosen))
    return FacetView(name, TITLES[name], views[:shown], views[shown:])


def mode_choices(query: ListQuery) -> list[Choice]:
    return [Choice(mode, label, query.href(mode=mode), query.mode is mode) for mode, label in MODES]


def sort_choices(query: ListQuery) -> list[Choice]:
    return [
        Choice(sort, label, query.href(sort=sort), query.order is sort)
        for sort, label in SORTS
        if sort is not Sort.RELEVANCE or query.words
    ]
