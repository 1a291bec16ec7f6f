"""Requirements and compliance matrices as the API answers with them."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from pydantic import Field

from deployments.matrix_desk import Difference, OpenMatrix
from deployments.shapes import At, Shape
from domain.amendments import Change, Compared, Piece, word_diff
from domain.extraction import DocumentRequirement
from domain.key_facts import KeyFact
from domain.line_items import ScheduleItem
from domain.matrix_events import Status, Touch
from domain.matrix_filter import MatrixCounts
from domain.matrix_table import label_of
from domain.matrix_views import LinkState, MatrixLinkView, MatrixRowView
from domain.requirements import Requirement


class BoxShape(Shape):
    """In points from the page's upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


class QuotePlaceShape(Shape):
    page: int = Field(examples=[5])
    boxes: tuple[BoxShape, ...]


class RequirementShape(Shape):
    """One row, word for word; `key` is of its words and the same in every version."""

    key: str = Field(examples=["764279980e93b7e1"])
    section: str = Field(examples=["L"])
    paragraph: str | None = Field(examples=["52.212-1(b)"])
    page: int
    quote: str
    lead_in: str | None
    actor: str = Field(examples=["offeror"])
    modality: str = Field(examples=["shall"])
    type: str = Field(examples=["submission"])
    due: str | None
    places: tuple[QuotePlaceShape, ...]
    repeats: tuple[int, ...] = Field(description="pages where the same words stand again")


class QuoteShape(Shape):
    page: int
    text: str
    boxes: tuple[BoxShape, ...]


class FactShape(Shape):
    """`value` is a code, a number, or a deadline; `at` its moment, where its zone is printed."""

    name: str = Field(examples=["response_deadline"])
    value: str = Field(examples=["2026-02-12 13:00 EST"])
    detail: str | None
    at: At | None
    quote: QuoteShape


class LineItemShape(Shape):
    number: str = Field(examples=["0001"])
    description: QuoteShape
    quantity: float | None
    unit: str | None = Field(examples=["EA"])
    nsn: QuoteShape | None
    delivery: QuoteShape | None
    place: QuoteShape | None


class FactsShape(Shape):
    facts: tuple[FactShape, ...]
    line_items: tuple[LineItemShape, ...]
    extracted_at: At


class MatrixRowShape(Shape):
    """`document_id` is whose requirement it is: of a removed one, the version before. `section` is
    the part of a proposal that answers it; nothing sets it yet."""

    label: str = Field(examples=["R-07"])
    requirement: RequirementShape
    document_id: UUID
    status: Status
    assignee: str | None
    answer: str | None
    note: str | None
    section: str | None
    touched: Touch | None
    before: str | None = Field(description="its wording before an amendment changed it")
    version: int
    edited_by: str | None
    edited_at: At | None


class CountsShape(Shape):
    total: int
    answered: int
    by_status: dict[str, int]
    by_type: dict[str, int]
    by_section: dict[str, int]
    touched: int


class LinkShape(Shape):
    source: str
    target: str
    score: float | None
    state: LinkState
    decided_by: str | None
    decided_at: At | None


class MatrixShape(Shape):
    """`document_id` is the version of the document that it stands at; `counts` are of all rows,
    whatever is filtered."""

    matrix_id: UUID
    document_id: UUID
    version: int
    counts: CountsShape
    rows: tuple[MatrixRowShape, ...]
    links: tuple[LinkShape, ...]


class HistoryEntryShape(Shape):
    """Nobody's where an amendment did it."""

    version: int
    row_key: str
    field: str
    old: str | None
    new: str | None
    by_user: str | None
    at: At


class MatrixHistoryShape(Shape):
    """The newest first, at most 200."""

    items: tuple[HistoryEntryShape, ...]


class ComparedShape(Shape):
    key: str
    quote: str
    section: str
    paragraph: str | None
    page: int


class WordsShape(Shape):
    what: Literal["same", "added", "removed"]
    text: str


class ChangeShape(Shape):
    before: ComparedShape
    after: ComparedShape
    alike: float
    words: tuple[WordsShape, ...]


class TouchedRowShape(Shape):
    label: str
    row_key: str
    assignee: str | None
    status: Status


class VersionShape(Shape):
    """`why`: both are of one notice, or of one solicitation. `alike`: requirements in common."""

    document_id: UUID
    predecessor_id: UUID
    why: str = Field(examples=["notice"])
    alike: float
    linked_at: At
    undone_by: str | None
    undone_at: At | None


class DifferenceShape(Shape):
    """`touched` are rows of the older version's matrix that the newer version changes."""

    added: tuple[ComparedShape, ...]
    removed: tuple[ComparedShape, ...]
    changed: tuple[ChangeShape, ...]
    moved: tuple[ChangeShape, ...]
    same: int
    touched: tuple[TouchedRowShape, ...]


def requirement_shape(key: str, one: Requirement) -> RequirementShape:
    facts = {name: getattr(one, name) for name in RequirementShape.model_fields if name != "key"}
    return RequirementShape.model_validate({**facts, "key": key})


def document_requirement_shape(row: DocumentRequirement) -> RequirementShape:
    return requirement_shape(row.key, row.requirement)


def facts_shapes(
    facts: Sequence[KeyFact], items: Sequence[ScheduleItem]
) -> tuple[tuple[FactShape, ...], tuple[LineItemShape, ...]]:
    return (
        tuple(FactShape.model_validate(fact) for fact in facts),
        tuple(LineItemShape.model_validate(item) for item in items),
    )


def row_shape(row: MatrixRowView) -> MatrixRowShape:
    names = set(MatrixRowShape.model_fields) - {"label", "requirement", "before"}
    return MatrixRowShape(
        label=label_of(row),
        requirement=requirement_shape(row.row_key, row.requirement),
        before=row.before.quote if row.before else None,
        **{name: getattr(row, name) for name in names},
    )


def matrix_shape(
    matrix: OpenMatrix, counts: MatrixCounts, rows: Sequence[MatrixRowView]
) -> MatrixShape:
    return MatrixShape(
        matrix_id=matrix.head.matrix_id,
        document_id=matrix.head.document_id,
        version=matrix.head.version,
        counts=CountsShape.model_validate(counts),
        rows=tuple(row_shape(row) for row in rows),
        links=tuple(link_shape(link) for link in matrix.links),
    )


def link_shape(link: MatrixLinkView) -> LinkShape:
    return LinkShape.model_validate(link)


def difference_shape(found: Difference) -> DifferenceShape:
    one = found.comparison
    return DifferenceShape(
        added=tuple(_compared(row) for row in one.added),
        removed=tuple(_compared(row) for row in one.removed),
        changed=tuple(_change(change) for change in one.changed),
        moved=tuple(_change(change) for change in one.moved),
        same=one.same,
        touched=tuple(
            TouchedRowShape(
                label=label_of(row), row_key=row.row_key, assignee=row.assignee, status=row.status
            )
            for row in found.touched
        ),
    )


def _compared(row: Compared) -> ComparedShape:
    return ComparedShape.model_validate(row)


def _change(change: Change) -> ChangeShape:
    pieces: list[Piece] = word_diff(change.before.quote, change.after.quote)
    return ChangeShape(
        before=_compared(change.before),
        after=_compared(change.after),
        alike=change.alike,
        words=tuple(WordsShape(what=what, text=text) for what, text in pieces),
    )
