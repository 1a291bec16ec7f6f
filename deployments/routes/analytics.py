"""The numbers: how many are open, close soon, arrive, match."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from deployments.backends import Ports
from deployments.guard import Analyst
from deployments.problems import PROBLEMS
from deployments.shapes import At, Shape
from deployments.web.times import EASTERN
from domain.analytics import SummaryFilters

router = APIRouter(prefix="/api/v1/analytics", tags=["analytics"], responses=PROBLEMS)


class SummaryQuery(BaseModel):
    """Codes match by prefix, the rest whole. A day is one of US Eastern time."""

    model_config = ConfigDict(extra="forbid")

    days: int = Field(default=28, ge=1, le=366)
    medical: bool | None = None
    naics: str = Field(default="", max_length=6)
    psc: str = Field(default="", max_length=4)
    set_aside: str = Field(default="", max_length=20)
    state: str = Field(default="", max_length=20)
    agency: str = Field(default="", max_length=200)
    type: str = Field(default="", max_length=50)


class ValueCountShape(Shape):
    value: str
    count: int


class DayShape(Shape):
    """Null: no source was asked about that day, so it is unknown."""

    day: date
    posted: int | None
    medical: int | None


class TotalsShape(Shape):
    """`closing` is by days ahead: those open whose deadline lies within so many."""

    known: int
    open: int
    medical: int
    open_medical: int
    new_today: int
    new_this_week: int
    closing: Mapping[int, int] = Field(examples=[{7: 24, 14: 61, 30: 140}])


class FunnelShape(Shape):
    """Your own matches: ever told, still open, open with a score of 75 or more."""

    matched: int
    open: int
    strong: int
    used: Mapping[str, int]


class SummaryShape(Shape):
    """Right up to `as_of_position`, recorded at `as_of`; null while nothing is counted."""

    as_of_position: int
    as_of: At | None
    totals: TotalsShape
    open_by: Mapping[str, tuple[ValueCountShape, ...]]
    by_day: tuple[DayShape, ...]
    funnel: FunnelShape


@router.get("/summary")
async def get_summary(
    query: Annotated[SummaryQuery, Query()], principal: Analyst, ports: Ports
) -> SummaryShape:
    """Counts for a dashboard, right up to a position of the log."""
    now = datetime.now(UTC).astimezone(EASTERN)
    asked = SummaryFilters(tenant_id=principal.tenant_id, now=now, **query.model_dump())
    return SummaryShape.model_validate(await ports.analytics.summary(asked))
