"""What the API answers about one opportunity."""

from typing import Any

from pydantic import Field

from cluster.stores.opportunities import HistoryEntry, OpportunityRow
from cluster.stores.opportunity_reads import Contact, RelatedNotice
from deployments.shapes import (
    At,
    FitShape,
    Freshness,
    Moment,
    Money,
    PlaceShape,
    Shape,
    agency_path,
    posted,
)
from domain.notice import Award
from domain.solicitation import LinkReason


class AwardShape(Shape):
    number: str | None
    date: Moment | None
    amount: Money | None = Field(examples=["280851.24"])
    awardee_uei: str | None


class ContactShape(Shape):
    """`kind`: primary, secondary, awardee or place. `details` are as SAM.gov gave them."""

    kind: str
    details: dict[str, Any] = Field(examples=[{"fullName": "Contract Specialist"}])


class RelatedShape(Shape):
    """Another notice of the same solicitation, newest first. `reason`: what it is there."""

    notice_id: str
    title: str
    type: str | None
    posted_date: Moment | None
    is_closed: bool
    reason: LinkReason = Field(examples=["amendment"])


class OpportunityShape(Shape):
    """Everything known of one opportunity. Lists that are empty may also be unknown."""

    notice_id: str
    version: int = Field(description="how many events made it what it is")
    title: str
    solicitation_number: str | None
    type: str | None
    base_type: str | None
    posted_date: Moment | None
    response_deadline: Moment | None
    archive_date: Moment | None
    naics: str | None
    naics_codes: tuple[str, ...]
    psc: str | None
    set_aside: str | None
    agency: str | None
    department: str | None
    sub_tier: str | None
    office: str | None
    office_address: PlaceShape | None
    place: PlaceShape
    award: AwardShape | None
    is_medical: bool
    is_active: bool | None
    is_closed: bool
    close_reason: str | None
    description: str | None = Field(description="as SAM.gov has it; it may hold HTML")
    description_digest: str | None
    additional_info_link: str | None
    ui_link: str | None
    resource_links: tuple[str, ...]
    contacts: tuple[ContactShape, ...]
    related: tuple[RelatedShape, ...]
    fit: FitShape
    discovered_at: At
    freshness: Freshness
    degraded: tuple[str, ...]


class ChangeShape(Shape):
    """One field, before and after."""

    field: str = Field(examples=["response_deadline"])
    old: Any = Field(examples=["2026-04-13T10:00:00-07:00"])
    new: Any = Field(examples=["2026-04-15T10:00:00-07:00"])


class VersionShape(Shape):
    """One event of the opportunity, and what it changed. The first one changed nothing."""

    version: int
    at: At
    type: str = Field(examples=["OpportunityAmended"])
    changed: tuple[ChangeShape, ...]


class HistoryShape(Shape):
    """Oldest first."""

    notice_id: str
    items: tuple[VersionShape, ...]


def one_shape(
    row: OpportunityRow,
    *,
    description: str | None,
    contacts: tuple[Contact, ...],
    related: tuple[RelatedNotice, ...],
    fit: FitShape,
    degraded: tuple[str, ...],
) -> OpportunityShape:
    notice = row.notice
    told = {name: getattr(notice, name) for name in _AS_TOLD}
    return OpportunityShape(
        **told,
        version=row.version,
        agency=agency_path(notice.department, notice.sub_tier, notice.office),
        office_address=_place(notice.office_address),
        place=_place(notice.place) or PlaceShape(),
        award=_award(notice.award),
        is_medical=row.is_medical,
        is_closed=row.is_closed,
        close_reason=row.close_reason,
        description=description,
        contacts=tuple(ContactShape.model_validate(contact) for contact in contacts),
        related=tuple(related_shape(other) for other in related),
        fit=fit,
        discovered_at=row.discovered_at,
        freshness=Freshness(updated_at=row.updated_at),
        degraded=degraded,
    )


_AS_TOLD = (
    "notice_id",
    "title",
    "solicitation_number",
    "type",
    "base_type",
    "posted_date",
    "response_deadline",
    "archive_date",
    "naics",
    "naics_codes",
    "psc",
    "set_aside",
    "department",
    "sub_tier",
    "office",
    "is_active",
    "description_digest",
    "additional_info_link",
    "ui_link",
    "resource_links",
)


def related_shape(other: RelatedNotice) -> RelatedShape:
    return RelatedShape(
        notice_id=other.notice_id,
        title=other.title,
        type=other.type,
        posted_date=posted(other.posted_at),
        is_closed=other.is_closed,
        reason=other.reason,
    )


def history_shape(notice_id: str, entries: list[HistoryEntry]) -> HistoryShape:
    items = tuple(VersionShape.model_validate(entry) for entry in entries)
    return HistoryShape(notice_id=notice_id, items=items)


def _place(place: object | None) -> PlaceShape | None:
    return PlaceShape.model_validate(place) if place else None


def _award(award: Award | None) -> AwardShape | None:
    return AwardShape.model_validate(award) if award else None
