"""Reading order of a page that is set in two columns; others keep the order of the file."""

from collections.abc import Sequence
from itertools import groupby
from statistics import median

from cluster.engines.reading.fragments import Fragment

_LEAST_LINES = 8
_MIDDLE = (0.35, 0.65)
"""Where a gutter may lie, in page widths."""
_CROSSING = 0.25
"""Share of the lines that may run across the gutter: titles, footers, figures."""
_FILLED = 0.55
"""How wide the lines of a column are, in widths of the column: a form's labels are narrower."""
_CLEAR = 4.0


def in_reading_order(fragments: Sequence[Fragment], width: float) -> list[Fragment]:
    """Left column before right, between the lines that run across both."""
    gutter = _gutter(fragments, width)
    if gutter is None:
        return list(fragments)
    ordered: list[Fragment] = []
    by_height = sorted(fragments, key=lambda fragment: fragment.box.top)
    for across, band in groupby(by_height, key=lambda fragment: _crosses(fragment, gutter)):
        pieces = list(band)
        if across:
            ordered += pieces
        else:
            ordered += [piece for piece in pieces if piece.box.left < gutter]
            ordered += [piece for piece in pieces if piece.box.left >= gutter]
    return ordered


def _gutter(fragments: Sequence[Fragment], width: float) -> float | None:
    """The middle of the white strip between two columns of running text; None if there is none."""
    free = [fragment for fragment in fragments if fragment.table is None]
    starts = sorted({round(f.box.left) for f in free if _inside(f.box.left, width)})
    best: tuple[int, float] | None = None
    for start in starts:
        at = start - _CLEAR
        crossing = sum(_crosses(fragment, at) for fragment in free)
        if _two_columns(free, at, width, crossing) and (best is None or crossing < best[0]):
            best = crossing, at
    return best[1] if best else None


def _two_columns(free: Sequence[Fragment], at: float, width: float, crossing: int) -> bool:
    left = [fragment for fragment in free if fragment.box.right <= at + 1]
    right = [fragment for fragment in free if fragment.box.left >= at]
    if min(len(left), len(right)) < _LEAST_LINES or crossing > _CROSSING * len(free):
        return False
    return _filled(left, at) and _filled(right, width - at) and _beside(left, right)


def _filled(column: Sequence[Fragment], room: float) -> bool:
    inner = max(fragment.box.right for fragment in column) - min(f.box.left for f in column)
    usual = median(fragment.box.width for fragment in column)
    return usual >= _FILLED * inner and inner >= _FILLED * room


def _beside(left: Sequence[Fragment], right: Sequence[Fragment]) -> bool:
    """Whether the columns stand side by side for at least half of the shorter one."""
    tops = [
        (min(f.box.top for f in side), max(f.box.bottom for f in side)) for side in (left, right)
    ]
    common = min(tops[0][1], tops[1][1]) - max(tops[0][0], tops[1][0])
    return common >= 0.5 * min(bottom - top for top, bottom in tops)


def _crosses(fragment: Fragment, at: float) -> bool:
    return fragment.box.left < at - _CLEAR and fragment.box.right > at + _CLEAR


def _inside(left: float, width: float) -> bool:
    return _MIDDLE[0] * width < left < _MIDDLE[1] * width
