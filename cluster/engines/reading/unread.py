"""How much of what looks like print on a page no word was read from."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cluster.engines.reading.straighten import Picture
from domain.pages import Box

_CELL = 8
"""Pixels of a side, in a picture of `_DPI`: about a letter."""
_DPI = 75
_CLEAR = 3.0
"""In usual differences between neighbouring pixels: more is no noise, and no paper."""
_LEAST = 2.5
"""Grey levels: less is invisible."""
_FEW = 60
"""Cells: fewer are a mark or two."""


def unread(picture: Picture, dpi: int, words: Iterable[Box]) -> float:
    """Share of the cells with upright strokes that lie in no word, from 0 to 1."""
    shrink = _DPI / dpi
    size = max(int(picture.width * shrink), 1), max(int(picture.height * shrink), 1)
    strokes = _strokes(picture.resize(size, Image.Resampling.BOX))
    if strokes.sum() < _FEW:
        return 0.0
    covered = np.zeros_like(strokes)
    for box in words:
        rows = slice(_cell(box.top * shrink, -1), _cell(box.bottom * shrink, 2))
        covered[rows, _cell(box.left * shrink, -1) : _cell(box.right * shrink, 2)] = True
    return float((strokes & ~covered).sum() / strokes.sum())


def _strokes(picture: Picture) -> NDArray[np.bool_]:
    """Of each cell, whether grey changes across it more than it does nearly everywhere."""
    pixels = np.asarray(picture.convert("L"), dtype=np.float32)
    changes = np.abs(np.diff(pixels, axis=1))
    high, wide = changes.shape[0] // _CELL, changes.shape[1] // _CELL
    whole = changes[: high * _CELL, : wide * _CELL].reshape(high, _CELL, wide, _CELL)
    means = whole.mean(axis=(1, 3))
    if not means.size:
        return np.zeros((0, 0), dtype=np.bool_)
    paper = float(np.quantile(means, 0.25))
    found: NDArray[np.bool_] = means > max(_CLEAR * paper, paper + _LEAST)
    return found


def _cell(pixels: float, more: int) -> int:
    return max(int(pixels / _CELL) + more, 0)
