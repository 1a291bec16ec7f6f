"""Born-digital PDF pages through PyMuPDF: words, boxes, reading order, tables, form fields."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymupdf

from cluster.engines.reading.columns import in_reading_order
from cluster.engines.reading.fragments import Fragment, join_fragments, opened
from cluster.engines.reading.interpreted import InterpretedPage, interpreted
from cluster.engines.reading.marks import read_figures, read_marks
from cluster.engines.reading.pdf_tables import place_in_tables
from domain.errors import Unreadable
from domain.pages import Box, FormField, Line, Page, Word

_BOLD = 16
_TAIL_BYTES = 2048


def read_pdf(path: Path) -> list[Page]:
    """All pages, also those without text. Raises Unreadable. Not for use in several threads."""
    with open_pdf(path) as document:
        return [read_page(document[index]) for index in range(document.page_count)]


def open_pdf(path: Path) -> Any:
    """PyMuPDF's document, which closes itself as a context. Raises Unreadable."""
    _check_whole(path)
    pymupdf.no_recommend_layout()  # type: ignore[no-untyped-call]
    try:
        document: Any = pymupdf.open(path, filetype="pdf")  # type: ignore[no-untyped-call]
    except (pymupdf.FileDataError, pymupdf.mupdf.FzErrorBase) as error:
        raise Unreadable(file=path.name, reason=f"a broken PDF ({error})") from error
    if document.needs_pass:
        document.close()
        raise Unreadable(file=path.name, reason="it is locked with a password", code="locked")
    if not document.page_count:
        document.close()
        raise Unreadable(file=path.name, reason="it has no pages", code="empty")
    return document


def _check_whole(path: Path) -> None:
    """A PDF that was cut off opens, and has half its text: its end tells."""
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - _TAIL_BYTES, 0))
        if b"%%EOF" not in file.read():
            raise Unreadable(file=path.name, reason="its end is missing")


def read_page(page: Any) -> Page:
    """What its text layer holds."""
    page = interpreted(page)
    fragments = list(_fragments(page))
    fragments = in_reading_order(place_in_tables(page, fragments), page.rect.width)
    lines = tuple(opened(join_fragments(fragments)))
    return Page(
        page.number + 1,
        lines,
        width=page.rect.width,
        height=page.rect.height,
        fields=tuple(_fields(page)),
        marks=read_marks(page, lines),
        figures=read_figures(page, lines),
    )


def _fragments(page: InterpretedPage) -> Iterator[Fragment]:
    words = _words(page)
    for block in page.blocks():
        for number, line in enumerate(block["lines"]):
            found = words.get((block["number"], number))
            if found:
                yield Fragment(_line(found, line["spans"]))


def _words(page: InterpretedPage) -> dict[tuple[int, int], list[Word]]:
    words: dict[tuple[int, int], list[Word]] = {}
    for left, top, right, bottom, text, block, line, _ in page.words():
        if text.strip():
            words.setdefault((block, line), []).append(Word(text, Box(left, top, right, bottom)))
    return words


def _line(words: list[Word], spans: list[dict[str, Any]]) -> Line:
    boxes = [word.box for word in words]
    box = Box(
        min([box.left for box in boxes]),
        min([box.top for box in boxes]),
        max([box.right for box in boxes]),
        max([box.bottom for box in boxes]),
    )
    printed = [span for span in spans if span["text"].strip()] or spans
    return Line(
        " ".join(word.text for word in words),
        box,
        tuple(words),
        size=max(span["size"] for span in printed),
        bold=all(span["flags"] & _BOLD for span in printed),
        indent=box.left,
    )


def _fields(page: Any) -> Iterator[FormField]:
    for widget in page.widgets():
        value = str(widget.field_value or "")
        if value and value != "Off":
            yield FormField(str(widget.field_name or ""), value, Box(*widget.rect))
