"""Ruled lines of a page, from its drawings, and the cells that they enclose.

The way of Nurminen's thesis, as Tabula, pdfplumber and PyMuPDF go it: sides of drawings snap to
common places and join, they cross at points, and four points whose sides connect are a cell.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

import numpy as np

from domain.pages import Box

_NEAR = 3.0
"""Points: lines closer than this are one, and a thinner rectangle is a line."""
_SHORTEST = 1.0

Point = tuple[float, float]
Cells = list[Box]


class Side(NamedTuple):
    """A line that runs level, `at` that height from `low` to `high`; or upright, likewise."""

    at: float
    low: float
    high: float


class Sides(NamedTuple):
    upright: list[Side]
    level: list[Side]


class Crossing(NamedTuple):
    """Which upright and which level sides meet there, by number."""

    upright: set[int]
    level: set[int]


def grids(drawings: Sequence[Mapping[str, Any]], sheet: Box, words: Sequence[Box]) -> list[Cells]:
    """Cells of each group of cells with common corners, in at least two columns with words."""
    outlines = [rect for rect in outlines_of(drawings) if _has_word(rect, words)]
    lines = [*_lines_of(drawings), *(line for rect in outlines for line in _edges(rect))]
    kept = [clipped for line in lines if (clipped := _clipped(line, sheet))]
    cells = _cells(_crossings(_merged(_sorted_by_run(kept))))
    tables = [table for table in _tables(cells) if _is_worth_it(table, words)]
    return sorted(tables, key=lambda table: min((cell.top, cell.left) for cell in table))


def outlines_of(drawings: Sequence[Mapping[str, Any]]) -> list[Box]:
    """The smallest boxes around drawings that touch one another, or nearly."""
    places = {tuple(drawing["rect"]) for drawing in drawings}
    left = np.array(sorted(places, key=lambda place: (place[3], place[0])))
    found = []
    while len(left):
        grown, rest = left[0].copy(), left[1:]
        while len(rest):
            touching = _touch(grown, rest)
            if not touching.any():
                break
            grown[:2] = np.minimum(grown[:2], rest[touching][:, :2].min(0))
            grown[2:] = np.maximum(grown[2:], rest[touching][:, 2:].max(0))
            rest = rest[~touching]
        found.append(Box(*(float(edge) for edge in grown)))
        left = rest
    return found


def _touch(one: Any, others: Any) -> Any:
    low, high = one - _NEAR, one + _NEAR
    across = (others[:, 0] <= high[2]) & (others[:, 2] >= low[0])
    return across & (others[:, 1] <= high[3]) & (others[:, 3] >= low[1])


def _lines_of(drawings: Iterable[Mapping[str, Any]]) -> Iterator[tuple[Point, Point]]:
    for drawing in drawings:
        items = drawing["items"]
        for item in items:
            if item[0] == "l":
                yield item[1], item[2]
            elif item[0] == "re":
                yield from _lines_of_rectangle(item[1])
            elif item[0] == "qu":
                upper_left, upper_right, lower_left, lower_right = item[1]
                yield from (
                    (upper_left, lower_left),
                    (lower_left, lower_right),
                    (lower_right, upper_right),
                    (upper_right, upper_left),
                )
        if drawing.get("closePath") and items and items[0][0] == items[-1][0] == "l":
            yield items[-1][2], items[0][1]


def _lines_of_rectangle(rect: Sequence[float]) -> Iterable[tuple[Point, Point]]:
    (left, right), (top, bottom) = sorted((rect[0], rect[2])), sorted((rect[1], rect[3]))
    width, height = right - left, bottom - top
    if width <= _NEAR and width < height:
        middle = (left + right) / 2
        return [((middle, top), (middle, bottom))]
    if height <= _NEAR and height < width:
        middle = (top + bottom) / 2
        return [((left, middle), (right, middle))]
    return _edges(Box(left, top, right, bottom))


def _edges(box: Box) -> list[tuple[Point, Point]]:
    left, top, right, bottom = box.left, box.top, box.right, box.bottom
    return [
        ((left, top), (left, bottom)),
        ((left, bottom), (right, bottom)),
        ((right, top), (right, bottom)),
        ((left, top), (right, top)),
    ]


def _clipped(line: tuple[Point, Point], sheet: Box) -> Box | None:
    """From corner to corner; None where it is slanted, or not on the sheet."""
    (ax, ay), (bx, by) = line
    if abs(ax - bx) > _NEAR and abs(ay - by) > _NEAR:
        return None
    left, right = max(min(ax, bx), sheet.left), min(max(ax, bx), sheet.right)
    top, bottom = max(min(ay, by), sheet.top), min(max(ay, by), sheet.bottom)
    if left > right or top > bottom or (left == right and top == bottom):
        return None
    return Box(left, top, right, bottom)


def _sorted_by_run(lines: Iterable[Box]) -> Sides:
    sides = Sides([], [])
    for line in lines:
        if line.top == line.bottom:
            if line.width >= _SHORTEST:
                sides.level.append(Side(line.top, line.left, line.right))
        elif line.height >= _SHORTEST:
            sides.upright.append(Side(line.left, line.top, line.bottom))
    return sides


def _merged(sides: Sides) -> Sides:
    return Sides(_joined(_snapped(sides.upright)), _joined(_snapped(sides.level)))


def _snapped(sides: Sequence[Side]) -> list[Side]:
    """Neighbours stand where they stand on the average."""
    snapped: list[Side] = []
    group: list[Side] = []
    for side in sorted(sides):
        if group and side.at > group[-1].at + _NEAR:
            snapped += _levelled(group)
            group = []
        group.append(side)
    return snapped + _levelled(group)


def _levelled(group: Sequence[Side]) -> list[Side]:
    if not group:
        return []
    at = sum(side.at for side in group) / len(group)
    return [side._replace(at=at) for side in group]


def _joined(sides: Sequence[Side]) -> list[Side]:
    """Pieces of one line, with small gaps between them, are one."""
    joined: list[Side] = []
    for side in sorted(sides):
        last = joined[-1] if joined else None
        if last and last.at == side.at and side.low <= last.high + _NEAR:
            joined[-1] = last._replace(high=max(last.high, side.high))
        else:
            joined.append(side)
    return [side for side in joined if side.high - side.low >= _NEAR]


def _crossings(sides: Sides) -> dict[Point, Crossing]:
    crossings: dict[Point, Crossing] = {}
    for upright, (x, top, bottom) in enumerate(sides.upright):
        for level, (y, left, right) in enumerate(sides.level):
            across = left - _NEAR <= x <= right + _NEAR
            if across and top - _NEAR <= y <= bottom + _NEAR:
                crossing = crossings.setdefault((x, y), Crossing(set(), set()))
                crossing.upright.add(upright)
                crossing.level.add(level)
    return crossings


def _cells(crossings: Mapping[Point, Crossing]) -> Cells:
    """From each point the smallest cell to its right and below."""
    points = sorted(crossings)
    columns = {x: list(group) for x, group in groupby(points, key=lambda point: point[0])}
    by_row = sorted(points, key=lambda point: (point[1], point[0]))
    rows = {y: list(group) for y, group in groupby(by_row, key=lambda point: point[1])}
    found = (_cell(point, crossings, columns[point[0]], rows[point[1]]) for point in points)
    return [cell for cell in found if cell]


def _cell(
    point: Point, crossings: Mapping[Point, Crossing], column: list[Point], row: list[Point]
) -> Box | None:
    here = crossings[point]
    below = [at for at in column if at > point and here.upright & crossings[at].upright]
    beside = [at for at in row if at > point and here.level & crossings[at].level]
    for left, bottom in below:
        for right, top in beside:
            corner = crossings.get((right, bottom))
            if (
                corner
                and corner.upright & crossings[right, top].upright
                and corner.level & crossings[left, bottom].level
            ):
                return Box(*point, right, bottom)
    return None


def _tables(cells: Sequence[Box]) -> Iterator[Cells]:
    """Cells that have corners in common, with others between them or directly."""
    left = list(cells)
    while left:
        table, corners = [left[0]], set(_corners(left[0]))
        rest, grew = left[1:], True
        while grew:
            apart = []
            for cell in rest:
                if corners.isdisjoint(_corners(cell)):
                    apart.append(cell)
                else:
                    table.append(cell)
                    corners.update(_corners(cell))
            grew, rest = len(apart) < len(rest), apart
        yield table
        left = rest


def _corners(cell: Box) -> tuple[Point, ...]:
    left, top, right, bottom = cell.left, cell.top, cell.right, cell.bottom
    return (left, top), (left, bottom), (right, top), (right, bottom)


def _is_worth_it(table: Cells, words: Sequence[Box]) -> bool:
    if len({cell.left for cell in table}) < 2 or len({cell.right for cell in table}) < 2:
        return False
    around = table[0]
    for cell in table[1:]:
        around |= cell
    return any(
        word.left < around.right
        and word.right > around.left
        and word.top < around.bottom
        and word.bottom > around.top
        for word in words
    )


def _has_word(rect: Box, words: Sequence[Box]) -> bool:
    """Of a word a part is enough: what of it sticks out belongs to its line's height."""
    return any(
        word.left < rect.right
        and word.right > rect.left
        and rect.top <= (word.top + word.bottom) / 2 <= rect.bottom
        for word in words
    )
