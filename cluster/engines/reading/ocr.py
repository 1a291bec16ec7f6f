"""A page read from its picture: straightened, recognised, and put back in its place."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import pymupdf
from PIL import Image

from cluster.engines.reading.boxes import find_boxes
from cluster.engines.reading.fragments import opened
from cluster.engines.reading.marks import label_beside, read_figures
from cluster.engines.reading.straighten import Picture, Turned, lies_on_its_side, skew, turned
from cluster.engines.reading.tesseract import ENGINE, Seen, recognize
from domain.pages import Box, Line, Mark, MarkKind, Page, Word

QUICK_DPI, FINE_DPI = 150, 300
MOST_PIXELS = 30_000_000
_POINTS = 72.0
_SURE = 0.90
"""What is read with less confidence is looked at in a finer picture."""
_PLAUSIBLE = 0.50
_UPSIDE_DOWN = 0.60
_FAINT = 0.70
_SPECK = 0.30
"""Below this a sign or two are dirt."""
_PRINT = 0.75
"""From the height of a line's box to the size of its letters."""


class Recognized(NamedTuple):
    """Words in the page's points, straightened lines together, with their mean confidence."""

    words: list[Seen]
    confidence: float
    boxes: tuple[tuple[Box, bool], ...] = ()

    @property
    def weight(self) -> int:
        """How many letters of it are plausible."""
        return sum(len(seen.text) for seen in self.words if seen.confidence >= _PLAUSIBLE)


def read_scan(page: Any) -> Page:
    """Of a page of PyMuPDF. Blocks for seconds."""
    size = page.rect
    found = recognize_page(page)
    sheet = Box(0, 0, size.width, size.height)
    lines = tuple(opened(list(_lines(found.words, sheet))))
    faint = found.words and found.confidence < _FAINT
    warnings = (f"faint: read with {found.confidence:.0%} confidence",) if faint else ()
    return Page(
        page.number + 1,
        lines,
        width=size.width,
        height=size.height,
        engine=ENGINE,
        confidence=round(found.confidence, 3),
        warnings=warnings,
        marks=tuple(
            Mark(
                "checked" if ticked else "unchecked", _within(box, sheet), label_beside(box, lines)
            )
            for box, ticked in found.boxes
        ),
        figures=read_figures(page, lines),
    )


def recognize_page(page: Any) -> Recognized:
    """Quickly first, then finer, then upside down, for as long as it is not sure."""
    quick = _at(page, QUICK_DPI, 0)
    if quick.confidence >= _SURE:
        return quick
    best = max(quick, _at(page, FINE_DPI, 0), key=lambda found: found.weight)
    if best.confidence < _UPSIDE_DOWN:
        best = max(best, _at(page, QUICK_DPI, 180), key=lambda found: found.weight)
    return best


def picture_of(page: Any, dpi: int) -> tuple[Picture, float]:
    """In grey, and its pixels a point: fewer than asked for where the sheet is huge."""
    size = page.rect
    pixels = size.width * size.height * (dpi / _POINTS) ** 2
    scale = dpi / _POINTS * min(1.0, (MOST_PIXELS / max(pixels, 1.0)) ** 0.5)
    matrix = pymupdf.Matrix(scale, scale)  # type: ignore[no-untyped-call]
    pixmap = page.get_pixmap(matrix=matrix, colorspace=pymupdf.csGRAY)
    return Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples), scale


def _at(page: Any, dpi: int, turn: int) -> Recognized:
    picture, scale = picture_of(page, dpi)
    steps = _straightened(picture, turn)
    seen = recognize(steps[-1].picture, dpi=dpi)
    words = [_placed(one, steps, scale) for one in seen if not _is_speck(one)]
    letters = sum(len(one.text) for one in words)
    sure = sum(one.confidence * len(one.text) for one in words)
    boxes = tuple(
        (_scaled(_back(box, steps), scale), is_ticked)
        for box, is_ticked in find_boxes(steps[-1].picture, scale)
    )
    return Recognized(words, sure / letters if letters else 0.0, boxes)


def _straightened(picture: Picture, turn: int) -> list[Turned]:
    steps = [turned(picture, turn)]
    level = turned(steps[-1].picture, skew(steps[-1].picture))
    if lies_on_its_side(level.picture):
        steps.append(turned(steps[-1].picture, 90))
        level = turned(steps[-1].picture, skew(steps[-1].picture))
    return [*steps, level]


def _placed(seen: Seen, steps: Sequence[Turned], scale: float) -> Seen:
    points = _scaled(_back(seen.box, steps), scale)
    return Seen(seen.text, points, seen.confidence, seen.line)


def _back(box: Box, steps: Sequence[Turned]) -> Box:
    for step in reversed(steps):
        box = step.back(box)
    return box


def _scaled(box: Box, scale: float) -> Box:
    return Box(box.left / scale, box.top / scale, box.right / scale, box.bottom / scale)


def _marks(found: Recognized, sheet: Box, lines: Sequence[Line]) -> Iterator[Mark]:
    for box, is_ticked in found.boxes:
        kind: MarkKind = "checked" if is_ticked else "unchecked"
        yield Mark(kind, _within(box, sheet), label_beside(box, lines))


def _is_speck(seen: Seen) -> bool:
    return seen.confidence < _SPECK and len(seen.text) <= 2


def _lines(words: Sequence[Seen], sheet: Box) -> Iterator[Line]:
    for _, together in groupby(words, key=lambda seen: seen.line):
        placed = [Word(seen.text, _within(seen.box, sheet)) for seen in together]
        box = placed[0].box
        for word in placed[1:]:
            box |= word.box
        yield Line(
            " ".join(word.text for word in placed),
            box,
            tuple(placed),
            size=round(min(box.height, max(word.box.height for word in placed)) * _PRINT, 1),
            indent=box.left,
        )


def _within(box: Box, sheet: Box) -> Box:
    return Box(
        min(max(box.left, 0.0), sheet.right),
        min(max(box.top, 0.0), sheet.bottom),
        min(max(box.right, 0.0), sheet.right),
        min(max(box.bottom, 0.0), sheet.bottom),
    )
