"""Table rows that set a standard, a deliverable, a factor or a characteristic."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby

from domain.requirements.models import Actor, Duty
from domain.requirements.outline import Node
from domain.requirements.rows import Part, Row, RowFinder
from domain.requirements.standing import Standing

_SETS = re.compile(
    r"\bsalient\b|\bcharacteristics?\b|\bspecifications?\b|\bdeliverables?\b|\bmilestones?\b"
    r"|\bstandards?\b|\baql\b|"
    r"\bacceptable quality\b|\bminimum requirements?\b|\bperformance (?:requirement|objective"
    r"|measure)|\brequirement\b|"
    r"\bevaluation factors?\b|\bsurveillance\b|\btargets?\b",
    re.IGNORECASE,
)
_LISTS = re.compile(
    r"\bunit price\b|\bamount\b|\bqty\b|\bquantity\b|\bclin\b|\bnsn\b|\bwage\b"
    r"|\bcountry of origin\b|\bline item\b|"
    r"\bclause\b|\btitle\b|\bphone\b|\bsignature\b|\binitials\b|\bprice\b",
    re.IGNORECASE,
)
_SURELY = re.compile(
    r"\bdeliverables?\b|\bcdrl\b|\bdata items?\b|\bpage limits?\b|\bweights?\b|\bpoints\b"
    r"|(?:volume|part|tab)\b.*\blimits?\b",
    re.IGNORECASE,
)
"""Heads that no list of prices or clauses has."""
_JUDGES = re.compile(r"\b(?:factor|criteri(?:on|a))s?\b", re.IGNORECASE)
_GRADES = re.compile(r"\b(?:(?:adjectival )?ratings?|adjectives?|colou?rs?) \|", re.IGNORECASE)
_HEAD_CELL_WORDS = 6
_SENTENCE_WORDS = 5


@dataclass(frozen=True, slots=True)
class Table:
    """Its cells' nodes row by row; `head` names the columns and may stand on the page before."""

    grid: tuple[tuple[Node, ...], ...]
    head: tuple[Node, ...]
    caption: str

    @classmethod
    def of(cls, cells: Sequence[Node], caption: str) -> "Table":
        grid = tuple(tuple(row) for _, row in groupby(cells, key=lambda node: _place(node)[0]))
        return cls(grid, _head(grid), caption)

    def behind(self, before: "Table | None") -> "Table":
        """With the head of the table right before it, of standards and of as many columns, that it
        goes on with on the next page."""
        if before is None or self.page != before.last_page + 1 or self.columns != before.columns:
            return self
        if _sets_standards(self) or not _sets_standards(before):
            return self
        return replace(self, head=before.head, caption=before.caption)

    @property
    def page(self) -> int:
        return self.grid[0][0].block.page

    @property
    def last_page(self) -> int:
        return self.grid[-1][-1].block.page

    @property
    def columns(self) -> int:
        return max(len(_columns(row)) for row in self.grid)


def rows_of_table(table: Table, finder: RowFinder, standing: Standing) -> Iterator[Row]:
    """Whole rows where it sets standards, else the sentences in it that state a duty."""
    if not _sets_standards(table):
        for node in chain.from_iterable(table.grid):
            if len(node.block.text.split()) >= _SENTENCE_WORDS:
                yield from finder.rows(node)
        return
    lead = table.caption or _spelled(table.head)
    for row in table.grid:
        if row is table.head or (len(_columns(row)) < 2 and not _below_head(row, table.grid)):
            continue
        yield _row(row, lead, standing)


def _spelled(head: Sequence[Node]) -> str:
    return " ".join(node.block.text for node in head)


def _place(node: Node) -> tuple[int, int]:
    cell = node.block.cell
    if cell is None:
        raise ValueError("not a cell")
    return cell.row, cell.column


def _columns(row: Sequence[Node]) -> set[int]:
    return {_place(node)[1] for node in row}


def _head(grid: Sequence[tuple[Node, ...]]) -> tuple[Node, ...]:
    """The first row of short cells with more than one column, where a table has one."""
    for row in grid[:3]:
        short = all(len(node.block.text.split()) <= _HEAD_CELL_WORDS for node in row)
        if len(_columns(row)) > 1 and short:
            return row
    return ()


def _sets_standards(table: Table) -> bool:
    names = " | ".join(node.block.text for node in table.head)
    rows = len(table.grid) + (table.head not in table.grid)
    if (
        not table.head
        or rows < 2
        or _GRADES.search(names)
        or (_LISTS.search(names) and not _SURELY.search(names))
    ):
        return False
    full = sum(len(_columns(row)) > 1 for row in table.grid)
    told = any(pattern.search(names) for pattern in (_SETS, _SURELY)) or _SETS.search(table.caption)
    return bool(told) and full > len(table.grid) / 2


def _below_head(row: Sequence[Node], grid: Sequence[Sequence[Node]]) -> bool:
    """A row with one cell counts where its column is not the first: a value without a name."""
    return row is not grid[0] and _place(row[0])[1] > 0


def _row(row: Sequence[Node], lead: str, standing: Standing) -> Row:
    section = standing.letter(row[0], lead)
    actor: Actor = (
        "offeror" if section in "KL" else "government" if section == "M" else "contractor"
    )
    parts = tuple(Part(node.block, 0, len(node.block.text)) for node in row)
    return Row(parts, Duty(actor, "states"), row[0], section, lead)
