"""What the list's page shows beside its rows: where one is, and what to do where there is none."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from deployments.parts import ESSENTIAL, Part
from deployments.web.list_query import TITLES, Chip, ListQuery, address, chips, word
from deployments.web.notices import Strip, degraded_strip, part_name, stale_strip
from domain.errors import Unavailable
from domain.ports import OpportunitySearch
from domain.search import Mode, SearchResult

ASKED_WITHOUT = 4
"""Filters that an empty list is asked again without, each alone."""

MODE_WORDS = {
    Mode.HYBRID: "match the words or the meaning",
    Mode.KEYWORD: "match the words",
    Mode.SEMANTIC: "are near in meaning",
}


@dataclass(frozen=True, slots=True)
class NextStep:
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class EmptyView:
    """Why there is nothing, and the next step."""

    title: str
    text: str
    steps: tuple[NextStep, ...] = ()
    tone: str | None = None


@dataclass(frozen=True, slots=True)
class Paging:
    """Where this page lies in the whole. `first` is 0 where there is nothing."""

    first: int
    last: int
    previous: str | None
    next: str | None


def paging(query: ListQuery, shown: int, next_cursor: str | None) -> Paging:
    before = (query.page - 1) * query.limit
    told = query.model_dump(mode="json", exclude_defaults=True, exclude={"cursor", "page"})
    following = told | {"cursor": next_cursor, "page": query.page + 1}
    return Paging(
        first=before + 1 if shown else 0,
        last=before + shown,
        previous=query.href() if query.cursor else None,
        next=address(following) if next_cursor else None,
    )


def summary(query: ListQuery) -> str:
    """What the number before it counts."""
    told: list[str] = ["open and closed" if query.status == "all" else query.status]
    if query.medical is not None:
        told.append("medical" if query.medical else "not medical")
    if query.words:
        told.append(MODE_WORDS[query.mode])
    return ", ".join(told)


def kept_fields(query: ListQuery, *without: str) -> list[tuple[str, Any]]:
    """The hidden fields of a form that changes one part of the list."""
    excluded = {"cursor", "page", *without}
    told = query.model_dump(mode="json", exclude_defaults=True, exclude=excluded)
    pairs = [
        (name, value)
        for name, held in told.items()
        for value in (held if isinstance(held, list) else [held])
    ]
    return [(name, word(value)) for name, value in pairs]


def strips(found: SearchResult, parts: Sequence[Part]) -> list[Strip]:
    told = (degraded_strip(found.degraded, parts), stale_strip(parts))
    return [strip for strip in told if strip]


async def empty_view(search: OpportunitySearch, tenant_id: UUID, query: ListQuery) -> EmptyView:
    """Asks again without each filter, so that the next step is known to lead somewhere."""
    on = [chip for chip in chips(query) if chip.text != "Open"]
    if not on:
        text = (
            "The first ones come with the next sync or import; the system page tells how it goes."
        )
        return EmptyView("No opportunities yet", text, (NextStep("See system", "/system"),))
    asked = list(_lighter(query))[:ASKED_WITHOUT]
    counts = await asyncio.gather(*(_count(search, tenant_id, one) for _, one in asked))
    found = [(chip, count) for (chip, _), count in zip(asked, counts, strict=True) if count]
    names = _listed([chip.text for chip in on])
    kind = "Nothing open" if query.status == "open" else "Nothing"
    told = " ".join(f"Without {chip.text} there are {count:,}." for chip, count in found)
    steps = [NextStep(f"Remove {chip.text}", chip.href) for chip, _ in found]
    everything = NextStep("Clear all", "/opportunities?status=all")
    return EmptyView("No opportunity matches", f"{kind} has {names}. {told}", (*steps, everything))


def unavailable_view(error: Unavailable, query: ListQuery) -> EmptyView:
    """For a list that could not be read: it must not look like an empty one."""
    name = part_name(error.service)
    again = NextStep("Try again", query.href())
    system = NextStep("See system", "/system")
    if query.words and query.mode is not Mode.KEYWORD and error.service != ESSENTIAL:
        text = f"{name} does not answer. This is not an empty list: a search for words works."
        words = NextStep("Search for the words", query.href(mode=Mode.KEYWORD))
        return EmptyView("The meaning cannot be searched now", text, (words, again, system), "warn")
    text = (
        f"{name} does not answer, and without it nothing can be listed. This is not an empty list."
        " Nothing is lost. It is asked again with each try."
    )
    return EmptyView("The list cannot be shown now", text, (again, system), "danger")


def _lighter(query: ListQuery) -> list[tuple[Chip, ListQuery]]:
    """The list without each of its filters, the last chosen first."""
    plain = query.model_copy(update={"cursor": None, "page": 1, "limit": 1})
    found = []
    for name in TITLES:
        for value in getattr(query, name):
            rest = tuple(held for held in getattr(query, name) if held != value)
            chip = next(one for one in chips(query) if one.href == query.without(name, value))
            found.append((chip, plain.model_copy(update={name: rest})))
    if query.medical is not None:
        chip = Chip("Medical", query.href(medical=None))
        found.append((chip, plain.model_copy(update={"medical": None})))
    if query.status != "all":
        chip = Chip(query.status.capitalize(), query.href(status="all"))
        found.append((chip, plain.model_copy(update={"status": "all"})))
    return found


async def _count(search: OpportunitySearch, tenant_id: UUID, query: ListQuery) -> int:
    return (await search.search(tenant_id, query.to_search())).total


def _listed(names: Sequence[str]) -> str:
    """`a, b and c together`."""
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} and {names[-1]} together"
