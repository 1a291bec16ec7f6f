"""The page of one opportunity: is it for us, what changed, what must be done by when."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup

from cluster.stores.opportunities import HistoryEntry
from deployments.shapes_one import AwardShape, ContactShape, OpportunityShape, RelatedShape
from deployments.web.description import render_description
from deployments.web.history import Said, VersionView, version_views
from deployments.web.labels import (
    Label,
    agency_label,
    link_label,
    naics_label,
    plain_title,
    psc_label,
    set_aside_name,
    type_label,
)
from deployments.web.reasons import FitView, fit_view
from deployments.web.rows import opportunity_href, place_words, set_aside_badge
from deployments.web.times import DeadlineView, deadline_view

SAM_GOV = "https://sam.gov/opp"
CONTACT_TITLES = {
    "primary": "First contact",
    "secondary": "Second contact",
    "awardee": "Awarded to",
    "place": "Place of performance",
}
UNTYPED = {"original", "amendment", "cancelled", "same_number"}
"""Reasons of links that do not tell the notice's type."""


@dataclass(frozen=True, slots=True)
class FactView:
    label: str
    lines: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class GateView:
    """A condition that must hold before a score means anything."""

    name: str
    verdict: Label
    about: str


@dataclass(frozen=True, slots=True)
class LinkView:
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class ContactView:
    title: str
    lines: tuple[str, ...]
    email: str | None


@dataclass(frozen=True, slots=True)
class RelatedView:
    title: str
    href: str
    link: str
    type: str | None
    posted: datetime | date | None
    is_closed: bool


@dataclass(frozen=True, slots=True)
class OneView:
    title: str
    solicitation_number: str | None
    badges: tuple[Label, ...]
    deadline: DeadlineView
    fit: FitView
    gates: tuple[GateView, ...]
    facts: tuple[FactView, ...]
    description: Markup | None
    versions: tuple[VersionView, ...]
    contacts: tuple[ContactView, ...]
    related: tuple[RelatedView, ...]
    links: tuple[LinkView, ...]
    has_files: bool
    sam_gov: str


def one_view(
    opportunity: OpportunityShape, entries: Sequence[HistoryEntry], now: datetime
) -> OneView:
    fit = fit_view(opportunity.fit)
    deadline = deadline_view(opportunity.response_deadline, now)
    return OneView(
        title=plain_title(opportunity.title),
        solicitation_number=opportunity.solicitation_number,
        badges=tuple(_badges(opportunity, fit, entries)),
        deadline=deadline,
        fit=fit,
        gates=tuple(_gates(opportunity, fit, deadline)),
        facts=tuple(_facts(opportunity)),
        description=_description(opportunity.description),
        versions=tuple(version_views(entries)),
        contacts=tuple(_contact(one) for one in opportunity.contacts),
        related=tuple(_related(one) for one in opportunity.related),
        links=tuple(_links(opportunity)),
        has_files=bool(opportunity.resource_links),
        sam_gov=_sam_gov(opportunity),
    )


def _badges(
    opportunity: OpportunityShape, fit: FitView, entries: Sequence[HistoryEntry]
) -> Iterator[Label]:
    yield set_aside_badge(opportunity.set_aside, fit)
    amended = [entry for entry in entries if entry.type == "OpportunityAmended"]
    if amended:
        at = amended[-1].at
        yield Label(f"Amended {at:%b} {at.day}", "changed", "swap")
    if opportunity.is_closed:
        yield Label("Closed", "danger", "ban")
    yield Label(type_label(opportunity.type))


def _gates(
    opportunity: OpportunityShape, fit: FitView, deadline: DeadlineView
) -> Iterator[GateView]:
    """What stops comes as `domain.matching` found it; what passed is said too."""
    for gate in fit.gates:
        yield GateView(gate.text, Label("Stops", "danger", "ban"), gate.about)
    if not opportunity.is_closed:
        yield GateView("Deadline", *_deadline_gate(deadline))
    if not fit.is_scored:
        about = "A new notice is compared with your profile within seconds of its arrival."
        yield GateView("Your profile", Label("Waiting", "warn", "clock"), about)
    elif not any(code.startswith("set_aside") for code in opportunity.fit.gates):
        yield GateView("Set-aside", *_set_aside_gate(opportunity.set_aside))


def _deadline_gate(deadline: DeadlineView) -> tuple[Label, str]:
    if deadline.urgency == "none":
        return Label("Confirm", "warn", "info"), "The notice gives no deadline."
    if deadline.urgency == "passed":
        return Label("Confirm", "warn", "info"), "The deadline passed; an amendment may move it."
    if "no time given" in deadline.text or "no zone" in deadline.text:
        return Label("Confirm", "warn", "info"), f"Open, closes {deadline.text}."
    return Label("Passed", "good", "check"), f"Open for {deadline.left}."


def _set_aside_gate(code: str | None) -> tuple[Label, str]:
    if not code:
        return Label("Confirm", "warn", "info"), "None is stated; the documents may set one."
    return Label("Passed", "good", "check"), f"{set_aside_name(code)}."


def _facts(one: OpportunityShape) -> Iterator[FactView]:
    buyer = [agency_label(name) for name in (one.department, one.sub_tier, one.office) if name]
    yield FactView("Buyer", _said(*dict.fromkeys(buyer)))
    place = place_words(one.place.city, one.place.state, one.place.country)
    yield FactView("Place of performance", _said(place))
    codes = [
        f"NAICS {naics_label(code)}" for code in (one.naics_codes or filter(None, [one.naics]))
    ]
    yield FactView("Codes", _said(*codes, one.psc and f"PSC {psc_label(one.psc)}"))
    yield FactView("Set-aside", _said(set_aside_name(one.set_aside)))
    yield FactView("Posted", _moment(one.posted_date))
    yield FactView("Response deadline", _moment(one.response_deadline))
    yield FactView("Archived", _moment(one.archive_date))
    if one.award:
        yield FactView("Award", tuple(_award(one.award)))


def _award(award: AwardShape) -> Iterator[Said]:
    if award.amount is not None:
        yield Said(f"${award.amount:,.2f}")
    if award.number:
        yield Said(f"Number {award.number}")
    if award.date:
        yield Said(at=award.date)


def _said(*words: str | None) -> tuple[Said, ...]:
    return tuple(Said(word) for word in words if word)


def _moment(moment: datetime | date | None) -> tuple[Said, ...]:
    return (Said(at=moment),) if moment else ()


def _description(text: str | None) -> Markup | None:
    return render_description(text) if text and text.strip() else None


def _contact(contact: ContactShape) -> ContactView:
    held = {key: str(value) for key, value in contact.details.items() if value}
    email = held.pop("email", None)
    known = ("full_name", "fullName", "name", "title", "location", "street", "phone", "fax")
    lines = dict.fromkeys(held[key] for key in known if key in held)
    title = CONTACT_TITLES.get(contact.kind, contact.kind)
    return ContactView(title, tuple(lines), email if email and "@" in email else None)


def _related(one: RelatedShape) -> RelatedView:
    return RelatedView(
        title=plain_title(one.title),
        href=opportunity_href(one.notice_id),
        link=link_label(one.reason),
        type=type_label(one.type) if one.reason in UNTYPED else None,
        posted=one.posted_date,
        is_closed=one.is_closed,
    )


def _links(one: OpportunityShape) -> Iterator[LinkView]:
    for number, href in enumerate(filter(_is_http, one.resource_links), start=1):
        yield LinkView(f"Attachment {number}", href)
    if one.additional_info_link and _is_http(one.additional_info_link):
        yield LinkView("More information", one.additional_info_link)


def _sam_gov(one: OpportunityShape) -> str:
    if one.ui_link and _is_http(one.ui_link):
        return one.ui_link
    return f"{SAM_GOV}/{one.notice_id}/view"


def _is_http(href: Any) -> bool:
    """Links of a notice are its author's: anything else might run here."""
    try:
        return isinstance(href, str) and urlsplit(href).scheme in {"http", "https"}
    except ValueError:
        return False
