"""A row of the list: what a person needs to decide whether to open it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from deployments.shapes import HighlightShape, OpportunityItem
from deployments.web.labels import (
    Label,
    agency_label,
    plain_title,
    set_aside_label,
    state_label,
    type_label,
)
from deployments.web.reasons import FitView, Reason, fit_view, row_reasons
from deployments.web.times import DeadlineView, Urgency, deadline_view

NEW_FOR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Fact:
    text: str
    is_id: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a highlight, which matched or not."""

    text: str
    is_marked: bool


@dataclass(frozen=True, slots=True)
class RowView:
    notice_id: str
    href: str
    title: str
    badges: tuple[Label, ...]
    facts: tuple[Fact, ...]
    set_aside: Label
    fit: FitView
    reasons: tuple[Reason, ...]
    deadline: DeadlineView
    quotes: tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows that close about the same time; without a title where they are not in that order."""

    title: str | None
    rows: tuple[RowView, ...]


def opportunity_href(notice_id: str) -> str:
    return f"/opportunities/{notice_id}"


def row_view(item: OpportunityItem, now: datetime) -> RowView:
    fit = fit_view(item.fit)
    return RowView(
        notice_id=item.notice_id,
        href=opportunity_href(item.notice_id),
        title=plain_title(item.title),
        badges=tuple(_badges(item, now)),
        facts=tuple(_facts(item)),
        set_aside=set_aside_badge(item.set_aside, fit),
        fit=fit,
        reasons=row_reasons(fit),
        deadline=deadline_view(item.response_deadline, now),
        quotes=tuple(
            tuple(pieces(highlight))
            for highlight in item.highlights
            if highlight.field == "description"
        ),
    )


def grouped(rows: Sequence[RowView], *, by_deadline: bool) -> list[RowGroup]:
    if not by_deadline:
        return [RowGroup(None, tuple(rows))] if rows else []
    groups: dict[str, list[RowView]] = {}
    for row in rows:
        groups.setdefault(_closing(row.deadline.urgency), []).append(row)
    return [RowGroup(title, tuple(held)) for title, held in groups.items()]


def set_aside_badge(code: str | None, fit: FitView) -> Label:
    """Green where it is for us, red where it stops us; without a color where it is not stated."""
    label = set_aside_label(code)
    if not code or code == "NONE":
        return label
    if any(gate.text.startswith(label.text) for gate in fit.gates):
        return Label(label.text, "danger", "ban")
    qualifies = any(reason.text == f"{label.text}: you qualify" for reason in fit.reasons)
    return Label(label.text, "good", "check") if qualifies else label


def pieces(highlight: HighlightShape) -> Iterator[Piece]:
    """The text in order; marks that overlap or go backwards are taken as far as they go on."""
    at = 0
    for start, end in sorted(highlight.marks):
        if end <= max(start, at):
            continue
        start = max(start, at)
        if start > at:
            yield Piece(highlight.text[at:start], is_marked=False)
        yield Piece(highlight.text[start:end], is_marked=True)
        at = end
    if at < len(highlight.text):
        yield Piece(highlight.text[at:], is_marked=False)


def _badges(item: OpportunityItem, now: datetime) -> Iterator[Label]:
    if item.is_closed:
        yield Label("Closed")
    elif _is_new(item, now):
        yield Label("New", "accent")


def _is_new(item: OpportunityItem, now: datetime) -> bool:
    posted = item.posted_date
    if isinstance(posted, datetime) and posted.tzinfo is not None:
        return now - posted < NEW_FOR
    return posted is not None and now.date() - posted < NEW_FOR


def _facts(item: OpportunityItem) -> Iterator[Fact]:
    yield Fact(type_label(item.type))
    if item.agency:
        names = [agency_label(name) for name in split_agency(item.agency)]
        short = [names[0], names[-1]] if names[-1] != names[0] else names[:1]
        yield Fact(", ".join(short))
    if item.solicitation_number:
        yield Fact(item.solicitation_number, is_id=True)
    if item.psc:
        yield Fact(f"PSC {item.psc}")
    if place := place_words(item.place.city, item.place.state, item.place.country):
        yield Fact(place)


def split_agency(path: str) -> list[str]:
    return path.split(".")


def place_words(city: str | None, state: str | None, country: str | None) -> str:
    """`Bay Pines, FL`; a state alone by its name; the country where it is another."""
    abroad = country if country and country not in {"USA", "US"} else None
    near = state if city or abroad else (state_label(state) if state else None)
    return ", ".join(part for part in (city, near, abroad) if part)


def _closing(urgency: Urgency) -> str:
    match urgency:
        case "today":
            return "Closing today"
        case "soon":
            return "Within 3 days"
        case "week":
            return "Within 7 days"
        case "later":
            return "Later"
        case "passed":
            return "Passed"
        case "none":
            return "Without a deadline"
