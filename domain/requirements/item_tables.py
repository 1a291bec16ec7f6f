"""Line items of tables whose head names the columns: number, description, quantity, unit."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from domain.pages import Cell, Line, Page
from domain.requirements.models import LineItem

_HEADS = {
    "number": re.compile(
        r"(?:(?:s(?:ub)?-?)?clin|line(?: item)?|item)(?:\s*(?:no|number|num|#)s?\.?)?\W*$"
        r"|no\.?$|#$",
        re.IGNORECASE,
    ),
    "description": re.compile(
        r".*\b(?:descriptions?|suppl(?:y|ies)|services?|products?|nomenclature|item name|articles?"
        r"|commodity|goods|part name)\b",
        re.IGNORECASE,
    ),
    "quantity": re.compile(
        r"(?:(?:est(?:imated|\.)?|annual|total|order|required|max(?:imum)?|min(?:imum)?)\s+)*"
        r"(?:qty|quantit(?:y|ies)|qnty)\b",
        re.IGNORECASE,
    ),
    "unit": re.compile(
        r"(?:u/?i|u/?m|uom|units?|unit (?:of )?(?:issue|measure(?:ment)?|type))\W*$", re.IGNORECASE
    ),
}
_NUMBER = re.compile(r"(?:clin|item|line)?\s*(\d{1,4}[A-Z]{0,2})\b(?!\.\d)", re.IGNORECASE)
_AMOUNT = re.compile(r"(\d[\d,]*(?:\.\d+)?)\s*([A-Za-z][A-Za-z/]{0,14})?\W*$")
_HEAD_ROWS = 4
_HEAD_WORDS = 6

Row = Mapping[int, str]


@dataclass(frozen=True, slots=True)
class ItemTables:
    """`rest` are the lines outside the tables of items."""

    items: tuple[LineItem, ...]
    rest: tuple[Line, ...]


def item_tables(pages: Sequence[Page]) -> ItemTables:
    """Of all tables with a column for descriptions and one for quantities."""
    items: list[LineItem] = []
    rest: list[Line] = []
    for page in pages:
        for table, lines in groupby(page.lines, key=_table):
            members = list(lines)
            found = list(_items(_rows(members))) if table is not None else []
            items += found
            rest += [] if found else members
    return ItemTables(tuple(items), tuple(rest))


def _table(line: Line) -> int | None:
    return line.cell.table if line.cell else None


def _rows(lines: Sequence[Line]) -> list[Row]:
    """Each row's cells by column; the lines of a cell are joined."""
    rows: dict[int, dict[int, str]] = {}
    for line in lines:
        cell = line.cell or Cell(0, 0, 0)
        row = rows.setdefault(cell.row, {})
        row[cell.column] = f"{row.get(cell.column, '')} {line.text}".strip()
    return [rows[number] for number in sorted(rows)]


def _items(rows: Sequence[Row]) -> Iterator[LineItem]:
    for at, row in enumerate(rows[:_HEAD_ROWS]):
        columns = _columns(row)
        if {"description", "quantity"} <= set(columns):
            yield from _below(rows[at + 1 :], columns)
            return


def _columns(head: Row) -> dict[str, int]:
    """Which column holds what; a lone "Item" beside a quantity is the description."""
    columns: dict[str, int] = {}
    for name, pattern in _HEADS.items():
        for column, text in head.items():
            taken = name in columns or column in columns.values()
            if not taken and len(text.split()) <= _HEAD_WORDS and pattern.match(text.strip()):
                columns[name] = column
    if "description" not in columns:
        lone = [
            c for c, text in head.items() if re.match(r"items?\W*$", text.strip(), re.IGNORECASE)
        ]
        if lone:
            columns["description"] = lone[0]
            if columns.get("number") == lone[0]:
                del columns["number"]
    return columns


def _below(rows: Sequence[Row], columns: Mapping[str, int]) -> Iterator[LineItem]:
    """A row without number and quantity goes on with the description before it."""
    open_item: LineItem | None = None
    for count, row in enumerate(rows, 1):
        item = _item(row, columns, count)
        words = row.get(columns["description"], "")
        if item:
            if open_item:
                yield open_item
            open_item = item
        elif open_item and words and not _cell(row, columns, "number") and len(row) == 1:
            whole = f"{open_item.description} {words}"
            open_item = LineItem(open_item.number, whole, open_item.quantity, open_item.unit)
    if open_item:
        yield open_item


def _item(row: Row, columns: Mapping[str, int], count: int) -> LineItem | None:
    amount = _AMOUNT.match(_cell(row, columns, "quantity"))
    words = _cell(row, columns, "description")
    number = _NUMBER.match(_cell(row, columns, "number"))
    if not amount or not re.search(r"[A-Za-z]{2}", words) or ("number" in columns and not number):
        return None
    unit = _cell(row, columns, "unit") or amount[2] or None
    return LineItem(
        number[1].upper() if number else str(count),
        words,
        float(amount[1].replace(",", "")),
        unit.strip(" .").upper() if unit else None,
    )


def _cell(row: Row, columns: Mapping[str, int], name: str) -> str:
    return row.get(columns[name], "").strip() if name in columns else ""
