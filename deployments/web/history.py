"""An opportunity's history as people read it: fields by name, values in words, newest first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from pydantic import TypeAdapter

from cluster.stores.opportunities import Change, HistoryEntry
from deployments.web.labels import (
    naics_label,
    plain_title,
    psc_label,
    set_aside_name,
    type_label,
)
from domain.precision import Moment

FIELDS = {
    "title": "Title",
    "solicitation_number": "Solicitation number",
    "type": "Notice type",
    "base_type": "First notice type",
    "posted_date": "Posted",
    "response_deadline": "Response deadline",
    "archive_date": "Archive date",
    "archive_type": "How it is archived",
    "set_aside": "Set-aside",
    "naics": "NAICS",
    "naics_codes": "All NAICS codes",
    "psc": "PSC",
    "is_active": "Active on SAM.gov",
    "organization_type": "Organization type",
    "department": "Department",
    "sub_tier": "Sub-tier",
    "office": "Office",
    "office_address": "Office address",
    "place": "Place of performance",
    "award": "Award",
    "description_digest": "Description",
    "additional_info_link": "More information",
    "ui_link": "Page on SAM.gov",
    "resource_links": "Attachments",
    "closed": "Closed",
}
TITLES = {
    "OpportunityDiscovered": "First seen",
    "OpportunityAmended": "Amended",
    "OpportunityClosed": "Closed",
    "OpportunityAwarded": "Awarded",
}
HIDDEN = {"cgac", "fpds_code", "aac_code", "organization_type"}
MOMENTS = {"posted_date", "response_deadline", "archive_date"}
REASONS = {
    "deadline": "the response deadline passed",
    "archived": "SAM.gov archived it",
    "cancelled": "it was cancelled",
}
_moment = TypeAdapter(Moment)


@dataclass(frozen=True, slots=True)
class Said:
    """Words, or a moment that the reader's zone decides how to word."""

    text: str = ""
    at: datetime | date | None = None


@dataclass(frozen=True, slots=True)
class ChangeView:
    """`old` and `new` are None where there was or is nothing."""

    field: str
    old: Said | None
    new: Said | None


@dataclass(frozen=True, slots=True)
class VersionView:
    version: int
    title: str
    at: datetime
    kind: str
    changes: tuple[ChangeView, ...]


def version_views(entries: Sequence[HistoryEntry]) -> list[VersionView]:
    return [
        VersionView(
            version=entry.version,
            title=TITLES.get(entry.type, entry.type),
            at=entry.at,
            kind=entry.type,
            changes=tuple(
                _change(change) for change in entry.changed if change.field not in HIDDEN
            ),
        )
        for entry in reversed(entries)
    ]


def _change(change: Change) -> ChangeView:
    name = FIELDS.get(change.field, change.field.replace("_", " ").capitalize())
    if change.field == "description_digest":
        return ChangeView(name, *_texts(change))
    return ChangeView(name, _said(change.field, change.old), _said(change.field, change.new))


def _said(field: str, value: Any) -> Said | None:
    if value in (None, "", [], {}):
        return None
    if field in MOMENTS:
        return Said(at=_moment.validate_python(value))
    words = _in_words(field, value)
    return Said(words) if words else None


def _texts(change: Change) -> tuple[Said | None, Said | None]:
    """The text itself is not in events; that it is another one is."""
    if change.old is None:
        return None, Said("The text arrived")
    return Said("An earlier text"), Said("Another text") if change.new else None


def _in_words(field: str, value: Any) -> str | None:
    if field in _BY_FIELD:
        return _BY_FIELD[field](value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, list):
        return f"{len(value)} links" if field == "resource_links" else ", ".join(map(str, value))
    if isinstance(value, dict):
        return ", ".join(f"{part}" for part in value.values() if part) or None
    return str(value)


_BY_FIELD: dict[str, Callable[[Any], str | None]] = {
    "title": plain_title,
    "type": type_label,
    "base_type": type_label,
    "naics": naics_label,
    "psc": psc_label,
    "set_aside": set_aside_name,
    "closed": lambda reason: REASONS.get(reason, str(reason)).capitalize(),
}
