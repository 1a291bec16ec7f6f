"""Quotes found again in the pages they come from: what is not found is not shown."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from domain.pages import Box, Line, Page

_SIGNS = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u2032`", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
    }
)


@dataclass(frozen=True, slots=True)
class Quote:
    """`text` as the page prints it, lines joined by spaces; no boxes where the format has none."""

    page: int
    text: str
    boxes: tuple[Box, ...] = ()


def fold(text: str) -> str:
    """Without white space, letters and signs in one form: how quotes are compared."""
    return "".join(unicodedata.normalize("NFKC", text.translate(_SIGNS)).lower().split())


class QuoteFinder:
    """Folds each page once."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = {page.number: _FoldedPage(page) for page in pages}

    def find(self, text: str, page: int | None = None) -> Quote | None:
        """Its first place, on that page alone if one is given."""
        wanted = fold(text)
        if not wanted:
            return None
        numbers = self._pages if page is None else [page]
        for number in numbers:
            folded = self._pages.get(number)
            if folded and (found := folded.find(wanted)):
                return found
        return None


class _FoldedPage:
    def __init__(self, page: Page) -> None:
        self._page = page
        self._lines = (*page.lines, *page.running)

    @cached_property
    def _signs(self) -> list[tuple[str, int, int]]:
        """Each folded sign with its line and its place there."""
        return [
            (sign, number, at)
            for number, line in enumerate(self._lines)
            for at, raw in enumerate(line.text)
            for sign in fold(raw)
        ]

    @cached_property
    def _text(self) -> str:
        return "".join(sign for sign, _, _ in self._signs)

    def find(self, wanted: str) -> Quote | None:
        start = self._text.find(wanted)
        if start < 0:
            return None
        _, first, begins = self._signs[start]
        _, last, ends = self._signs[start + len(wanted) - 1]
        spans = list(self._spans(first, begins, last, ends + 1))
        text = " ".join(line.text[low:high].strip() for line, low, high in spans)
        boxes = [box for span in spans if (box := box_of(*span))]
        return Quote(self._page.number, text, tuple(boxes))

    def _spans(
        self, first: int, begins: int, last: int, ends: int
    ) -> Iterator[tuple[Line, int, int]]:
        for number in range(first, last + 1):
            line = self._lines[number]
            low = begins if number == first else 0
            high = ends if number == last else len(line.text)
            if line.text[low:high].strip():
                yield line, low, high


def box_of(line: Line, start: int, end: int) -> Box | None:
    """Around the words of a line that stand between two places of its text."""
    box, at = None, 0
    for word in line.words:
        if at < end and at + len(word.text) > start:
            box = word.box if box is None else box | word.box
        at += len(word.text) + 1
    return box or (line.box if not line.words else None)
