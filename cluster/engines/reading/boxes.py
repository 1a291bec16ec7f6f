"""Boxes of forms in the picture of a page: small squares with four dark sides, ticked or empty."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from cluster.engines.reading.straighten import Picture
from domain.pages import Box

_SMALLEST, _LARGEST = 7.0, 17.0
"""Of the sides, in points."""
_DARK = 128
_SIDE = 0.8
"""Share of a side that is dark: a printed letter has no four such sides."""
_EMPTY, _TICKED = 0.04, 0.08
"""Shares of dark inside; between them nobody can tell."""
_MOST = 400


def find_boxes(picture: Picture, scale: float) -> Iterator[tuple[Box, bool]]:
    """In the picture's pixels, with whether something stands inside; `scale`: pixels a point."""
    from scipy import ndimage  # noqa: PLC0415 - takes a while, which born-digital files can spare

    dark = np.asarray(picture.convert("L")) < _DARK
    labels, _ = ndimage.label(dark, structure=np.ones((3, 3)))
    found = 0
    for place in ndimage.find_objects(labels):
        height, width = (side.stop - side.start for side in place)
        if not _is_square(width / scale, height / scale) or found >= _MOST:
            continue
        cut = dark[place]
        inside = _inside(cut, max(round(scale * 1.5), 2))
        if _has_sides(cut) and (inside <= _EMPTY or inside >= _TICKED):
            found += 1
            top, left = place[0].start, place[1].start
            yield Box(left, top, left + width, top + height), inside >= _TICKED


def _is_square(width: float, height: float) -> bool:
    low, high = sorted((width, height))
    return low >= _SMALLEST and high <= _LARGEST and high <= 1.25 * low


def _has_sides(cut: NDArray[np.bool_]) -> bool:
    """Each side may be a pixel or two off its edge."""
    near = 3
    sides = (cut[:near].any(0), cut[-near:].any(0), cut[:, :near].any(1), cut[:, -near:].any(1))
    return all(float(side.mean()) >= _SIDE for side in sides) and float(cut.mean()) < 0.75


def _inside(cut: NDArray[np.bool_], border: int) -> float:
    inner = cut[border:-border, border:-border]
    return float(inner.mean()) if inner.size else 1.0
