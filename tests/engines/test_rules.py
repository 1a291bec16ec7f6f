"""Ruled lines and the cells between them; and that a page is interpreted once for all of it."""

from collections import Counter
from typing import Any

import pymupdf
import pytest

from cluster.engines.reading.interpreted import interpreted
from cluster.engines.reading.pdf import read_page
from cluster.engines.reading.rules import grids, outlines_of
from cluster.engines.reading.scans import is_searchable_scan, needs_recognition
from domain.pages import Box

MU: Any = pymupdf
SHEET = Box(0, 0, 612, 792)
WORD = [Box(110, 110, 140, 122)]


def line(*points: float) -> dict[str, Any]:
    ax, ay, bx, by = points
    rect = (min(ax, bx), min(ay, by), max(ax, bx), max(ay, by))
    return {"items": [("l", (ax, ay), (bx, by))], "rect": rect, "type": "s"}


def ruled(xs: list[float], ys: list[float], gap: float = 0.0) -> list[dict[str, Any]]:
    """A grid of lines, each in two pieces that are so far apart."""
    middle = (xs[0] + xs[-1]) / 2
    level = [line(xs[0], y, middle, y) for y in ys]
    level += [line(middle + gap, y, xs[-1], y) for y in ys]
    return level + [line(x, ys[0], x, ys[-1]) for x in xs]


def test_lines_enclose_cells() -> None:
    [cells] = grids(ruled([100, 200, 300], [100, 130, 160]), SHEET, WORD)
    assert sorted((cell.left, cell.top, cell.right, cell.bottom) for cell in cells) == [
        (100, 100, 200, 130),
        (100, 130, 200, 160),
        (200, 100, 300, 130),
        (200, 130, 300, 160),
    ]


@pytest.mark.parametrize(("gap", "cells"), [(2.5, 4), (6.0, 0)])
def test_a_small_gap_in_a_line_is_none(gap: float, cells: int) -> None:
    grid = ruled([100, 300], [100, 130, 160], gap)
    pole = [line(250, 100, 250, 160)]
    found = grids([*grid, *pole], SHEET, WORD)
    assert sum(len(table) for table in found) == cells


def test_what_has_no_word_one_column_or_slanted_lines_is_no_table() -> None:
    grid = ruled([100, 200, 300], [100, 130])
    assert grids(grid, SHEET, []) == []
    assert grids(ruled([100, 300], [100, 130, 160]), SHEET, WORD) == []
    slanted = [line(x, 100, x + 10, 160) for x in (100, 200, 300)]
    assert grids([*slanted, line(100, 100, 300, 100)], SHEET, []) == []


def test_drawings_that_touch_have_one_outline() -> None:
    drawings = [line(10, 10, 50, 10), line(52, 10, 90, 10), line(10, 40, 50, 40)]
    assert outlines_of(drawings) == [Box(10, 10, 90, 10), Box(10, 40, 50, 40)]


def drawn(kind: str) -> Any:
    """A page with a table whose first row spans two columns."""
    document = MU.open()
    page = document.new_page(width=612, height=792)
    places = [(72, 100, 272, 130), (272, 100, 372, 130)]
    places += [(72 + 100 * column, 130, 172 + 100 * column, 160) for column in range(3)]
    for number, place in enumerate(places):
        rect = MU.Rect(place)
        if kind == "rectangles":
            page.draw_rect(rect)
        elif kind == "quads":
            page.draw_quad(rect.quad)
        else:
            for ends in ((rect.tl, rect.tr), (rect.tl, rect.bl), (rect.br, rect.tr)):
                page.draw_line(*ends)
            page.draw_rect(MU.Rect(rect.x0, rect.y1 - 0.5, rect.x1, rect.y1 + 0.5), fill=(0, 0, 0))
        page.insert_text((place[0] + 5, place[1] + 20), f"cell {number}", fontsize=10)
    return document


@pytest.mark.parametrize("kind", ["rectangles", "quads", "lines"])
def test_cells_are_where_pymupdf_finds_them(kind: str) -> None:
    with drawn(kind) as document:
        page = document[0]
        words = [Box(*word[:4]) for word in page.get_text("words")]
        found = [
            sorted((cell.left, cell.top, cell.right, cell.bottom) for cell in cells)
            for cells in grids(page.get_cdrawings(), SHEET, words)
        ]
        theirs = [sorted(table.cells) for table in page.find_tables().tables]
        assert [len(table) for table in found] == [5]
        for ours, known in zip(found, theirs, strict=True):
            assert [pytest.approx(cell, abs=0.5) for cell in known] == ours


class Counting:
    """A page that counts how often it is interpreted."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self.calls: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        if name in {"get_cdrawings", "get_textpage", "get_image_info", "find_tables"}:
            self.calls[name] += 1
        return getattr(self._page, name)


def test_a_page_is_interpreted_once_for_its_words_and_once_for_its_drawings() -> None:
    with drawn("rectangles") as document:
        document[0].insert_text((72, 300), "Signature of the offeror", fontsize=10)
        counting = Counting(document[0])
        page = interpreted(counting)
        read = read_page(page)
        assert not needs_recognition(page, read)
        assert not is_searchable_scan(page, read)
    assert [len(row) for row in read.tables[0]] == [2, 3]
    assert counting.calls == {"get_textpage": 1, "get_cdrawings": 1}
