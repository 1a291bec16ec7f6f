"""Ruled tables of a PDF page: which piece of text stands in which cell."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from cluster.engines.reading.fragments import Fragment
from domain.pages import Box, Cell

_LEAST_RULES = 4
_MOST_COLUMNS = 10
_MOST_EMPTY = 0.6
"""A grid with more empty cells than this is a form, not a table."""


def place_in_tables(page: Any, fragments: Sequence[Fragment]) -> list[Fragment]:
    """The pieces again, those of a table together, row by row and cell by cell."""
    tables = _tables(page)
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


def _tables(page: Any) -> list[list[list[Box | None]]]:
    """Boxes of the cells: tables of rows of columns; None for a cell that another covers."""
    if len(page.get_cdrawings()) < _LEAST_RULES:
        return []
    grids = (table for table in page.find_tables().tables if _is_table(table))
    return [[[Box(*cell) if cell else None for cell in row.cells] for row in g.rows] for g in grids]


def _is_table(table: Any) -> bool:
    if table.row_count < 1 or not 2 <= table.col_count <= _MOST_COLUMNS:
        return False
    cells = [text for row in table.extract() for text in row if text is not None]
    empty = sum(not text.strip() for text in cells)
    return empty <= _MOST_EMPTY * len(cells) or table.col_count <= 4


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
