"""Text in windows that a model reads whole: along sentences, overlapping, with their places."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser

CHUNK_CHARS = 800
"""About 200 tokens of English; a model with 256 reads codes and numbers of this length too."""
OVERLAP_CHARS = 120
MOST_CHUNKS = 64
"""Of one notice: 40,000 characters. What follows is boilerplate, and findable by keyword."""

_ENDS = re.compile(r"(?<=[.!?;:])\s+|\s*\n\s*")
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>|&[a-zA-Z]+;|&#\d+;")
_BLOCKS = frozenset(
    {"p", "div", "br", "hr", "li", "ul", "ol", "tr", "table", "td", "th"}
    | {"h1", "h2", "h3", "h4", "h5", "h6"}
)
_SILENT = frozenset({"script", "style", "head"})


@dataclass(frozen=True, slots=True)
class Chunk:
    """`text` is what is embedded; `start` and `end` its place in the plain text, in characters."""

    text: str
    start: int
    end: int

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


def notice_chunks(title: str, description: str) -> list[Chunk]:
    """Each chunk begins with the title: a passage of boilerplate alone says nothing.

    `description` is plain text (`plain_text`), and may be empty.
    """
    title = " ".join(title.split())
    size = max(CHUNK_CHARS - len(title), CHUNK_CHARS // 2)
    chunks = [
        Chunk(f"{title}\n{description[start:end]}", start, end)
        for start, end in windows(description, size, OVERLAP_CHARS)
    ]
    return chunks[:MOST_CHUNKS] or [Chunk(title, 0, 0)]


def windows(text: str, size: int, overlap: int) -> Iterator[tuple[int, int]]:
    """Places of at most `size` characters, each of whole sentences where those fit.

    Neighbours share up to `overlap` characters of whole sentences. Together they cover the text,
    save for white space.
    """
    spans = list(_sentences(text, size))
    first = 0
    while first < len(spans):
        last = _furthest(spans, first, size)
        yield spans[first][0], spans[last][1]
        first = _step_back(spans, first, last, size, overlap)


def plain_text(source: str) -> str:
    """Without markup, one paragraph a line. Text that holds no markup keeps its angle brackets."""
    if _TAG.search(source):
        reader = _Reader()
        reader.feed(source)
        reader.close()
        source = "".join(reader.parts)
    lines = (" ".join(line.split()) for line in source.splitlines())
    return "\n".join(line for line in lines if line)


def _furthest(spans: list[tuple[int, int]], first: int, size: int) -> int:
    """The last sentence that the window from `first` has room for."""
    last = first
    while last + 1 < len(spans) and spans[last + 1][1] - spans[first][0] <= size:
        last += 1
    return last


def _step_back(spans: list[tuple[int, int]], first: int, last: int, size: int, overlap: int) -> int:
    """Where the next window begins: as early as the overlap allows and its next sentence fits."""
    following = last + 1
    if following == len(spans):
        return following
    while (
        following - 1 > first
        and spans[last][1] - spans[following - 1][0] <= overlap
        and spans[last + 1][1] - spans[following - 1][0] <= size
    ):
        following -= 1
    return following


def _sentences(text: str, size: int) -> Iterator[tuple[int, int]]:
    """Places of sentences and lines. One longer than `size` is cut between words, or within one."""
    start = 0
    for match in [*_ENDS.finditer(text), None]:
        end = match.start() if match else len(text)
        yield from _cut(text, start, end, size)
        start = match.end() if match else end


def _cut(text: str, start: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    while end - start > size:
        space = text.rfind(" ", start + 1, start + size + 1)
        cut = space if space > 0 else start + size
        yield start, cut
        start = cut + (space > 0)
    if text[start:end].strip():
        yield start, end


class _Reader(HTMLParser):
    """Collects text; a block begins a line."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in _SILENT
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(self._silent - (tag in _SILENT), 0)
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)
