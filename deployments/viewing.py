"""What the viewer of a document is asked for, and how that is spelled in addresses."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from deployments.matrix_requests import MatrixQuery
from domain.pages import Box

ZOOMS = (75, 100, 150, 200)
"""Percent of the width that fits."""

Corners = Annotated[
    str, StringConstraints(pattern=r"^\d{1,5}(\.\d{1,3})?(,\d{1,5}(\.\d{1,3})?){3}$")
]


class PlaceQuery(BaseModel):
    """One page, how it is shown, and what is marked on it."""

    model_config = ConfigDict(extra="forbid")

    page: int = Field(default=1, ge=1)
    find: str = Field(default="", max_length=200)
    hit: int | None = Field(default=None, ge=1)
    """Which of the found places on the page is looked at."""
    zoom: int = Field(default=100, ge=50, le=200)
    row: str | None = Field(default=None, max_length=128)
    """The matrix row that is looked at."""
    box: tuple[Corners, ...] = Field(default=(), max_length=50)
    """What is pointed at on the page: left, top, right, bottom in points, between commas."""

    def boxes(self) -> tuple[Box, ...]:
        return tuple(Box(*(float(edge) for edge in box.split(","))) for box in self.box)

    def at(self, page: int, **told: Any) -> dict[str, Any]:
        """Another place, shown as this one is: what an address of the viewer says."""
        kept = {"find": self.find, "zoom": None if self.zoom == ZOOMS[1] else self.zoom}
        return {"page": page, **kept, **told}


class ViewerQuery(PlaceQuery, MatrixQuery):
    """`tab` is what a narrow screen shows; a wide one has both."""

    tab: Literal["page", "matrix"] = "page"

    def narrowed(self) -> MatrixQuery:
        """Its filters of the matrix."""
        return MatrixQuery(**self.model_dump(include=set(MatrixQuery.model_fields)))
