"""A page read from its picture: straightened, recognised, and put back in its place."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from statistics import median
from typing import Any, NamedTuple

import pymupdf
from PIL import Image

from cluster.engines.reading.boxes import find_boxes
from cluster.engines.reading.fragments import opened
from cluster.engines.reading.handwork import (
    clipped,
    figures_of_ink,
    signatures_of_ink,
    stamps_of,
)
from cluster.engines.reading.ink import Ink, coloured_outlines, find_ink
from cluster.engines.reading.letters import size_of
from cluster.engines.reading.marks import label_beside, read_figures
from cluster.engines.reading.straighten import Look, Picture, levelled
from cluster.engines.reading.tesseract import Seen, recognize
from cluster.engines.reading.unread import unread
from domain.pages import Box, Line, Mark, Page, Word
from domain.second_reading import FIRST_ENGINE

QUICK_DPI, FINE_DPI = 150, 300
MOST_PIXELS = 30_000_000
_POINTS = 72.0
_SURE = 0.90
"""What is read with less confidence is looked at in a finer picture."""
_PLAUSIBLE = 0.50
_UPSIDE_DOWN = 0.60
_UPRIGHT = 0.40
"""Share of letters that are plausible: upside down, it was 0.15 to 0.23 of six pages."""
_FAINT = 0.70
_INSET = 0.13
"""Of a stamp's sides: within them lies what its outline encloses, be it round."""
_SPECK = 0.30
"""Below this a sign or two are dirt."""
_PRINTED = 0.60
"""What is read with less confidence may be drawn by hand."""
_TALL = 1.8
"""In heights of most words."""


Recognize = Callable[..., list[Seen]]
"""Words of a picture, `dpi` told by name, in reading order."""


class Recognized(NamedTuple):
    """Words in a picture's pixels, lines together, with their mean confidence by letters."""

    words: list[Seen]
    confidence: float
    look: Look

    @property
    def weight(self) -> int:
        """How many letters of it are plausible."""
        return sum(len(seen.text) for seen in self.words if seen.confidence >= _PLAUSIBLE)

    @property
    def letters(self) -> int:
        return sum(len(seen.text) for seen in self.words)

    @property
    def printed(self) -> list[Box]:
        """Of words that no hand drew: read with confidence, and no taller than most."""
        sure = [seen.box for seen in self.words if seen.confidence >= _PRINTED]
        tall = _TALL * median(box.height for box in sure) if sure else 0.0
        return [box for box in sure if box.height <= tall]

    @property
    def placed(self) -> list[Seen]:
        """In the page's points."""
        return [replace(seen, box=self.look.place(seen.box)) for seen in self.words]


def read_scan(page: Any) -> Page:
    """Of a page of PyMuPDF. Blocks for seconds."""
    size = page.rect
    found = recognize_page(page)
    sheet = Box(0, 0, size.width, size.height)
    lines = tuple(opened(list(_lines(found.placed, sheet))))
    faint = found.words and found.confidence < _FAINT
    warnings = (f"faint: read with {found.confidence:.0%} confidence",) if faint else ()
    ink = find_ink(found.look, found.printed)
    return Page(
        page.number + 1,
        lines,
        width=size.width,
        height=size.height,
        engine=FIRST_ENGINE,
        confidence=round(found.confidence, 3),
        warnings=warnings,
        unread=round(_unread(found), 2),
        marks=tuple(_within_marks(_marks(page, found.look, ink, lines), sheet)),
        figures=read_figures(page, lines) or figures_of_ink(ink, lines, sheet),
    )


def read_again(page: Any, engine: str, read_words: Recognize) -> Page:
    """Its words alone, by another engine. Blocks for seconds."""
    size = page.rect
    found = _at(page, QUICK_DPI, 0, read_words)
    if found.confidence < _UPSIDE_DOWN:
        turned = _at(page, QUICK_DPI, 180, read_words)
        found = max(found, turned, key=lambda one: one.weight)
    lines = tuple(opened(list(_lines(found.placed, Box(0, 0, size.width, size.height)))))
    return Page(
        page.number + 1,
        lines,
        width=size.width,
        height=size.height,
        engine=engine,
        confidence=round(found.confidence, 3),
    )


def recognize_page(page: Any) -> Recognized:
    """Quickly first, then finer, then upside down, for as long as it is not sure."""
    quick = _at(page, QUICK_DPI, 0)
    if quick.confidence >= _SURE:
        return quick
    best = max(quick, _at(page, FINE_DPI, 0), key=lambda found: found.weight)
    if best.confidence < _UPSIDE_DOWN and best.weight < _UPRIGHT * best.letters:
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


def _at(page: Any, dpi: int, turn: int, read_words: Recognize = recognize) -> Recognized:
    look = levelled(*picture_of(page, dpi), turn)
    words = [seen for seen in read_words(look.picture, dpi=dpi) if not _is_speck(seen)]
    letters = sum(len(one.text) for one in words)
    sure = sum(one.confidence * len(one.text) for one in words)
    return Recognized(words, sure / letters if letters else 0.0, look)


def _unread(found: Recognized) -> float:
    dpi = round(found.look.scale * _POINTS)
    return unread(found.look.picture, dpi, (seen.box for seen in found.words))


def _marks(page: Any, look: Look, ink: Sequence[Ink], lines: Sequence[Line]) -> Iterator[Mark]:
    """Boxes first, then stamps, then signatures."""
    for box, is_ticked in find_boxes(look.picture, look.scale):
        at = look.place(box)
        yield Mark("checked" if is_ticked else "unchecked", at, label_beside(at, lines))
    found = stamps_of(ink, coloured_outlines(page), lines)
    stamps = [stamp if stamp.text else _read_within(page, stamp) for stamp in found]
    yield from stamps
    yield from signatures_of_ink(ink, stamps, lines)


def _read_within(page: Any, stamp: Mark) -> Mark:
    """Its words, which recognition of a whole page takes for a part of the picture."""
    picture, scale = picture_of(page, FINE_DPI)
    wide, high = stamp.box.width * _INSET, stamp.box.height * _INSET
    left, top = stamp.box.left + wide, stamp.box.top + high
    right, bottom = stamp.box.right - wide, stamp.box.bottom - high
    cut = picture.crop((left * scale, top * scale, right * scale, bottom * scale))
    words = [
        seen.text
        for seen in recognize(cut, dpi=FINE_DPI, is_sparse=True)
        if seen.confidence >= _PRINTED
    ]
    return replace(stamp, text=" ".join(words))


def _within_marks(marks: Iterable[Mark], sheet: Box) -> Iterator[Mark]:
    return (replace(mark, box=clipped(mark.box, sheet)) for mark in marks)


def _is_speck(seen: Seen) -> bool:
    return seen.confidence < _SPECK and len(seen.text) <= 2


def _lines(words: Sequence[Seen], sheet: Box) -> Iterator[Line]:
    for _, together in groupby(words, key=lambda seen: seen.line):
        placed = [Word(seen.text, clipped(seen.box, sheet)) for seen in together]
        box = placed[0].box
        for word in placed[1:]:
            box |= word.box
        yield Line(
            " ".join(word.text for word in placed),
            box,
            tuple(placed),
            size=round(size_of(placed), 1),
            indent=box.left,
        )
