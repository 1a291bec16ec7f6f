"""What stands on a page beside its text: boxes, signatures, stamps, notes, figures."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from cluster.engines.reading.handwork import caption, signatures_of_layer
from domain.pages import Box, Figure, Line, Mark

_CHECKED, _UNCHECKED = re.compile(r"☑|☒|\[\s?[xX✓]\s?\]"), re.compile(r"☐|□|\[\s{0,2}\]|\[_\]")
_BOXES = {2, 5}
"""PyMuPDF's kinds of form fields: check boxes, radio buttons; and a place to sign."""
_SIGNATURE = 6
_SMALLEST, _LARGEST = 6.0, 18.0
"""Of a box's sides, in points."""
_TICKS = frozenset("xX✓✔✗✘")
_MOST_DRAWINGS = 2_000
_DRAWING = re.compile(r"(figure|fig\.|exhibit|chart)\s+[\dA-Z]", re.IGNORECASE)
_LEAST_SIDE = 60.0
_MOST_COVER = 0.5
"""Of the page: a larger picture is the page."""


def read_marks(page: Any, lines: Sequence[Line]) -> tuple[Mark, ...]:
    """In the order: form fields, boxes in the text, drawn boxes, annotations, signatures."""
    found = [
        *(*_of_form(page), *_of_text(lines), *_drawn(page, lines)),
        *(*_annotations(page), *signatures_of_layer(page, lines)),
    ]
    return tuple(_without_repeats(found))


def read_figures(page: Any, lines: Sequence[Line]) -> tuple[Figure, ...]:
    """Pictures on the page, with what is written right below or above them; drawings that have
    such words.
    """
    boxes = (Box(*(page.rect & image["bbox"])) for image in page.get_image_info())
    figures = [Figure(box, caption(box, lines)) for box in boxes if _is_figure(page, box)]
    told = {figure.caption for figure in figures}
    if any(_DRAWING.match(line.text) and line.text not in told for line in lines):
        for box in (Box(*(page.rect & cluster)) for cluster in page.cluster_drawings()):
            text = caption(box, lines) if _is_figure(page, box) else ""
            if text and text not in told:
                figures.append(Figure(box, text))
                told.add(text)
    return tuple(figures)


def _is_figure(page: Any, box: Box) -> bool:
    """Neither an ornament nor the whole page."""
    is_large = min(box.width, box.height) >= _LEAST_SIDE
    return is_large and box.width * box.height <= _MOST_COVER * page.rect.get_area()


def _of_form(page: Any) -> Iterator[Mark]:
    for widget in page.widgets():
        box, name = Box(*widget.rect), str(widget.field_label or widget.field_name or "")
        if widget.field_type in _BOXES:
            is_checked = str(widget.field_value) not in {"Off", "False", "", "None"}
            yield Mark("checked" if is_checked else "unchecked", box, name)
        elif widget.field_type == _SIGNATURE and widget.is_signed:
            yield Mark("signature", box, name)


def _of_text(lines: Sequence[Line]) -> Iterator[Mark]:
    """The label is what follows on the line."""
    for line in lines:
        for at, word in enumerate(line.words):
            is_checked = _CHECKED.fullmatch(word.text)
            if is_checked or _UNCHECKED.fullmatch(word.text):
                label = " ".join(other.text for other in line.words[at + 1 :])
                yield Mark("checked" if is_checked else "unchecked", word.box, label)


def _drawn(page: Any, lines: Sequence[Line]) -> Iterator[Mark]:
    drawings = page.get_cdrawings()
    if len(drawings) > _MOST_DRAWINGS:
        return
    rects = [(Box(*drawing["rect"]), drawing) for drawing in drawings]
    for box, drawing in rects:
        if not _is_square(box) or not any(item[0] == "re" for item in drawing["items"]):
            continue
        inner = any(other is not box and _lies_in(other, box) for other, _ in rects)
        ticked = any(
            word.text in _TICKS and _lies_in(word.box, box, room=4.0)
            for line in lines
            for word in line.words
        )
        yield Mark("checked" if inner or ticked else "unchecked", box, label_beside(box, lines))


def _annotations(page: Any) -> Iterator[Mark]:
    for annotation in page.annots():
        kind = annotation.type[1]
        text = " ".join(str(annotation.info.get("content") or "").split())
        if kind == "Stamp":
            yield Mark("stamp", Box(*annotation.rect), text)
        elif text:
            yield Mark("annotation", Box(*annotation.rect), text)


def label_beside(box: Box, lines: Sequence[Line]) -> str:
    """The nearest words to the right, on the box's own line, whatever stands left of it."""
    middle = (box.top + box.bottom) / 2
    found = []
    for line in lines:
        if line.box is None or not line.box.top <= middle <= line.box.bottom:
            continue
        words = [word for word in line.words if word.box.left >= box.right - 1]
        if words and words[0].box.left - box.right <= 2 * _LARGEST:
            found.append((words[0].box.left, " ".join(word.text for word in words)))
    return min(found)[1] if found else ""


def _is_square(box: Box) -> bool:
    sides = sorted((box.width, box.height))
    return sides[0] >= _SMALLEST and sides[1] <= _LARGEST and sides[1] <= 1.3 * sides[0]


def _lies_in(inner: Box, outer: Box, room: float = 0.5) -> bool:
    return (
        inner.left >= outer.left - room
        and inner.right <= outer.right + room
        and inner.top >= outer.top - room
        and inner.bottom <= outer.bottom + room
        and inner != outer
    )


def _without_repeats(marks: Sequence[Mark]) -> Iterator[Mark]:
    """A field is often drawn as well."""
    told: list[Box] = []
    for mark in marks:
        if not any(_lies_in(mark.box, box, 3.0) or mark.box == box for box in told):
            told.append(mark.box)
            yield mark
