"""The text of a document as the scorer sees it, and where in it a quote stands."""

import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from difflib import Match, SequenceMatcher
from pathlib import Path
from xml.etree import ElementTree

import pymupdf

Span = tuple[int, int]
"""From and to (exclusive), in characters of the folded text."""

_UNIFIED = str.maketrans(
    {
        **dict.fromkeys("\u201c\u201d\u201e\u00ab\u00bb", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u2032`", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212", "-"),
        "\u00ad": None,
        "\u200b": None,
    }
)
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_SIGNS = {f"{_W}tab": " ", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_MARKER = re.compile(
    r"^(?:[\u2022\u25cf\u25cb\u2610\uf0a7\uf0b7o*-]|\(?\w{1,4}[.)]|\d+(?:\.\d+)+)\s+"
)
_EDGE_LINES = 3
_ALIGNED = 0.5
"""Share of a quote's words that must be found for it to count as placed."""
_STRETCH = 4
"""How many words of the page an aligned run may leave out for each word it gains."""


def fold(text: str) -> str:
    """Without whitespace, quotes and dashes unified, lower case."""
    plain = unicodedata.normalize("NFKC", text.translate(_UNIFIED)).lower()
    return "".join(plain.split())


def read_pages(path: Path) -> list[str]:
    """The text of each page, lines apart. A DOCX is one page, its paragraphs in document order; so
    is a plain text."""
    if path.suffix == ".docx":
        return [_docx_text(path)]
    if path.suffix == ".txt":
        return [path.read_text(encoding="utf-8")]
    with pymupdf.open(path) as document:  # type: ignore[no-untyped-call]
        return without_running_lines([page.get_text() for page in document])


def without_running_lines(pages: Sequence[str]) -> list[str]:
    """Drop lines at the top or bottom that stand, digits apart, on at least half of the pages."""
    seen = Counter(shape for page in pages for shape in {_shape(line) for line in _edges(page)})
    running = {shape for shape, count in seen.items() if count >= max(3, len(pages) / 2)}
    return ["\n".join(_body(page, running)) for page in pages]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quote stands; `exact` is false if it was placed by aligned words."""

    span: Span
    exact: bool


class PageText:
    """Finds quotes in a document's pages, numbered from 1."""

    def __init__(self, pages: Sequence[str]) -> None:
        self._page_starts: list[int] = []
        self._line_starts: set[int] = set()
        self._line_ends: set[int] = set()
        self._words: list[tuple[str, Span]] = []
        parts: list[str] = []
        length = 0
        for page in pages:
            self._page_starts.append(length)
            for line in page.splitlines():
                folded = fold(line)
                self._note_line(line, length, length + len(folded))
                parts.append(folded)
                length += len(folded)
        self._page_starts.append(length)
        self._text = "".join(parts)

    def place(
        self, quote: str, page: int, after: int = 0, taken: Collection[Span] = ()
    ) -> Place | None:
        """The place on this page or the next to it. Where a quote stands more than once there, the
        nearest page wins, then a place not taken, one that fills its lines, one from `after` on."""
        span = self._near(page)
        wanted = fold(quote)
        if span is None or not wanted:
            return None
        places = [(at, at + len(wanted)) for at in self._occurrences(wanted, span)]
        if places:
            best = min(
                places, key=lambda at: (self._far(at, page), at in taken, *self._odd(at, after))
            )
            return Place(best, exact=True)
        aligned = self._align(quote, span)
        return Place(aligned, exact=False) if aligned else None

    def page_at(self, position: int) -> int:
        return sum(start <= position for start in self._page_starts[:-1])

    def _near(self, page: int) -> Span | None:
        count = len(self._page_starts) - 1
        if count == 1:
            return 0, len(self._text)
        if not 1 <= page <= count:
            return None
        return self._page_starts[max(page - 2, 0)], self._page_starts[min(page + 1, count)]

    def _occurrences(self, wanted: str, span: Span) -> Iterator[int]:
        at = self._text.find(wanted, span[0])
        while 0 <= at < span[1]:
            yield at
            at = self._text.find(wanted, at + 1)

    def _far(self, place: Span, page: int) -> int:
        return abs(self.page_at(place[0]) - page)

    def _odd(self, place: Span, after: int) -> tuple[bool, bool, int]:
        fills = place[0] in self._line_starts and place[1] in self._line_ends
        return not fills, place[0] < after, place[0]

    def _align(self, quote: str, span: Span) -> Span | None:
        wanted = [word for word in map(_letters, quote.split()) if word]
        words = [(word, at) for word, at in self._words if span[0] <= at[0] < span[1]]
        matcher = SequenceMatcher(None, wanted, [word for word, _ in words], autojunk=False)
        kept = _connected(matcher.get_matching_blocks())
        if not wanted or sum(block.size for block in kept) < _ALIGNED * len(wanted):
            return None
        return words[kept[0].b][1][0], words[kept[-1].b + kept[-1].size - 1][1][1]

    def _note_line(self, line: str, start: int, end: int) -> None:
        rest = line.strip()
        self._line_ends.add(end)
        while rest:
            self._line_starts.add(end - len(fold(rest)))
            shorter = _MARKER.sub("", rest, count=1)
            rest = shorter if shorter != rest else ""
        at = start
        for word in line.split():
            length = len(fold(word))
            if _letters(word):
                self._words.append((_letters(word), (at, at + length)))
            at += length


def _connected(blocks: Sequence[Match]) -> list[Match]:
    """The longest run of common words and the runs about it, without those that lie far off."""
    middle = max(range(len(blocks)), key=lambda number: blocks[number].size)
    kept = [blocks[middle]]
    for block in reversed(blocks[:middle]):
        if _left_out(block, kept[0]) <= _STRETCH * block.size:
            kept.insert(0, block)
    for block in blocks[middle + 1 :]:
        if _left_out(kept[-1], block) <= _STRETCH * block.size and block.size:
            kept.append(block)
    return kept


def _left_out(one: Match, other: Match) -> int:
    """How many more words stand between two runs in the page than in the quote."""
    return (other.b - one.b) - (other.a - one.a)


def _letters(word: str) -> str:
    return re.sub(r"\W", "", fold(word))


def _docx_text(path: Path) -> str:
    with zipfile.ZipFile(path) as parts:
        body = ElementTree.fromstring(parts.read("word/document.xml"))  # noqa: S314 - our own files
    return "\n".join(_paragraph_text(paragraph) for paragraph in body.iter(f"{_W}p"))


def _paragraph_text(paragraph: ElementTree.Element) -> str:
    parts = (_SIGNS.get(e.tag) or (e.text if e.tag == f"{_W}t" else "") for e in paragraph.iter())
    return "".join(part or "" for part in parts)


def _edges(page: str) -> list[str]:
    lines = [line for line in page.splitlines() if line.strip()]
    return lines[:_EDGE_LINES] + lines[-_EDGE_LINES:]


def _body(page: str, running: set[str]) -> Iterator[str]:
    edges = Counter(_edges(page))
    for line in page.splitlines():
        if not (edges[line] and _shape(line) in running):
            yield line


def _shape(line: str) -> str:
    return re.sub(r"\d+", "#", fold(line))
