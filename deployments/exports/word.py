"""Matrices for Word."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import docx
from docx.enum.section import WD_ORIENT
from docx.shared import Pt

from domain.matrix_table import COLUMNS

_KEPT = ("Row", "Section", "Page", "Requirement", "Status", "Assigned to", "Answer", "Note")
"""What fits a page; the rest is in the spreadsheets."""
_SIZE = Pt(8)


def to_docx(title: str, table: Sequence[tuple[str, ...]]) -> bytes:
    """A table across the page, whose head is repeated on every page."""
    document = docx.Document()
    _lay_across(document)
    document.core_properties.title = title
    document.add_heading(title, level=1)
    chosen = [COLUMNS.index(name) for name in _KEPT]
    grid = document.add_table(rows=len(table) + 1, cols=len(_KEPT), style="Table Grid")
    cells = iter(grid._cells)  # `row.cells` looks through the whole table for each row.
    for texts in (COLUMNS, *table):
        for column in chosen:
            _fill(next(cells), texts[column], bold=texts is COLUMNS)
    _repeat_head(grid)
    content = BytesIO()
    document.save(content)
    return content.getvalue()


def _lay_across(document: Any) -> None:
    section = document.sections[0]
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width


def _fill(cell: Any, text: str, *, bold: bool) -> None:
    run = cell.paragraphs[0].add_run(text)
    run.font.size = _SIZE
    run.bold = bold


def _repeat_head(grid: Any) -> None:
    properties = grid.rows[0]._tr.get_or_add_trPr()
    properties.append(properties.makeelement(_HEAD_TAG, {}))


_HEAD_TAG = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}tblHeader"
