"""What is dark in a page's picture beside its printed words: strokes, outlines, pictures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pymupdf
from numpy.typing import NDArray
from PIL import Image

from cluster.engines.reading.straighten import Look
from domain.pages import Box

Bits = NDArray[np.bool_]
InkKind = Literal["stroke", "outline", "picture"]

_A_POINT = 2
"""Pixels, for strokes; outlines are looked at in a quarter of them."""
_DARK = 160
_COLOURED = 60
"""From the weakest of a pixel's three colours to the strongest."""
_RULE = 36.0
"""Points: what runs straight for so long is a rule of the form."""
_THICK = 6.0
_PAD = 1.0
_STROKE_WIDTH, _STROKE_HEIGHT = (25.0, 280.0), (8.0, 90.0)
_STROKE_INK = (0.015, 0.35)
"""Shares of its box that a signature's strokes cover."""
_OUTLINE_WIDTH, _OUTLINE_HEIGHT = (40.0, 260.0), (14.0, 220.0)
_THIN, _CLOSED = 0.45, 0.45
"""An outline covers at most so much of its box, and encloses at least so much."""
_ROUND_SIDE = 36.0
_CORNER, _IN_CORNERS = 0.10, 0.35
_PICTURE_SIDE = 60.0
_PICTURE_MOST = 0.5
_PICTURE_INK = 0.04
_HALFTONE = 0.30
_MOST = 200


@dataclass(frozen=True, slots=True)
class Ink:
    """`is_dense`: so dark that it is a photograph. In the page's points."""

    kind: InkKind
    box: Box
    is_dense: bool = False


def find_ink(look: Look, words: Sequence[Box]) -> list[Ink]:
    """`words` were read with confidence, in the level picture's pixels: they are no strokes."""
    step = max(round(look.scale / _A_POINT), 1)
    dark: Bits = np.asarray(look.picture.convert("L").reduce(step)) < _DARK
    scale = look.scale / step
    found = [("outline", box, False) for box in _round_outlines(_halved(dark), scale / 2)]
    rest = _without_rules(_without(dark, words, step, scale), scale)
    found += _strokes_and_pictures(rest, scale)
    return [
        Ink(kind, look.place(_times(box, step)), is_dense)  # type: ignore[arg-type]
        for kind, box, is_dense in found[:_MOST]
    ]


def coloured_outlines(page: Any) -> list[Box]:
    """Closed lines of colour, round or square, in the page's points; none on a grey picture."""
    if not any(image["colorspace"] >= 3 for image in page.get_image_info()):
        return []
    pixmap = page.get_pixmap(colorspace=pymupdf.csRGB)
    picture = Image.frombytes("RGB", (pixmap.width, pixmap.height), pixmap.samples)
    colours = np.asarray(picture).astype(np.int16)
    coloured: Bits = (colours.max(2) - colours.min(2)) >= _COLOURED
    scale = pixmap.width / max(page.rect.width, 1.0)
    return [_times(box, 1 / scale) for box, _ in _outlines(coloured, scale)]


def _round_outlines(dark: Bits, scale: float) -> Iterator[Box]:
    """Round or tilted, and large: a level frame in black belongs to the form."""
    for box, filled in _outlines(dark, scale):
        large = min(box.width, box.height) >= _ROUND_SIDE * scale
        if large and _has_empty_corners(filled):
            yield _times(box, 2)


def _outlines(dark: Bits, scale: float) -> Iterator[tuple[Box, Bits]]:
    """In its pixels, with what each encloses."""
    from scipy import ndimage  # noqa: PLC0415 - takes a while, which born-digital files can spare

    labels, _ = ndimage.label(dark, structure=np.ones((3, 3)))
    for number, place in enumerate(ndimage.find_objects(labels), start=1):
        height, width = (side.stop - side.start for side in place)
        if not _fits(width / scale, _OUTLINE_WIDTH) or not _fits(height / scale, _OUTLINE_HEIGHT):
            continue
        own = labels[place] == number
        if own.mean() > _THIN:
            continue
        filled: Bits = ndimage.binary_fill_holes(own)
        if filled.mean() - own.mean() >= _CLOSED / 2 and filled.mean() >= _CLOSED:
            yield _box(place), filled


def _has_empty_corners(filled: Bits) -> bool:
    down, across = (max(round(side * _CORNER), 1) for side in filled.shape)
    corners = (
        *(filled[:down, :across], filled[:down, -across:]),
        *(filled[-down:, :across], filled[-down:, -across:]),
    )
    return all(float(corner.mean()) < _IN_CORNERS for corner in corners)


def _strokes_and_pictures(rest: Bits, scale: float) -> Iterator[tuple[InkKind, Box, bool]]:
    """Of what is neither printed nor ruled; near strokes are one."""
    from scipy import ndimage  # noqa: PLC0415 - takes a while, which born-digital files can spare

    reach = (max(round(2 * scale), 1), max(round(6 * scale), 1))
    joined = ndimage.maximum_filter1d(rest.astype(np.uint8), 2 * reach[0] + 1, axis=0)
    joined = ndimage.maximum_filter1d(joined, 2 * reach[1] + 1, axis=1)
    labels, _ = ndimage.label(joined)
    sheet = rest.size / scale**2
    for number, place in enumerate(ndimage.find_objects(labels), start=1):
        own = rest[place] & (labels[place] == number)
        rows, columns = np.flatnonzero(own.any(1)), np.flatnonzero(own.any(0))
        if not rows.size:
            continue
        top, left = place[0].start + int(rows[0]), place[1].start + int(columns[0])
        bottom, right = place[0].start + int(rows[-1]) + 1, place[1].start + int(columns[-1]) + 1
        box = Box(left, top, right, bottom)
        share = float(own.sum()) / (box.width * box.height)
        yield from _named(box, share, scale, sheet)


def _named(
    box: Box, share: float, scale: float, sheet: float
) -> Iterator[tuple[InkKind, Box, bool]]:
    width, height = box.width / scale, box.height / scale
    is_stroke = _fits(width, _STROKE_WIDTH) and _fits(height, _STROKE_HEIGHT)
    if is_stroke and _fits(share, _STROKE_INK):
        yield "stroke", box, False
    is_picture = min(width, height) >= _PICTURE_SIDE and width * height <= _PICTURE_MOST * sheet
    if is_picture and share >= _PICTURE_INK:
        yield "picture", box, share >= _HALFTONE


def _without(dark: Bits, words: Sequence[Box], step: int, scale: float) -> Bits:
    rest, pad = dark.copy(), _PAD * scale
    for word in words:
        top, bottom = max(int(word.top / step - pad), 0), int(word.bottom / step + pad) + 1
        left, right = max(int(word.left / step - pad), 0), int(word.right / step + pad) + 1
        rest[top:bottom, left:right] = False
    return rest


def _without_rules(dark: Bits, scale: float) -> Bits:
    """Long straight runs, with a pixel on either side, left out; not where they are thick."""
    from scipy import ndimage  # noqa: PLC0415 - takes a while, which born-digital files can spare

    def opened(bits: Any, length: int, axis: int, more: int = 0) -> Any:
        core = ndimage.minimum_filter1d(bits, length, axis=axis, mode="constant")
        return ndimage.maximum_filter1d(core, length + more, axis=axis, mode="constant")

    length, thick = max(round(_RULE * scale), 3), max(round(_THICK * scale), 3)
    bits = dark.astype(np.uint8)
    rules = np.zeros_like(bits)
    for axis in (0, 1):
        runs = opened(bits, length, axis, more=4)
        thin = runs & ~opened(runs, thick, 1 - axis) & 1
        rules |= ndimage.maximum_filter1d(thin, 3, axis=1 - axis, mode="constant")
    rest: Bits = np.logical_and(dark, rules == 0)
    return rest


def _halved(dark: Bits) -> Bits:
    """Dark where any of four pixels is: small gaps close."""
    rows, columns = dark.shape[0] // 2 * 2, dark.shape[1] // 2 * 2
    fours = dark[:rows, :columns].reshape(rows // 2, 2, columns // 2, 2)
    halved: Bits = np.any(fours, axis=(1, 3))
    return halved


def _fits(value: float, bounds: tuple[float, float]) -> bool:
    return bounds[0] <= value <= bounds[1]


def _box(place: tuple[slice, slice]) -> Box:
    return Box(place[1].start, place[0].start, place[1].stop, place[0].stop)


def _times(box: Box, factor: float) -> Box:
    return Box(box.left * factor, box.top * factor, box.right * factor, box.bottom * factor)
