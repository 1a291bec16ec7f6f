"""Pieces of lines as a PDF holds them, joined into printed lines; where paragraphs begin."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from domain.pages import Box, Line

_SAME_ROW = 0.6
"""Share of the lower piece's height that two pieces of one printed line have in common."""
_MARKER_CHARS = 8
_BOX = re.compile(r"\[\s*[xX]?\s*\]|[☐☑☒]")
_WIDE_GAP = 60.0
_GAP = 2.0
"""In sizes of the letters: two pieces farther apart are two columns."""
_PARAGRAPH_GAP = 1.35
"""In usual steps from line to line."""
_APART = 2.6
"""In usual steps: farther above or below is another stretch of the page."""
_INDENT = 5.0
_ABOUT = 10
_BEGINS_NEAR = 45.0


@dataclass(frozen=True, slots=True)
class Fragment:
    line: Line
    table: int | None = None

    @property
    def box(self) -> Box:
        if self.line.box is None:
            raise ValueError("a fragment has a place")
        return self.line.box


def join_fragments(fragments: Sequence[Fragment]) -> list[Line]:
    """Neighbours on one baseline become one line: a bullet and its text, a number and its title."""
    lines: list[Line] = []
    for fragment in fragments:
        if lines and _continues(lines[-1], fragment.line):
            lines[-1] = _joined(lines[-1], fragment.line)
        else:
            lines.append(fragment.line)
    return lines


def opened(lines: Sequence[Line]) -> Iterator[Line]:
    """The lines again, each with whether a paragraph begins there."""
    step = _usual_step(lines)
    margins = _right_margins(lines, step)
    previous: Line | None = None
    inside = False
    for line, margin in zip(lines, margins, strict=True):
        opens = previous is None or _opens(previous, line, step, margin, after_first=inside)
        yield replace(line, opens=opens)
        inside, previous = opens, line


def _continues(one: Line, other: Line) -> bool:
    if one.cell != other.cell or one.box is None or other.box is None:
        return False
    common = min(one.box.bottom, other.box.bottom) - max(one.box.top, other.box.top)
    if common < _SAME_ROW * min(one.box.height, other.box.height):
        return False
    gap = other.box.left - one.box.right
    if _BOX.fullmatch(other.text):
        return gap >= -1.0
    room = _WIDE_GAP if len(one.text) <= _MARKER_CHARS else _GAP * max(one.size, other.size)
    return -1.0 <= gap <= room


def _joined(one: Line, other: Line) -> Line:
    if one.box is None or other.box is None:
        raise ValueError("a fragment has a place")
    return replace(
        one,
        text=f"{one.text} {other.text}",
        box=one.box | other.box,
        words=one.words + other.words,
        size=max(one.size, other.size),
        bold=other.bold and (one.bold or len(one.text) <= _MARKER_CHARS),
    )


def _usual_step(lines: Sequence[Line]) -> float:
    """From the top of a line to the top of the next, where both are of one paragraph or nearly."""
    steps = [
        below.box.top - above.box.top
        for above, below in pairwise(lines)
        if above.box and below.box and 0 < below.box.top - above.box.top < 3 * above.size
    ]
    return median(steps) if steps else 0.0


def _right_margins(lines: Sequence[Line], step: float) -> list[float]:
    """For each line the right edge of its column: of the lines about it that begin near it."""
    return [max(_edges(lines, number, step)) for number in range(len(lines))]


def _edges(lines: Sequence[Line], number: int, step: float) -> Iterator[float]:
    middle = lines[number]
    above = reversed(lines[max(number - _ABOUT, 0) : number])
    below = lines[number + 1 : number + _ABOUT + 1]
    for side in ((middle,), _not_apart(middle, above, step), _not_apart(middle, below, step)):
        for line in side:
            near = abs(line.indent - middle.indent) <= _BEGINS_NEAR
            if line is middle or (near and line.cell == middle.cell):
                yield line.box.right if line.box else 0.0


def _not_apart(middle: Line, lines: Iterable[Line], step: float) -> Iterator[Line]:
    """Up to a gap as wide as one to a running header: such a line may be wider than the column."""
    last = middle
    for line in lines:
        if last.box and line.box and abs(line.box.top - last.box.top) > _APART * step:
            return
        yield line
        last = line


def _opens(above: Line, line: Line, step: float, margin: float, *, after_first: bool) -> bool:
    if above.cell != line.cell or above.box is None or line.box is None:
        return True
    down = line.box.top - above.box.top
    if down <= 0:
        return not _runs_on(above.text, line.text)
    if down > _PARAGRAPH_GAP * max(step, line.size * 1.1):
        return True
    return (
        _would_have_fit(above, line, margin)
        or abs(above.size - line.size) > 1
        or _steps_in(above, line, after_first=after_first)
    )


def _would_have_fit(above: Line, line: Line, margin: float) -> bool:
    """The first word had room in the line above, so that the break was meant."""
    if above.box is None or not line.words:
        return False
    return above.box.right + line.words[0].box.width + line.size < margin


def _steps_in(above: Line, line: Line, *, after_first: bool) -> bool:
    """Indented more than the line above, other than below the first line of a hanging indent."""
    if above.box is None or line.box is None:
        return False
    return line.box.left > above.box.left + _INDENT and not after_first


def _runs_on(above: str, text: str) -> bool:
    return not above.endswith((".", ":", ";")) and text[:1].islower()
