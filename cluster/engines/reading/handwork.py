"""What people put on a page: signatures beside their labels, stamps; and figures by captions."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from cluster.engines.reading.ink import Ink
from domain.pages import Box, Figure, Line, Mark

_LABEL = re.compile(r"\W*(signature|signatures|signed|sign|signatory)\b\W*", re.IGNORECASE)
_TYPED = re.compile(r"/s/", re.IGNORECASE)
_LABEL_WORDS = 16
"""A line with more of them is prose."""
_ABOVE, _BELOW, _LEFT, _RIGHT = 45.0, 32.0, 40.0, 240.0
"""Points from the label, within which its signature stands."""
_WIDTH, _HEIGHT = (25.0, 300.0), (12.0, 100.0)
_STAMP_WORDS = 12
_CAPTION = re.compile(r"(figure|fig\.|exhibit|photo|drawing|chart)\b", re.IGNORECASE)
_CAPTION_NEAR = 30.0
_LEAST_CURVES = 4
_EDGE = 4.0


def signatures_of_ink(
    ink: Sequence[Ink], stamps: Sequence[Mark], lines: Sequence[Line]
) -> Iterator[Mark]:
    """Of a scan: strokes by a label, and not within a stamp."""
    strokes = (one.box for one in ink if one.kind == "stroke")
    free = [box for box in strokes if not any(_overlap(box, stamp.box) for stamp in stamps)]
    yield from by_labels(free, lines)
    yield from typed_signatures(lines)


def by_labels(boxes: Iterable[Box], lines: Sequence[Line]) -> list[Mark]:
    """Those that stand where a label asks for a signature: one for each label, with its words."""
    labels, signed = list(_labels(lines)), dict[Box, Mark]()
    for box in boxes:
        near = [one for one in labels if _asks(one[0], box)]
        if near:
            anchor, text = min(near, key=lambda one: _distance(box, one[0]))
            known = signed.get(anchor)
            signed[anchor] = Mark("signature", box | known.box if known else box, text)
    return list(signed.values())


def signatures_of_layer(page: Any, lines: Sequence[Line]) -> Iterator[Mark]:
    """Of a born-digital page: pictures and curves by a label, and names after `/s/`.

    Some files hold each word as a picture too, or as curves: these are no signatures.
    """
    if any(_labels(lines)):
        words = [word.box for line in lines for word in line.words]
        drawn = (*_pictures(page), *_curves(page))
        wordless = [box for box in drawn if not any(_holds(box, word) for word in words)]
        yield from by_labels((*wordless, *_inked(page)), lines)
    yield from typed_signatures(lines)


def typed_signatures(lines: Sequence[Line]) -> Iterator[Mark]:
    """The name is what follows on the line."""
    for line in lines:
        for at, word in enumerate(line.words):
            if _TYPED.match(word.text):
                name = " ".join(other.text for other in line.words[at:])
                yield Mark("signature", line.words[at].box | line.words[-1].box, name)
                break


def stamps_of(ink: Sequence[Ink], coloured: Sequence[Box], lines: Sequence[Line]) -> list[Mark]:
    """Outlines with few words in them, which are its text."""
    stamps: list[Mark] = []
    for box in (*coloured, *(one.box for one in ink if one.kind == "outline")):
        words = [word for line in lines for word in line.words if _holds(box, word.box)]
        is_new = not any(_overlap(box, stamp.box) for stamp in stamps)
        if len(words) <= _STAMP_WORDS and is_new:
            stamps.append(Mark("stamp", box, " ".join(word.text for word in words)))
    return stamps


def figures_of_ink(ink: Sequence[Ink], lines: Sequence[Line], sheet: Box) -> tuple[Figure, ...]:
    """Of a scan: what is dark as a photograph, and drawings that have a caption."""
    figures = []
    for one in ink:
        if one.kind == "picture":
            text = caption(one.box, lines)
            if text or (one.is_dense and not _touches_edge(one.box, sheet)):
                figures.append(Figure(clipped(one.box, sheet), text))
    return tuple(figures)


def caption(box: Box, lines: Sequence[Line]) -> str:
    """What is written right below it or above, and begins like a caption."""
    for line in lines:
        if line.box is None or not _CAPTION.match(line.text):
            continue
        gap = min(abs(line.box.top - box.bottom), abs(box.top - line.box.bottom))
        beside = line.box.right < box.left or line.box.left > box.right
        if gap <= _CAPTION_NEAR and not beside:
            return line.text
    return ""


def clipped(box: Box, sheet: Box) -> Box:
    """What of it lies on the sheet."""
    left, top = (min(max(a, 0.0), b) for a, b in ((box.left, sheet.right), (box.top, sheet.bottom)))
    right, bottom = min(max(box.right, left), sheet.right), min(max(box.bottom, top), sheet.bottom)
    return Box(left, top, right, bottom)


def _touches_edge(box: Box, sheet: Box) -> bool:
    """As the dark corners that a scanner leaves do."""
    near = min(box.left, box.top, sheet.right - box.right, sheet.bottom - box.bottom)
    return near < _EDGE


def _labels(lines: Sequence[Line]) -> Iterator[tuple[Box, str]]:
    for line in lines:
        if len(line.words) <= _LABEL_WORDS:
            for word in line.words:
                if _LABEL.fullmatch(word.text):
                    yield word.box, line.text


def _asks(label: Box, box: Box) -> bool:
    across = box.left <= label.right + _RIGHT and box.right >= label.left - _LEFT
    down = box.bottom >= label.top - _ABOVE and box.top <= label.bottom + _BELOW
    return across and down and _middle(box) <= label.bottom + _BELOW


def _middle(box: Box) -> float:
    return (box.top + box.bottom) / 2


def _distance(box: Box, label: Box) -> float:
    across = max(box.left - label.right, label.left - box.right, 0.0)
    down = max(box.top - label.bottom, label.top - box.bottom, 0.0)
    return across + down


def _pictures(page: Any) -> Iterable[Box]:
    boxes = (Box(*image["bbox"]) for image in page.get_image_info())
    return (box for box in boxes if _is_large_as_one(box))


def _curves(page: Any) -> Iterable[Box]:
    for drawing in page.get_cdrawings():
        curves = sum(item[0] == "c" for item in drawing["items"])
        box = Box(*drawing["rect"])
        if curves >= _LEAST_CURVES and _is_large_as_one(box):
            yield box


def _inked(page: Any) -> Iterable[Box]:
    return (Box(*note.rect) for note in page.annots() if note.type[1] == "Ink")


def _is_large_as_one(box: Box) -> bool:
    fits_width = _WIDTH[0] <= box.width <= _WIDTH[1]
    return fits_width and _HEIGHT[0] <= box.height <= _HEIGHT[1]


def _holds(outer: Box, inner: Box) -> bool:
    across, down = (inner.left + inner.right) / 2, _middle(inner)
    return outer.left <= across <= outer.right and outer.top <= down <= outer.bottom


def _overlap(one: Box, other: Box) -> bool:
    across = min(one.right, other.right) > max(one.left, other.left)
    return across and min(one.bottom, other.bottom) > max(one.top, other.top)
