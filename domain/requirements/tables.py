"""Table rows that set a standard, a deliverable, a factor or a characteristic."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

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


def rows_of_table(
    cells: Sequence[Node], caption: str, finder: RowFinder, standing: Standing
) -> Iterator[Row]:
    """Of the nodes of one table's cells, in order: whole rows where it sets standards, else the
    sentences in it that state a duty."""
    grid = [list(row) for _, row in groupby(cells, key=lambda node: _place(node)[0])]
    head = _head(grid)
    if not _sets_standards(grid, head, caption):
        for node in cells:
            if len(node.block.text.split()) >= _SENTENCE_WORDS:
                yield from finder.rows(node)
        return
    lead = caption or " ".join(node.block.text for node in head)
    for row in grid:
        if row is head or (len(_columns(row)) < 2 and not _below_head(row, grid)):
            continue
        yield _row(row, lead, standing)


def _place(node: Node) -> tuple[int, int]:
    cell = node.block.cell
    if cell is None:
        raise ValueError("not a cell")
    return cell.row, cell.column


def _columns(row: Sequence[Node]) -> set[int]:
    return {_place(node)[1] for node in row}


def _head(grid: Sequence[list[Node]]) -> list[Node]:
    """The first row of short cells with more than one column, where a table has one."""
    for row in grid[:3]:
        short = all(len(node.block.text.split()) <= _HEAD_CELL_WORDS for node in row)
        if len(_columns(row)) > 1 and short:
            return row
    return []


def _sets_standards(grid: Sequence[list[Node]], head: Sequence[Node], caption: str) -> bool:
    names = " | ".join(node.block.text for node in head)
    if (
        not head
        or len(grid) < 2
        or _GRADES.search(names)
        or (_LISTS.search(names) and not _SURELY.search(names))
    ):
        return False
    full = sum(len(_columns(row)) > 1 for row in grid)
    told = any(pattern.search(names) for pattern in (_SETS, _SURELY)) or _SETS.search(caption)
    return bool(told) and full > len(grid) / 2


def _below_head(row: Sequence[Node], grid: Sequence[list[Node]]) -> bool:
    """A row with one cell counts where its column is not the first: a value without a name."""
    return row is not grid[0] and _place(row[0])[1] > 0


def _row(row: Sequence[Node], lead: str, standing: Standing) -> Row:
    section = standing.letter(row[0], lead)
    actor: Actor = (
        "offeror" if section in "KL" else "government" if section == "M" else "contractor"
    )
    parts = tuple(Part(node.block, 0, len(node.block.text)) for node in row)
    return Row(parts, Duty(actor, "states"), row[0], section, lead)
