"""Running headers, footers and page numbers: what repeats at the edges of pages is no text."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from domain.pages import Line, Page

_EDGE_LINES = 4
_LEAST_PAGES = 3
_LEAST_SHARE = 0.3
_PAGE_NUMBER = re.compile(
    r"(?:page\s*)?[-\u2013—\s]*\(?(?:[a-m]-)?(?:\d{1,4}|[ivxl]{1,6})\)?[-\u2013—\s]*(?:(?:of"
    r"|/)\s*\d{1,4})?",
    re.IGNORECASE,
)
_PAGE_OF = re.compile(
    r"page\s+(?:[a-m]-)?\d+\s+of(?:\s+pages)?\s+\d+(?:\s+pages)?|page\s+\d+", re.IGNORECASE
)


def without_running_lines(pages: Sequence[Page]) -> list[Page]:
    """The pages without lines that stand, digits apart, at the edges of many pages."""
    seen = Counter(shape for page in pages for shape in {_shape(line) for line in _edges(page)})
    least = max(_LEAST_PAGES, len(pages) * _LEAST_SHARE)
    running = {shape for shape, count in seen.items() if count >= least}
    return [replace(page, lines=tuple(_body(page, running))) for page in pages]


def _body(page: Page, running: set[str]) -> Iterator[Line]:
    edges = {id(line) for line in _edges(page)}
    for line in page.lines:
        if id(line) not in edges or not _runs(line, running, numbered=page.height > 0):
            yield line


def _runs(line: Line, running: set[str], *, numbered: bool) -> bool:
    text = line.text.strip()
    if _shape(line) in running or _PAGE_OF.fullmatch(text):
        return True
    return numbered and line.cell is None and bool(_PAGE_NUMBER.fullmatch(text))


def _edges(page: Page) -> list[Line]:
    """The first and last lines; where places are known, those highest and lowest on the page."""
    lines = [line for line in page.lines if line.text.strip()]
    if page.height:
        lines.sort(key=lambda line: line.box.top if line.box else 0.0)
    return lines[:_EDGE_LINES] + lines[max(len(lines) - _EDGE_LINES, _EDGE_LINES) :]


def _shape(line: Line) -> str:
    return re.sub(r"\d+", "#", "".join(line.text.lower().split()))
