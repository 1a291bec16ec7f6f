"""Which rows of a matrix one wants to see."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from domain.matrix_events import Status, Touch
from domain.matrix_views import MatrixRowView

NOBODY = "nobody"
"""As the assignee: rows that are nobody's."""

TouchFilter = Literal["any", "added", "changed", "moved", "removed"]
StatusFilter = Literal["work", "open", "partly", "answered", "exception", "not_applicable"]
"""`work`: those that still need some."""

NEEDS_WORK: frozenset[Status] = frozenset({"open", "partly"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixFilter:
    """None narrows nothing. `words` must all stand in a row's texts."""

    status: StatusFilter | None = None
    assignee: str | None = None
    section: str | None = None
    type: str | None = None
    touched: TouchFilter | None = None
    words: str | None = None

    def keeps(self, row: MatrixRowView) -> bool:
        one = row.requirement
        return (
            self._is_status(row)
            and self.assignee in {None, row.assignee or NOBODY}
            and self.section in {None, one.section}
            and self.type in {None, one.type}
            and (self.touched is None or _is_touched(self.touched, row.touched))
            and (self.words is None or _holds(row, self.words))
        )

    def of(self, rows: Sequence[MatrixRowView]) -> list[MatrixRowView]:
        return [row for row in rows if self.keeps(row)]

    def _is_status(self, row: MatrixRowView) -> bool:
        if self.status == "work":
            return row.status in NEEDS_WORK and row.touched != "removed"
        return self.status in {None, row.status}


@dataclass(frozen=True, slots=True)
class MatrixCounts:
    """`total` without removed rows; `answered` of them need no more work."""

    total: int
    answered: int
    by_status: dict[str, int]
    by_type: dict[str, int]
    by_section: dict[str, int]
    touched: int


def count_rows(rows: Sequence[MatrixRowView]) -> MatrixCounts:
    present = [row for row in rows if row.touched != "removed"]
    return MatrixCounts(
        total=len(present),
        answered=sum(row.status not in NEEDS_WORK for row in present),
        by_status=dict(Counter(row.status for row in present)),
        by_type=dict(Counter(row.requirement.type for row in present).most_common()),
        by_section=dict(sorted(Counter(row.requirement.section for row in present).items())),
        touched=sum(row.touched is not None for row in rows),
    )


def _is_touched(wanted: TouchFilter, touched: Touch | None) -> bool:
    return touched is not None if wanted == "any" else touched == wanted


def _holds(row: MatrixRowView, words: str) -> bool:
    one = row.requirement
    texts = (one.quote, one.lead_in, one.paragraph, row.note, row.answer)
    whole = " ".join(text for text in texts if text).lower()
    return all(word in whole for word in words.lower().split())
