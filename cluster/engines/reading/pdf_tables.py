"""Ruled tables of a PDF page: which piece of text stands in which cell."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from cluster.engines.reading.fragments import Fragment
from cluster.engines.reading.rules import grids
from domain.pages import Box, Cell

_LEAST_RULES = 4
_FEW_COLUMNS, _MOST_COLUMNS = 4, 10
_MOST_EMPTY = 0.6
"""A grid with more empty cells than this is a form, not a table; with few columns it is one."""


def place_in_tables(page: Any, fragments: Sequence[Fragment]) -> list[Fragment]:
    """The pieces again, those of a table together, row by row and cell by cell."""
    tables = _tables(page, fragments)
    placed = [_placed(fragment, tables) for fragment in fragments]
    ordered: list[Fragment] = []
    done: set[int] = set()
    for fragment in placed:
        if fragment.table is None:
            ordered.append(fragment)
        elif fragment.table not in done:
            done.add(fragment.table)
            ordered += sorted((f for f in placed if f.table == fragment.table), key=_in_table)
    return ordered


def _tables(page: Any, fragments: Sequence[Fragment]) -> list[list[list[Box | None]]]:
    """Boxes of the cells: tables of rows of columns; None for a cell that another covers."""
    drawings = page.get_cdrawings()
    if len(drawings) < _LEAST_RULES:
        return []
    size = page.rect
    words = [word.box for fragment in fragments for word in fragment.line.words]
    found = grids(drawings, Box(size.x0, size.y0, size.x1, size.y1), words)
    tables = (list(_rows(cells)) for cells in found)
    return [table for table in tables if _is_table(table, words)]


def _rows(cells: Sequence[Box]) -> Iterator[list[Box | None]]:
    columns = sorted({cell.left for cell in cells})
    by_row = sorted(cells, key=lambda cell: (cell.top, cell.left))
    for _, row in groupby(by_row, key=lambda cell: cell.top):
        at = {cell.left: cell for cell in row}
        yield [at.get(column) for column in columns]


def _is_table(table: Sequence[Sequence[Box | None]], words: Sequence[Box]) -> bool:
    columns = len(table[0])
    if columns <= _FEW_COLUMNS or columns > _MOST_COLUMNS:
        return columns <= _FEW_COLUMNS
    cells = [cell for row in table for cell in row if cell]
    empty = sum(not any(_shows(cell, word) for word in words) for cell in cells)
    return empty <= _MOST_EMPTY * len(cells)


def _shows(cell: Box, word: Box) -> bool:
    down = (word.top + word.bottom) / 2
    letter = word.height / 4
    across = word.left + letter < cell.right and word.right - letter > cell.left
    return across and cell.top <= down < cell.bottom


def _placed(fragment: Fragment, tables: Sequence[list[list[Box | None]]]) -> Fragment:
    for number, table in enumerate(tables):
        for row, cells in enumerate(table):
            for column, cell in enumerate(cells):
                if cell and _holds(cell, fragment.box):
                    place = Cell(number, row, column)
                    return replace(fragment, line=replace(fragment.line, cell=place), table=number)
    return fragment


def _holds(cell: Box, piece: Box) -> bool:
    middle = (piece.top + piece.bottom) / 2
    start = piece.left + min(piece.width / 2, 4)
    return cell.left <= start <= cell.right and cell.top <= middle <= cell.bottom


def _in_table(fragment: Fragment) -> tuple[int, int, float, float]:
    cell = fragment.line.cell
    if cell is None:
        raise ValueError("not in a table")
    return cell.row, cell.column, round(fragment.box.top), fragment.box.left
