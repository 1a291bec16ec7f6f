"""Pictures of pages, turned so that their lines run level; and points turned back."""

from dataclasses import dataclass
from functools import reduce
from math import cos, radians, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from domain.pages import Box

_MOST_DEGREES = 6.0
_COARSE, _FINE = 0.5, 0.05
_LEAST_TURN = 0.15
"""Degrees that recognition does not mind."""
_DARK = 128
_LOOKED_AT = 60_000
"""Dark pixels are enough to see how lines run."""

Picture = Image.Image
Points = tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True, slots=True)
class Turned:
    """A picture turned counterclockwise about its middle, and large enough for all of it."""

    picture: Picture
    degrees: float
    source: tuple[int, int]

    def back(self, box: Box) -> Box:
        """A box in the turned picture's pixels: the smallest around it in the source's."""
        angle = radians(self.degrees)
        middle = self.picture.width / 2, self.picture.height / 2
        xs, ys = [], []
        for x in (box.left - middle[0], box.right - middle[0]):
            for y in (box.top - middle[1], box.bottom - middle[1]):
                xs.append(x * cos(angle) - y * sin(angle) + self.source[0] / 2)
                ys.append(x * sin(angle) + y * cos(angle) + self.source[1] / 2)
        return Box(min(xs), min(ys), max(xs), max(ys))


@dataclass(frozen=True, slots=True)
class Look:
    """A picture of a page, levelled step by step. `scale`: its pixels a point."""

    steps: tuple[Turned, ...]
    scale: float

    @property
    def picture(self) -> Picture:
        return self.steps[-1].picture

    def place(self, box: Box) -> Box:
        """From the level picture's pixels to the page's points."""
        back = reduce(lambda at, step: step.back(at), reversed(self.steps), box)
        return Box(*(edge / self.scale for edge in (back.left, back.top, back.right, back.bottom)))


def levelled(picture: Picture, scale: float, turn: int = 0) -> Look:
    """Its lines level, after a turn by 0, 90, 180 or 270 degrees; and by 90 more where it needs."""
    steps = [turned(picture, turn)]
    level = turned(steps[-1].picture, skew(steps[-1].picture))
    if lies_on_its_side(level.picture):
        steps.append(turned(steps[-1].picture, 90))
        level = turned(steps[-1].picture, skew(steps[-1].picture))
    return Look((*steps, level), scale)


def turned(picture: Picture, degrees: float) -> Turned:
    if not degrees:
        return Turned(picture, 0.0, picture.size)
    resample = Image.Resampling.NEAREST if degrees % 90 == 0 else Image.Resampling.BICUBIC
    moved = picture.rotate(degrees, resample=resample, expand=True, fillcolor=255)
    return Turned(moved, degrees, picture.size)


def skew(picture: Picture) -> float:
    """How far to turn it, in degrees counterclockwise, for level lines: at most 6; else 0."""
    points = _dark_points(picture)
    if len(points[0]) < 200:
        return 0.0
    coarse = np.arange(-_MOST_DEGREES, _MOST_DEGREES + _COARSE, _COARSE)
    best = max(coarse, key=lambda degrees: _evenness(points, degrees))
    fine = np.arange(best - _COARSE, best + _COARSE + _FINE, _FINE)
    found = float(max(fine, key=lambda degrees: _evenness(points, degrees)))
    return found if abs(found) >= _LEAST_TURN else 0.0


def lies_on_its_side(picture: Picture) -> bool:
    """Whether its lines run from top to bottom."""
    across, down = _dark_points(picture)
    if len(across) < 200:
        return False
    return _sharpness(across) > 1.5 * _sharpness(down)


def _evenness(points: Points, degrees: float) -> float:
    """How sharply dark rows and light ones part when the picture is turned so."""
    across, down = points
    return _sharpness(down - across * np.tan(radians(degrees)))


def _sharpness(places: NDArray[np.float64]) -> float:
    counts = np.bincount((places - places.min()).astype(np.int64)).astype(np.float64)
    return float(np.square(np.diff(counts)).sum())


def _dark_points(picture: Picture) -> Points:
    """About its middle, in pixels of a picture at most 1,000 wide."""
    small = picture.convert("L")
    small.thumbnail((1000, 1300), Image.Resampling.BOX)
    down, across = np.nonzero(np.asarray(small) < _DARK)
    every = max(len(down) // _LOOKED_AT, 1)
    return (
        across[::every].astype(np.float64) - small.width / 2,
        down[::every].astype(np.float64) - small.height / 2,
    )
