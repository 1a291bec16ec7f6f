"""What the API answers with. Times are UTC with `Z`, money is a decimal string."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from domain.search import SearchItem, SearchQuery, SearchResult

Item = TypeVar("Item")


def spell_moment(moment: datetime | date) -> str:
    """A day stays a day, and a time of an unknown zone keeps its own wording."""
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return moment.isoformat()
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


At = Annotated[datetime, PlainSerializer(spell_moment, return_type=str)]
Moment = Annotated[datetime | date, PlainSerializer(spell_moment, return_type=str)]
Money = Annotated[Decimal, PlainSerializer(lambda amount: f"{amount:f}", return_type=str)]


class Shape(BaseModel):
    """One answer, or a part of one."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class FitShape(Shape):
    """`gates` hold it back altogether, then there is no score. Both are codes, as in `reasons`."""

    score: int | None = Field(examples=[84], ge=0, le=100)
    gates: tuple[str, ...] = Field(examples=[[]])
    reasons: tuple[str, ...] = Field(examples=[["naics_exact", "psc_exact"]])


class HighlightShape(Shape):
    """A piece of text; `marks` are the places in it, from and to, that match."""

    field: Literal["title", "description"]
    text: str
    marks: tuple[tuple[int, int], ...]


class PlaceShape(Shape):
    city: str | None = None
    state: str | None = Field(default=None, examples=["FL"])
    zip: str | None = None
    country: str | None = Field(default=None, examples=["USA"])


class Freshness(Shape):
    """When this hub last took over something new about it."""

    updated_at: At


class OpportunityItem(Shape):
    """An opportunity in a list."""

    notice_id: str = Field(examples=["f3c1a6b0e6f54f0c9e6f1d5b7a9c2e11"])
    title: str = Field(examples=["6515--BLADDER SCANNER W/PRINTER"])
    solicitation_number: str | None = Field(examples=["36C26226Q0553"])
    type: str | None = Field(examples=["r"], description="SAM.gov's one-letter code")
    posted_date: Moment | None = Field(examples=["2026-04-10T18:12:00Z"])
    response_deadline: Moment | None = Field(examples=["2026-04-17T22:00:00Z", "2026-04-17"])
    naics: str | None = Field(examples=["339112"])
    psc: str | None = Field(examples=["6515"])
    set_aside: str | None = Field(examples=["SDVOSBC"])
    agency: str | None = Field(
        examples=["VETERANS AFFAIRS, DEPARTMENT OF.262-NETWORK CONTRACT OFFICE 22 (36C262)"],
        description="department, sub-tier and office, as far as they are known, with dots between",
    )
    place: PlaceShape
    is_medical: bool
    is_closed: bool
    fit: FitShape
    highlights: tuple[HighlightShape, ...]
    freshness: Freshness


class FacetShape(Shape):
    value: str
    count: int


class Page(Shape, Generic[Item]):
    """One page of a list. `degraded` names the parts that could not answer."""

    items: tuple[Item, ...]
    next_cursor: str | None
    total: int
    degraded: tuple[str, ...]


class OpportunityPage(Page[OpportunityItem]):
    """`is_total_bound`: a search by meaning ranks only so many; there may be more than `total`."""

    facets: Mapping[str, tuple[FacetShape, ...]]
    is_total_bound: bool


class OpportunityListQuery(SearchQuery):
    """Values of one filter are alternatives; different filters must all hold."""

    status: Literal["open", "closed", "all"] = "all"  # type: ignore[assignment]
    facets: bool = True

    def to_search(self) -> SearchQuery:
        told: dict[str, Any] = self.model_dump(exclude={"facets", "status"})
        return SearchQuery(**told, status=None if self.status == "all" else self.status)


NOT_SCORED = FitShape(score=None, gates=(), reasons=("not_scored_yet",))


def item_shape(item: SearchItem) -> OpportunityItem:
    return OpportunityItem(
        notice_id=item.notice_id,
        title=item.title,
        solicitation_number=item.solicitation_number,
        type=item.type,
        posted_date=posted(item.posted_at),
        response_deadline=item.response_deadline,
        naics=item.naics,
        psc=item.psc,
        set_aside=item.set_aside,
        agency=agency_path(item.department, item.sub_tier, item.office),
        place=PlaceShape(state=item.state, country=item.country),
        is_medical=item.is_medical,
        is_closed=item.is_closed,
        fit=FitShape.model_validate(item.fit) if item.fit else NOT_SCORED,
        highlights=tuple(HighlightShape.model_validate(one) for one in item.highlights),
        freshness=Freshness(updated_at=item.updated_at),
    )


def page_shape(result: SearchResult, *, with_facets: bool) -> OpportunityPage:
    facets = result.facets if with_facets else {}
    return OpportunityPage(
        items=tuple(item_shape(item) for item in result.items),
        next_cursor=result.next_cursor,
        total=result.total,
        degraded=result.degraded,
        is_total_bound=result.is_total_bound,
        facets={
            name: tuple(FacetShape.model_validate(value) for value in values)
            for name, values in facets.items()
        },
    )


def posted(at: datetime | None) -> datetime | date | None:
    """The read model keeps a day without a time as that day's first moment in UTC."""
    return at.astimezone(UTC).date() if at and at.astimezone(UTC).time() == time() else at


def agency_path(*names: str | None) -> str | None:
    """As SAM.gov's `fullParentPathName`: `DEPARTMENT.SUB-TIER.OFFICE`."""
    return ".".join(name for name in names if name) or None
