"""Words of scans, cut out at their boxes and read again: known text, and a real page."""

import io
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pymupdf
import pytest
from PIL import Image

from benchmarks.reading.cutouts import check_places
from cluster.engines.reading.ocr import read_scan
from domain.pages import Box, Page
from tests.shared_data import shared

_TEXT = (
    "Nitrile gloves shall arrive within thirty days",
    "Each carton must bear the order number clearly",
    "Offerors submit prices for every listed item",
    "Delivery includes unloading at the warehouse dock",
    "Payment follows acceptance of complete shipments",
    "Records remain available during normal hours",
)
_SHARE = 0.85


def _sheet(degrees: float, rotation: int) -> Any:
    """A picture of the text, turned counterclockwise, on a page that viewers turn by `rotation`."""
    with pymupdf.open() as drawn:  # type: ignore[no-untyped-call]
        page = drawn.new_page(width=400, height=300)
        for number in range(12):
            page.insert_text((50, 50 + 18 * number), _TEXT[number % len(_TEXT)], fontsize=12)
        pixmap = page.get_pixmap(dpi=200, colorspace=pymupdf.csGRAY)
    picture = Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)
    picture = picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    content = io.BytesIO()
    picture.save(content, "PNG")
    document: Any = pymupdf.open()  # type: ignore[no-untyped-call]
    width, height = (side * 72 / 200 for side in picture.size)
    sheet = document.new_page(width=width, height=height)
    sheet.insert_image(sheet.rect, stream=content.getvalue())
    sheet.set_rotation(rotation)
    return sheet


@cache
def _clean() -> tuple[Any, Page]:
    sheet = _sheet(0, 0)
    return sheet, read_scan(sheet)


@pytest.mark.parametrize(("degrees", "rotation"), [(3, 0), (-3, 0), (90, 0), (0, 90)], ids=str)
def test_boxes_hold_their_words_on_a_turned_page(degrees: float, rotation: int) -> None:
    sheet = _sheet(degrees, rotation)
    found = check_places(sheet, read_scan(sheet))
    assert found.inside
    assert found.checked >= 30
    assert found.share >= _SHARE, found


def test_boxes_hold_their_words_on_a_clean_page() -> None:
    found = check_places(*_clean())
    assert (found.inside, found.checked) == (True, 40)
    assert found.share >= _SHARE, found


def test_boxes_hold_their_words_on_a_skewed_page_of_a_real_scan() -> None:
    document: Any = pymupdf.open(shared("ocr/va247_scan.pdf"))  # type: ignore[no-untyped-call]
    found = check_places(document[4], read_scan(document[4]))
    assert found.inside
    assert found.share >= _SHARE, found


@pytest.mark.parametrize(
    "move",
    [
        lambda box, _: Box(box.left, box.top + 5, box.right, box.bottom + 5),
        lambda box, _: Box(box.left + 8, box.top, box.right + 8, box.bottom),
        lambda box, page: Box(page.width - box.right, box.top, page.width - box.left, box.bottom),
        lambda box, page: Box(box.left, page.height - box.bottom, box.right,
                              page.height - box.top),
    ],
    ids=["lower", "to the right", "mirrored", "counted from below"],
)  # fmt: skip
def test_boxes_elsewhere_are_told_from_right_ones(move: Callable[[Box, Page], Box]) -> None:
    sheet, read = _clean()
    moved = replace(read, lines=tuple(
        replace(line, words=tuple(replace(word, box=move(word.box, read)) for word in line.words))
        for line in read.lines
    ))  # fmt: skip
    assert check_places(sheet, moved).share < _SHARE - 0.1
