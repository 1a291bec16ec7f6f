"""What pictures of pages show besides words: figures, signatures, stamps, each at its place."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from deployments.web.list_query import address
from domain.pages import Box, MarkKind, Page

MOST_SHOWN = 500
"""On one page of the hub; all are counted."""
_WIDEST = 320
_KINDS: Mapping[MarkKind, str] = {"signature": "Signature", "stamp": "Stamp"}
"""Boxes of forms and notes are shown by the page itself."""


@dataclass(frozen=True, slots=True)
class SeenView:
    """`href` opens its page with its box; `picture` is of a figure that was cut out. Sizes are in
    pixels.
    """

    name: str
    text: str
    page: int
    href: str
    picture: str | None = None
    width: int = 0
    height: int = 0


def seen_on(document_id: UUID, page: Page) -> Iterator[SeenView]:
    """Figures first."""
    for at, figure in enumerate(page.figures, start=1):
        picture = f"/api/v1/documents/{document_id}/pages/{page.number}/figures/{at}"
        href = place_of(document_id, page.number, figure.box)
        width, height = _size(figure.box)
        yield SeenView("Figure", figure.caption, page.number, href, picture, width, height)
    for mark in page.marks:
        if name := _KINDS.get(mark.kind):
            href = place_of(document_id, page.number, mark.box)
            yield SeenView(name, mark.text, page.number, href)


def seen_in(document_id: UUID, pages: Sequence[Page]) -> list[SeenView]:
    return [one for page in pages for one in seen_on(document_id, page)]


def place_of(document_id: UUID, page: int, box: Box) -> str:
    edges = (box.left, box.top, box.right, box.bottom)
    spelled = ",".join(f"{max(edge, 0.0):.1f}" for edge in edges)
    return address({"page": page, "box": spelled}, f"/documents/{document_id}")


def _size(box: Box) -> tuple[int, int]:
    """As large as on paper, at most `_WIDEST`."""
    scale = min(1.0, _WIDEST / max(box.width, 1.0))
    return max(round(box.width * scale), 1), max(round(box.height * scale), 1)
