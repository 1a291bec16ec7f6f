"""Lays a source out on the pages of a PDF and notes on which page each label starts."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pymupdf

from benchmarks.requirements.unseen.source import Paragraph, Source, Word

_WIDTH, _HEIGHT = 612, 792
_MARGIN = 66
_TOP, _BOTTOM = 80, 716
_GUTTER = 24
_STEP = 1.36
_DPI = 200
_NOISE = 9


class Sheets:
    """A document that grows from top to bottom, column by column."""

    def __init__(self) -> None:
        self.document: Any = pymupdf.open()  # type: ignore[no-untyped-call]
        self._columns = 1
        self._column = 0
        self._y = float(_BOTTOM)
        self._grid = True
        self._widths: list[float] = []
        self._running: dict[str, list[str]] = {"h": [], "f": []}

    def lay(self, source: Source) -> None:
        for paragraph in source.paragraphs:
            if paragraph.kind == "directive":
                self._steer(paragraph.directive, paragraph.cells[0][0].text)
            elif paragraph.kind in ("row", "head"):
                self._row(paragraph)
            else:
                self._paragraph(paragraph)
        self._print_running()

    @property
    def _size(self) -> float:
        return 12 if self._columns == 1 else 10

    @property
    def _column_width(self) -> float:
        whole = _WIDTH - 2 * _MARGIN
        return (whole - _GUTTER * (self._columns - 1)) / self._columns

    @property
    def _left(self) -> float:
        return _MARGIN + self._column * (self._column_width + _GUTTER)

    def _steer(self, name: str, rest: str) -> None:
        if name in self._running:
            self._running[name].append(rest)
        elif name == "cols":
            self._columns = int(rest)
            self._column = self._columns - 1
        elif name == "grid":
            self._grid = rest == "on"
        elif name == "widths":
            self._widths = [float(part) for part in rest.split()]

    def _paragraph(self, paragraph: Paragraph) -> None:
        bold = paragraph.kind == "heading"
        left = 18.0 * paragraph.indent
        lines = list(_wrapped(paragraph.cells[0], self._column_width - left, self._size, bold))
        self._y += self._size * (0.9 if bold else 0.45)
        for line in lines:
            self._room(self._size * _STEP * (3 if bold else 1))
            self._print(line, self._left + left, self._y, bold)
            self._y += self._size * _STEP

    def _row(self, row: Paragraph) -> None:
        shares = self._widths if len(self._widths) == len(row.cells) else [1.0] * len(row.cells)
        widths = [self._column_width * share / sum(shares) for share in shares]
        bold = row.kind == "head"
        cells = [
            list(_wrapped(cell, width - 8, self._size - 1, bold))
            for cell, width in zip(row.cells, widths, strict=True)
        ]
        height = max(len(lines) for lines in cells) * self._size * _STEP + 4
        self._room(height)
        left, top = self._left, self._y - self._size
        for lines, width in zip(cells, widths, strict=True):
            for number, line in enumerate(lines):
                self._print(line, left + 4, self._y + number * self._size * _STEP, bold, smaller=1)
            if self._grid:
                box = (left, top, left + width, top + height)
                self.document[-1].draw_rect(pymupdf.Rect(box), width=0.6)  # type: ignore[no-untyped-call]
            left += width
        self._y += height

    def _room(self, height: float) -> None:
        if self._y + height <= _BOTTOM:
            return
        self._column += 1
        if self._column >= self._columns or not len(self.document):
            self._column = 0
            self.document.new_page(width=_WIDTH, height=_HEIGHT)
        self._y = _TOP + self._size

    def _print(
        self, line: Sequence[Word], left: float, y: float, bold: bool, smaller: float = 0
    ) -> None:
        for word in line:
            if word.label and not word.label.page:
                word.label.page = len(self.document)
        text = " ".join(word.text for word in line)
        font = "hebo" if bold else "helv"
        self.document[-1].insert_text((left, y), text, fontsize=self._size - smaller, fontname=font)

    def _print_running(self) -> None:
        count = len(self.document)
        for number, page in enumerate(self.document, 1):
            for name, y in (("h", 38), ("f", 752)):
                for at, text in enumerate(self._running[name]):
                    told = text.replace("%p", str(number)).replace("%n", str(count))
                    page.insert_text((_MARGIN, y + 12 * at), told, fontsize=9, fontname="helv")


def write_pdf(source: Source, path: Path) -> None:
    sheets = Sheets()
    sheets.lay(source)
    sheets.document.save(path, deflate=True)


def write_scan(printed: Path, path: Path, seed: int = 6) -> None:
    """Each page as a noisy, slightly turned grey picture."""
    grain = np.random.default_rng(seed)
    scan: Any = pymupdf.open()  # type: ignore[no-untyped-call]
    with pymupdf.open(printed) as document:  # type: ignore[no-untyped-call]
        for page in document:
            turned = pymupdf.Matrix(_DPI / 72, _DPI / 72).prerotate(0.4)  # type: ignore[no-untyped-call]
            picture = page.get_pixmap(matrix=turned, colorspace=pymupdf.csGRAY)
            grey = np.frombuffer(picture.samples, np.uint8).astype(np.float32)
            noisy = np.clip(grey * 0.93 + grain.normal(6, _NOISE, grey.size), 0, 255)
            size = (picture.width, picture.height)
            made = pymupdf.Pixmap(pymupdf.csGRAY, *size, noisy.astype(np.uint8).tobytes(), False)  # type: ignore[no-untyped-call]
            sheet = scan.new_page(width=_WIDTH, height=_HEIGHT)
            sheet.insert_image(sheet.rect, stream=made.tobytes("jpeg", jpg_quality=60))  # type: ignore[no-untyped-call]
    scan.save(path, deflate=True)


def _wrapped(
    words: Sequence[Word], width: float, size: float, bold: bool
) -> Iterator[tuple[Word, ...]]:
    font: Any = pymupdf.Font("hebo" if bold else "helv")  # type: ignore[no-untyped-call]
    line: list[Word] = []
    for word in words:
        told = " ".join(one.text for one in [*line, word])
        if line and font.text_length(told, fontsize=size) > width:
            yield tuple(line)
            line = []
        line.append(word)
    yield tuple(line)
