"""Words found on pages: how often, in which surroundings, and where."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from domain.pages import Box, Page

_AROUND = 48
"""Characters shown on each side of a hit."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One place: `nth` on its page, from 1, with what stands around it."""

    page: int
    nth: int
    before: str
    words: str
    after: str


def pattern_of(words: str) -> str:
    """A regular expression, for Python and Postgres alike; empty where no word is asked for.

    Words stand in their order, whatever white space is between them.
    """
    return r"\s+".join(re.escape(word) for word in words.replace("\x00", " ").split())


def hits_on(number: int, text: str, words: str) -> list[Hit]:
    """Whatever their case."""
    return [
        Hit(
            number,
            nth,
            _flat(text[max(match.start() - _AROUND, 0) : match.start()]),
            _flat(match[0]),
            _flat(text[match.end() : match.end() + _AROUND]),
        )
        for nth, match in enumerate(_matches(text, words), start=1)
    ]


def places_on(page: Page, words: str) -> list[tuple[Box, ...]]:
    """For each hit in its order: a box for each line that it touches; none without places."""
    spans = list(_spans(page))
    return [
        tuple(_by_line([span for span in spans if _touches(span, match)]))
        for match in _matches(page.text, words)
    ]


_Span = tuple[int, int, int, Box]
"""Start and end in the page's text, the line's number, the box."""


def _spans(page: Page) -> Iterator[_Span]:
    at = 0
    for number, line in enumerate(page.lines):
        start = at
        for word in line.words:
            yield start, start + len(word.text), number, word.box
            start += len(word.text) + 1
        at += len(line.text) + 1


def _touches(span: _Span, match: re.Match[str]) -> bool:
    start, end, *_ = span
    return start < match.end() and end > match.start()


def _by_line(spans: Sequence[_Span]) -> Iterator[Box]:
    for _, group in groupby(spans, key=lambda span: span[2]):
        first, *more = (box for *_, box in group)
        for box in more:
            first |= box
        yield first


def _matches(text: str, words: str) -> Iterator[re.Match[str]]:
    pattern = pattern_of(words)
    return re.finditer(pattern, text, re.IGNORECASE) if pattern else iter(())


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text)
