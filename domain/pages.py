"""Pages as read from a document: lines with their words and places, whatever the format was."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Box:
    """In points from the page's upper left corner."""

    left: float
    top: float
    right: float
    bottom: float

    def __or__(self, other: "Box") -> "Box":
        """The smallest box around both."""
        return Box(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    box: Box


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a line stands in a table: tables numbered in the page, rows and columns from 0."""

    table: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Line:
    """`text` is its words joined by single spaces.

    `box` and `words` are missing where the format has no places (DOCX, plain text). `marker` is a
    list label that the format draws but the text does not hold. `opens` says that a paragraph
    begins here, `heading` is the level that the format itself gives to a heading, 0 for none.
    """

    text: str
    box: Box | None = None
    words: tuple[Word, ...] = ()
    size: float = 0.0
    bold: bool = False
    opens: bool = True
    marker: str = ""
    indent: float = 0.0
    heading: int = 0
    cell: Cell | None = None


@dataclass(frozen=True, slots=True)
class FormField:
    """A field of a form: what was filled in is not part of the lines."""

    name: str
    value: str
    box: Box | None = None


MarkKind = Literal["checked", "unchecked", "signature", "stamp", "annotation"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What was put on a page by hand or as on one. `text` is a box's label, a note's words."""

    kind: MarkKind
    box: Box
    text: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    box: Box
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A remark of somebody who worked on the text, which is no part of it. `about` is what it is
    attached to.
    """

    text: str
    author: str = ""
    about: str = ""


@dataclass(frozen=True, slots=True)
class PageReading:
    """One of several readings of a page. `legible` is the share of its letters in words that make
    sense; both measures go from 0 to 1.
    """

    engine: str
    confidence: float | None
    legible: float
    kept: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Lines stand in reading order, those of a table row by row and cell by cell.

    `running` are headers and footers, where the format itself tells them apart. `engine` read it;
    `confidence` is that of recognition, from 0 to 1, and None where nothing was recognised.
    `unread` is the share of what looks like print that no word was read from, from 0 to 1.
    `warnings` are sentences about what may be wrong with the text. `readings` tells of each where
    the page was read more than once, first to last.
    """

    number: int
    lines: tuple[Line, ...]
    width: float = 0.0
    height: float = 0.0
    fields: tuple[FormField, ...] = ()
    running: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()
    figures: tuple[Figure, ...] = ()
    engine: str = "text"
    confidence: float | None = None
    warnings: tuple[str, ...] = ()
    readings: tuple[PageReading, ...] = ()
    unread: float = 0.0
    comments: tuple[Comment, ...] = ()

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)

    @property
    def tables(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """Tables of rows of cells; a cell's lines are joined by a space."""
        cells = [line for line in self.lines if line.cell]
        return tuple(
            tuple(_rows(table)) for _, table in groupby(cells, key=lambda line: _of(line).table)
        )


PAGE = TypeAdapter(Page)
"""A page as JSON, and back."""


def _rows(table: Iterator[Line]) -> Iterator[tuple[str, ...]]:
    for _, row in groupby(table, key=lambda line: _of(line).row):
        yield tuple(
            " ".join(line.text for line in cell)
            for _, cell in groupby(row, key=lambda line: _of(line).column)
        )


def _of(line: Line) -> Cell:
    if line.cell is None:
        raise ValueError("not a line of a table")
    return line.cell
