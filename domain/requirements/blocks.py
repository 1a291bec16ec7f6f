"""Paragraphs: printed lines joined over lines and pages, each character with its place."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from domain.pages import Box, Cell, Line, Page
from domain.requirements.markers import Marker, kind_of, leading_markers
from domain.requirements.models import Place

_ENDS = (".", ":", ";", "?", "!", "—", "]", '."', ".”", ".)")
_WRAPPED_CHARS = 40


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, a list item, a heading or a table cell.

    `lines[n]` begins at character `starts[n]` of `text`; `body` is where the text begins behind its
    markers.
    """

    text: str
    body: int
    markers: tuple[Marker, ...]
    lines: tuple[tuple[int, Line], ...]
    starts: tuple[int, ...]

    @property
    def page(self) -> int:
        return self.lines[0][0]

    @property
    def first(self) -> Line:
        return self.lines[0][1]

    @property
    def cell(self) -> Cell | None:
        return self.first.cell

    @property
    def content(self) -> str:
        return self.text[self.body :]

    @property
    def is_bold(self) -> bool:
        return all(line.bold for _, line in self.lines)

    def page_at(self, at: int) -> int:
        return self.lines[bisect_right(self.starts, at) - 1][0]

    def places(self, start: int, end: int) -> tuple[Place, ...]:
        """Where characters `start` to `end` stand: a box for each line, page by page."""
        found: dict[int, list[Place]] = {}
        for number, (page, line) in enumerate(self.lines):
            offset = self.starts[number]
            if offset < end and start < offset + len(line.text):
                found.setdefault(page, []).append(
                    _stretch(page, line, start - offset, end - offset)
                )
        return tuple(
            Place(page, tuple(box for place in places for box in place.boxes))
            for page, places in found.items()
        )


def blocks_of(pages: Sequence[Page]) -> list[Block]:
    """In reading order. A paragraph that goes on over the page break is one block."""
    groups: list[list[tuple[int, Line]]] = []
    for page in pages:
        for number, line in enumerate(line for line in page.lines if line.text.strip()):
            if groups and not _begins(groups[-1][-1], line, first_of_page=number == 0):
                groups[-1].append((page.number, line))
            else:
                groups.append([(page.number, line)])
    return [_block(group) for group in groups]


def _begins(before: tuple[int, Line], line: Line, *, first_of_page: bool) -> bool:
    previous = before[1]
    if line.marker or line.cell != previous.cell or line.heading != previous.heading:
        return True
    if first_of_page:
        return not _runs_over(previous, line)
    markers, rest = leading_markers(line.text)
    if (
        markers
        and markers[0].kind not in {"-", "\u2013", "—", "*"}
        and _is_item(markers, rest, previous)
    ):
        return True
    return line.opens


def _runs_over(previous: Line, line: Line) -> bool:
    """Whether a paragraph goes on from the last line of a page to the first of the next."""
    if previous.text.rstrip().endswith(_ENDS):
        return False
    if line.text[:1].islower() and not leading_markers(line.text)[0]:
        return True
    same_style = previous.bold == line.bold and abs(previous.size - line.size) < 1
    long = len(previous.text) > _WRAPPED_CHARS
    return same_style and long and not leading_markers(line.text)[0]


def _is_item(markers: Sequence[Marker], rest: str, previous: Line) -> bool:
    """A number at the start of a line that only wrapped there is no marker."""
    first = markers[0]
    if first.kind == "[ ]" and rest[:1].islower():
        return False
    if first.text.startswith("(") or first.kind in {"[ ]", "•"}:
        return (
            previous.text.rstrip().endswith((*_ENDS, ",", "and", "or", "\u2013", "-")) or not rest
        )
    if first.text.endswith(".") and first.kind in {"1.", "a.", "A.", "i.", "I."}:
        return previous.text.rstrip().endswith(_ENDS)
    return first.kind in {"o"} or previous.text.rstrip().endswith(_ENDS)


def _block(group: Sequence[tuple[int, Line]]) -> Block:
    text = ""
    starts = []
    for _, line in group:
        joint = "" if not text or _hyphenated(text, line.text) else " "
        starts.append(len(text) + len(joint))
        text += joint + line.text
    markers, rest = leading_markers(text)
    label = group[0][1].marker
    if label:
        markers = [Marker(label, kind_of(label)), *markers]
    return Block(text, len(text) - len(rest), tuple(markers), tuple(group), tuple(starts))


def _hyphenated(text: str, following: str) -> bool:
    return text.endswith("-") and text[-2:-1].isalpha() and following[:1].islower()


def _stretch(page: int, line: Line, start: int, end: int) -> Place:
    """The box around those words of the line that lie between two characters."""
    boxes = list(_touched(line, start, end))
    if not boxes:
        return Place(page, (line.box,) if line.box else ())
    whole = boxes[0]
    for box in boxes[1:]:
        whole |= box
    return Place(page, (whole,))


def _touched(line: Line, start: int, end: int) -> Iterator[Box]:
    at = 0
    for word in line.words:
        if at < end and start < at + len(word.text):
            yield word.box
        at += len(word.text) + 1
