"""DOCX straight from its XML: paragraphs, tables, text boxes, notes; insertions in, deletions out,
moved text where it was moved to, comments beside the text.

A DOCX has no pages before it is laid out, so it is read as one; its lines have no places.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from cluster.engines.reading.docx_comments import commented
from cluster.engines.reading.docx_numbering import Numbering
from cluster.engines.reading.docx_styles import Styles, W, child, value
from cluster.engines.reading.docx_text import is_bold, pieces
from domain.errors import Unreadable
from domain.pages import Cell, Comment, Line, Page

_TEXT_BOX = f"{W}txbxContent"
_GONE = frozenset(
    {
        f"{W}del",
        f"{W}moveFrom",
        "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback",
    }
)
_ENDS = (".", ":", ";", "!", "?", ")", "]")
_TWIPS = 20


def read_docx(path: Path) -> list[Page]:
    """One page. Raises Unreadable for a broken archive, or one whose text cannot be parsed."""
    try:
        with zipfile.ZipFile(path) as parts:
            return [_Document(parts).page()]
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError) as error:
        raise Unreadable(file=path.name, reason=f"a broken DOCX ({error})") from error


class _Document:
    def __init__(self, parts: zipfile.ZipFile) -> None:
        self._parts = parts
        names = set(parts.namelist())
        self._styles = Styles(self._part("word/styles.xml") if "word/styles.xml" in names else None)
        numbering = self._part("word/numbering.xml") if "word/numbering.xml" in names else None
        self._numbering = Numbering(numbering)
        self._names = sorted(names)
        self._tables = 0

    def page(self) -> Page:
        body = child(self._part("word/document.xml"), "body")
        lines = list(self._blocks(body, None)) if body is not None else []
        notes = [
            line for part in self._of_kind("footnotes", "endnotes") for line in self._notes(part)
        ]
        running = [
            line for part in self._of_kind("header", "footer") for line in self._blocks(part, None)
        ]
        return Page(
            1, tuple(lines + notes), running=tuple(running), comments=tuple(self._comments(body))
        )

    def _comments(self, body: Element | None) -> Iterator[Comment]:
        about = commented(body) if body is not None else {}
        for part in self._of_kind("comments.xml"):
            for comment in part.iter(f"{W}comment"):
                text = " ".join(line.text for line in self._blocks(comment, None))
                author = comment.get(f"{W}author") or ""
                yield Comment(text, author, about.get(comment.get(f"{W}id") or "", ""))

    def _part(self, name: str) -> Element:
        return ElementTree.fromstring(self._parts.read(name))  # noqa: S314 - expat limits expansion

    def _of_kind(self, *kinds: str) -> Iterator[Element]:
        for name in self._names:
            if name.startswith(tuple(f"word/{kind}" for kind in kinds)) and name.endswith(".xml"):
                yield self._part(name)

    def _notes(self, part: Element) -> Iterator[Line]:
        for note in part:
            if note.get(f"{W}type") is None:
                yield from self._blocks(note, None)

    def _blocks(self, parent: Element, cell: Cell | None) -> Iterator[Line]:
        for element in parent:
            if element.tag in _GONE:
                continue
            if element.tag == f"{W}p":
                yield from self._paragraph(element, cell)
            elif element.tag == f"{W}tbl":
                yield from self._table(element, cell)
            else:
                yield from self._blocks(element, cell)

    def _table(self, table: Element, outer: Cell | None) -> Iterator[Line]:
        """A table inside a cell is read as that cell's text."""
        number = self._tables
        self._tables += outer is None
        for row, tr in enumerate(_under(table, "tr")):
            column = 0
            for tc in _under(tr, "tc"):
                yield from self._blocks(tc, outer or Cell(number, row, column))
                column += _span(tc)

    def _paragraph(self, paragraph: Element, cell: Cell | None) -> Iterator[Line]:
        shape = self._shape(paragraph, cell)
        before = ""
        for text in pieces(paragraph):
            if text:
                yield replace(shape, text=text, opens=_opens(before, text))
                shape = replace(shape, marker="")
                before = text
        for box in _text_boxes(paragraph):
            yield from self._blocks(box, cell)

    def _shape(self, paragraph: Element, cell: Cell | None) -> Line:
        properties = child(paragraph, "pPr")
        style = value(properties, "pStyle")
        number = self._numbering.of(properties, self._styles.numbering(style))
        has_text = any(pieces(paragraph))
        marker = self._numbering.next_label(*number) if number and has_text else ""
        indent = _indent(properties)
        if indent is None and number:
            indent = self._numbering.indent(*number)
        return Line(
            "",
            bold=is_bold(paragraph, by_style=self._styles.is_bold(style)),
            marker=marker,
            indent=indent or 0.0,
            heading=self._styles.heading(style),
            cell=cell,
        )


def _under(parent: Element, name: str) -> Iterator[Element]:
    """Rows of a table or cells of a row, also inside content controls and insertions."""
    for element in parent:
        if element.tag == f"{W}{name}":
            yield element
        elif element.tag not in _GONE and element.tag != f"{W}tc":
            yield from _under(element, name)


def _span(cell: Element) -> int:
    wide = value(child(cell, "tcPr"), "gridSpan")
    return int(wide) if wide and wide.isdigit() else 1


def _text_boxes(element: Element) -> Iterator[Element]:
    for inner in element:
        if inner.tag == _TEXT_BOX:
            yield inner
        elif inner.tag not in _GONE:
            yield from _text_boxes(inner)


def _opens(before: str, text: str) -> bool:
    """Whether a line after a break in its paragraph begins something new."""
    return not before or before.endswith(_ENDS) or not text[:1].islower()


def _indent(properties: Element | None) -> float | None:
    """Of the paragraph's left edge, in points; None where only its list or style says."""
    element = child(properties, "ind") if properties is not None else None
    left = element.get(f"{W}left") or element.get(f"{W}start") if element is not None else None
    return float(left) / _TWIPS if left else None
