"""Sheets, slides and OpenDocument texts straight from their XML. Nothing that they link to is read.

A sheet or a slide is a page; a text has no pages before it is laid out, so it is read as one.
"""

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from domain.errors import Unreadable
from domain.pages import Cell, Line, Page

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_P = "{http://schemas.openxmlformats.org/package/2006/relationships}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_GONE = frozenset({f"{_TEXT}tracked-changes", f"{_OFFICE}annotation"})
_SLIDE = re.compile(r"ppt/slides/slide(\d+)\.xml")


class Parts:
    """An archive's XML parts. Raises Unreadable for a broken one."""

    def __init__(self, path: Path) -> None:
        self._name = path.name
        try:
            self._archive = zipfile.ZipFile(path)
        except zipfile.BadZipFile as error:
            raise Unreadable(file=path.name, reason=f"a broken archive ({error})") from error

    def names(self) -> list[str]:
        return self._archive.namelist()

    def part(self, name: str) -> Element:
        try:
            return ElementTree.fromstring(self._archive.read(name))  # noqa: S314 - expat limits it
        except (zipfile.BadZipFile, KeyError, ElementTree.ParseError) as error:
            raise Unreadable(file=self._name, reason=f"a broken part {name} ({error})") from error


def read_xlsx(path: Path) -> list[Page]:
    """A page a sheet, its name first; each filled cell is a line."""
    parts = Parts(path)
    strings = _shared_strings(parts)
    targets = {
        one.get("Id"): one.get("Target", "") for one in parts.part("xl/_rels/workbook.xml.rels")
    }
    pages = []
    for number, sheet in enumerate(parts.part("xl/workbook.xml").iter(f"{_S}sheet"), 1):
        target = targets.get(sheet.get(f"{_R}id"), "").removeprefix("/xl/")
        cells = tuple(_cells(parts.part(f"xl/{target}"), strings))
        title = Line(sheet.get("name", ""), heading=1)
        pages.append(Page(number, (title, *cells)))
    return pages


def read_pptx(path: Path) -> list[Page]:
    """A page a slide, in the order of their numbers; each paragraph is a line."""
    parts = Parts(path)
    found = sorted(
        (int(match[1]), name) for name in parts.names() if (match := _SLIDE.fullmatch(name))
    )
    pages = []
    for number, (_, name) in enumerate(found, 1):
        texts = (
            "".join(t.text or "" for t in paragraph.iter(f"{_A}t"))
            for paragraph in parts.part(name).iter(f"{_A}p")
        )
        pages.append(Page(number, tuple(Line(" ".join(t.split())) for t in texts if t.strip())))
    return pages


def read_odt(path: Path) -> list[Page]:
    """One page: paragraphs, headings and tables, without what tracked changes deleted."""
    body = Parts(path).part("content.xml").find(f"{_OFFICE}body")
    lines = tuple(_paragraphs(body, None, [0])) if body is not None else ()
    return [Page(1, lines)]


def _shared_strings(parts: Parts) -> list[str]:
    if "xl/sharedStrings.xml" not in parts.names():
        return []
    found = parts.part("xl/sharedStrings.xml").iter(f"{_S}si")
    return ["".join(t.text or "" for t in one.iter(f"{_S}t")) for one in found]


def _cells(sheet: Element, strings: list[str]) -> Iterator[Line]:
    for row, line in enumerate(sheet.iter(f"{_S}row")):
        for at, cell in enumerate(line.iter(f"{_S}c")):
            text = " ".join(_value(cell, strings).split())
            if text:
                yield Line(text, cell=Cell(0, row, _column(cell.get("r"), at)))


def _value(cell: Element, strings: list[str]) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(t.text or "" for t in cell.iter(f"{_S}t"))
    value = cell.findtext(f"{_S}v") or ""
    if cell.get("t") == "s":
        return strings[int(value)] if value.isdigit() and int(value) < len(strings) else ""
    return value


def _column(reference: str | None, otherwise: int) -> int:
    """Of `AB12`, counted from 0."""
    number = 0
    for letter in (reference or "").rstrip("0123456789"):
        number = number * 26 + ord(letter.upper()) - ord("A") + 1
    return number - 1 if number else otherwise


def _paragraphs(parent: Element, cell: Cell | None, tables: list[int]) -> Iterator[Line]:
    for element in parent:
        if element.tag in _GONE:
            continue
        if element.tag in {f"{_TEXT}p", f"{_TEXT}h"}:
            text = " ".join("".join(_signs(element)).split())
            level = element.get(f"{_TEXT}outline-level", "1")
            heading = int(level) if element.tag == f"{_TEXT}h" and level.isdigit() else 0
            if text:
                yield Line(text, heading=heading, cell=cell)
        elif element.tag == f"{_TABLE}table" and cell is None:
            yield from _table(element, tables)
        else:
            yield from _paragraphs(element, cell, tables)


def _table(table: Element, tables: list[int]) -> Iterator[Line]:
    number = tables[0]
    tables[0] += 1
    for row, line in enumerate(table.iter(f"{_TABLE}table-row")):
        for column, cell in enumerate(line.findall(f"{_TABLE}table-cell")):
            yield from _paragraphs(cell, Cell(number, row, column), tables)


def _signs(element: Element) -> Iterator[str]:
    yield element.text or ""
    for inner in element:
        if inner.tag in {f"{_TEXT}s", f"{_TEXT}tab", f"{_TEXT}line-break"}:
            yield " "
        elif inner.tag not in _GONE:
            yield from _signs(inner)
        yield inner.tail or ""
