"""Plain text: pages end at form feeds, paragraphs at blank, short or indented lines."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from domain.errors import Unreadable
from domain.pages import Line, Page

_SHORT = 0.6
"""A line this much shorter than the longest about it was broken on purpose."""
_WRAPPED = 40
"""Where no line is longer than this, lines are not wrapped paragraphs."""
_UNWRAPPED = 180
"""Where lines are longer than this, each is a paragraph of its own."""


def read_plain(path: Path) -> list[Page]:
    """UTF-8, else Latin-1. Raises Unreadable if nothing is in it."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if not text.strip():
        raise Unreadable(file=path.name, reason="it is empty", code="empty")
    return [
        Page(number, tuple(_lines(page.splitlines())))
        for number, page in enumerate(text.split("\f"), 1)
    ]


def _lines(raw: Sequence[str]) -> Iterator[Line]:
    after_blank = True
    previous = ""
    widths = sorted(len(line.rstrip()) for line in raw if line.strip())
    margin = widths[int(len(widths) * 0.9)] if widths else 0
    for line in raw:
        if line.strip():
            opens = after_blank or _would_have_fit(previous, line, margin) or _steps(previous, line)
            indent = len(line) - len(line.lstrip())
            yield Line(" ".join(line.split()), opens=opens, indent=float(indent))
        after_blank = not line.strip()
        previous = line


def _would_have_fit(previous: str, line: str, margin: int) -> bool:
    if not _WRAPPED < margin <= _UNWRAPPED:
        return True
    first = line.split(maxsplit=1)[0]
    return len(previous.rstrip()) + 1 + len(first) < margin * _SHORT


def _steps(previous: str, line: str) -> bool:
    """Whether the line is indented more than the one before, as a first line is."""
    indents = [len(text) - len(text.lstrip()) for text in (previous, line)]
    return indents[1] > indents[0] + 2 and previous.rstrip().endswith((".", ":", ";"))
