"""A document in windows for search, along its headings and paragraphs, each with its places."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from domain.chunking import CHUNK_CHARS, OVERLAP_CHARS, windows
from domain.pages import Box, Page
from domain.requirements.blocks import Block, blocks_of
from domain.requirements.headings import Heading
from domain.requirements.models import Place
from domain.requirements.outline import Node, outline
from domain.requirements.running import without_running_lines

_TITLES = 2
"""Of the innermost headings, which a chunk begins with."""
_TITLE_CHARS = 160


@dataclass(frozen=True, slots=True)
class DocumentChunk:
    """`text` holds characters `start` to `end` of the document's text (`document_text`)."""

    heading: str
    text: str
    start: int
    end: int
    places: tuple[Place, ...]

    @property
    def embedded(self) -> str:
        """With its headings: a passage of boilerplate alone says nothing."""
        return f"{self.heading}\n{self.text}" if self.heading else self.text

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.embedded.encode()).hexdigest()

    @property
    def page(self) -> int:
        return self.places[0].page


@dataclass(frozen=True, slots=True)
class _Placed:
    """A paragraph, and where the document's text has it."""

    block: Block
    path: tuple[Heading, ...]
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.block.text)


def document_text(pages: Sequence[Page]) -> str:
    """What chunks count their characters in: a line for each paragraph, without running lines."""
    return "\n".join(block.text for block in blocks_of(without_running_lines(pages)))


def document_chunks(pages: Sequence[Page]) -> list[DocumentChunk]:
    """In the order of the document. No chunk reaches over a heading."""
    blocks = blocks_of(without_running_lines(pages))
    return [
        chunk
        for _, part in groupby(_placed(blocks), key=lambda placed: placed.path)
        for chunk in _chunks(list(part))
    ]


def _placed(blocks: Sequence[Block]) -> Iterator[_Placed]:
    paths = {id(node.block): node.path for root in outline(blocks) for node in _walk(root)}
    start, path = 0, tuple[Heading, ...]()
    for block in blocks:
        if id(block) in paths:  # A heading stands in the paths of what follows it.
            path = paths[id(block)]
            yield _Placed(block, path, start)
        start += len(block.text) + 1


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _chunks(part: Sequence[_Placed]) -> Iterator[DocumentChunk]:
    heading = _heading(part[0].path)
    size = CHUNK_CHARS - len(heading)
    text = "\n".join(placed.block.text for placed in part)
    for low, high in windows(text, size, OVERLAP_CHARS):
        places = list(_places(part, low, high))
        if places:
            start = _start(part, low)
            yield DocumentChunk(heading, text[low:high], start, start + high - low, tuple(places))


def _heading(path: Sequence[Heading]) -> str:
    titles = [" ".join(heading.title.split()) for heading in path[-_TITLES:]]
    return " / ".join(title for title in titles if title)[:_TITLE_CHARS]


def _start(part: Sequence[_Placed], at: int) -> int:
    """The place in the document's text of a place in this part's."""
    for placed in part:
        if at <= len(placed.block.text):
            return placed.start + at
        at -= len(placed.block.text) + 1
    return part[-1].end


def _places(part: Sequence[_Placed], low: int, high: int) -> Iterator[Place]:
    """A place a page, with the boxes of the lines in it."""
    found: dict[int, list[Box]] = {}
    at = 0
    for placed in part:
        length = len(placed.block.text)
        if at < high and low < at + length:
            for place in placed.block.places(max(low - at, 0), min(high - at, length)):
                found.setdefault(place.page, []).extend(place.boxes)
        at += length + 1
    for page, boxes in found.items():
        yield Place(page, tuple(boxes))
