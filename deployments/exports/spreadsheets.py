"""Matrices for spreadsheets. Text that looks like a formula stays text."""

import csv
from collections.abc import Sequence
from io import BytesIO, StringIO

import xlsxwriter

from domain.matrix_table import COLUMNS, neutral

_WIDTHS = (7, 8, 18, 6, 70, 12, 16, 22, 14, 16, 45, 35, 16, 12)
_LONGEST_CELL = 32_767
"""Of XLSX."""


def to_csv(title: str, table: Sequence[tuple[str, ...]]) -> bytes:
    """UTF-8 with a mark by which spreadsheets know it."""
    text = StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows([neutral(cell) for cell in row] for row in table)
    return text.getvalue().encode("utf-8-sig")


def to_xlsx(title: str, table: Sequence[tuple[str, ...]]) -> bytes:
    """Every cell a string that is marked as such: neither formula, nor link, nor number."""
    content = BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"title": title})
        sheet = book.add_worksheet("Compliance matrix")
        head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        text = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
        for column, name in enumerate(COLUMNS):
            sheet.write_string(0, column, name, head)
            sheet.set_column(column, column, _WIDTHS[column])
        for number, row in enumerate(table, start=1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell[:_LONGEST_CELL], text)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(len(table), 1), len(COLUMNS) - 1)
        sheet.set_landscape()
        sheet.repeat_rows(0)
        sheet.fit_to_pages(1, 0)
    return content.getvalue()
