"""Doubtful pages read twice: here by RapidOCR, elsewhere with consent; the first is never lost."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import psutil
import pymupdf
import pytest
from PIL import Image, ImageFilter

from cluster.engines.reading_process import Bounds, ReadingProcess
from cluster.engines.second_reading import LocalEngine, SecondReading
from cluster.engines.vocabulary import vocabulary
from domain.errors import Forbidden, Invalid, ReaderEnded, Unavailable
from domain.pages import PAGE, Box, Line, Page
from domain.ports import ShowPage
from tests.hostile import scanned

TEXT = "The contractor shall deliver gloves"
RUBBISH = "Tbe contraclor shali de1lver glcves"


class First:
    """A reader whose pages were recognised with so much confidence."""

    has_ended = False

    def __init__(self, confidence: Mapping[int, float], text: str = RUBBISH) -> None:
        self._confidence = confidence
        self._text = text

    async def pages(self) -> int:
        return len(self._confidence)

    async def read(self, number: int) -> dict[str, Any]:
        lines = (Line(self._text),)
        page = Page(number, lines, engine="tesseract", confidence=self._confidence[number])
        told: dict[str, Any] = PAGE.dump_python(page, mode="json")
        return told

    async def picture(self, number: int, width: int) -> bytes:
        return f"page {number}".encode()

    async def cut(self, number: int, box: Box) -> bytes:
        return b""

    async def close(self) -> None:
        self.has_ended = True


class Second:
    """An engine that answers with its text, or fails."""

    def __init__(self, name: str, failing: Exception | None = None) -> None:
        self.name = name
        self._failing = failing
        self.asked: list[int] = []
        self.rests = 0

    async def read(self, first: Page, show: ShowPage) -> Page:
        self.asked.append(first.number)
        if self._failing:
            raise self._failing
        return Page(first.number, (Line(TEXT),), engine=self.name, confidence=0.9)

    async def rest(self) -> None:
        self.rests += 1


async def read(reader: SecondReading, number: int = 1) -> Page:
    return PAGE.validate_python(await reader.read(number))


async def test_a_doubtful_page_is_read_again_and_a_sure_one_is_not() -> None:
    second = Second("rapidocr")
    reader = SecondReading(First({1: 0.5, 2: 0.97}), [second], vocabulary())
    doubtful, sure = await read(reader, 1), await read(reader, 2)
    assert (doubtful.text, doubtful.engine) == (TEXT, "rapidocr")
    assert (sure.text, sure.engine, sure.readings) == (RUBBISH, "tesseract", ())
    assert second.asked == [1]


async def test_the_second_engine_rests_after_some_pages_on_end_that_do_not_need_it() -> None:
    second = Second("rapidocr")
    sure = dict.fromkeys((2, 3, 4, 6, 7, 8, 9, 10), 0.97)
    reader = SecondReading(First({1: 0.5, 5: 0.5} | sure), [second], vocabulary())
    rests = []
    for number in range(1, 11):
        await read(reader, number)
        rests.append(second.rests)
    assert rests == [0] * 8 + [1, 1]


@pytest.mark.parametrize(
    "failing",
    [
        Unavailable(service="x", reason="it answered 500"),
        ReaderEnded(reason="it answered 500", code="crashed"),
        Invalid(what="x", reason="it answered 500"),
    ],
)
async def test_a_second_engine_that_fails_costs_no_page_and_is_told(failing: Exception) -> None:
    page = await read(SecondReading(First({1: 0.5}), [Second("rapidocr", failing)], vocabulary()))
    assert (page.text, page.engine) == (RUBBISH, "tesseract")
    assert page.warnings == ("a second reading by rapidocr was not had: it answered 500",)


async def test_after_one_that_fails_the_next_one_is_asked() -> None:
    away = Second("mistral-ocr", Unavailable(service="x", reason="away"))
    page = await read(SecondReading(First({1: 0.5}), [away, Second("rapidocr")], vocabulary()))
    assert page.engine == "rapidocr"
    assert page.warnings[0] == "a second reading by mistral-ocr was not had: away"


async def test_who_may_not_see_a_page_is_passed_over_in_silence() -> None:
    barred = Second("mistral-ocr", Forbidden(who="the hub", what="send"))
    page = await read(SecondReading(First({1: 0.5}), [barred, Second("rapidocr")], vocabulary()))
    assert page.engine == "rapidocr"
    assert not any("mistral" in note for note in page.warnings)


@pytest.fixture
async def local(tmp_path: Path) -> AsyncIterator[tuple[LocalEngine, Path]]:
    file = blurred(tmp_path / "blurred.pdf")
    engine = LocalEngine(file, Bounds())
    yield engine, file
    await engine.rest()


def blurred(path: Path) -> Path:
    """A scan so far out of focus that the first engine is not sure of a word."""
    source = scanned(path.with_name("sharp.pdf"), TEXT, degrees=0.0)
    document: Any = pymupdf.open(source)  # type: ignore[no-untyped-call]
    pixmap = document[0].get_pixmap(dpi=150, colorspace=pymupdf.csGRAY)
    picture = Image.frombytes("L", (pixmap.width, pixmap.height), pixmap.samples)
    picture.filter(ImageFilter.GaussianBlur(3.0)).save(path, "PDF", resolution=150)
    return path


async def test_a_blurred_scan_is_read_by_the_second_engine_which_then_ends(
    local: tuple[LocalEngine, Path],
) -> None:
    engine, file = local
    first = await ReadingProcess.start(file, "ocr", Bounds())
    reader = SecondReading(first, [engine], vocabulary())
    page = await read(reader)
    assert page.engine == "rapidocr"
    assert [one.kept for one in page.readings] == [False, True]
    assert set(TEXT.lower().split()) <= set(page.text.lower().split())
    words = {word.text.lower(): word.box for line in page.lines for word in line.words}
    assert words["contractor"].left < words["shall"].left < words["gloves"].left
    assert all(0 <= box.left < box.right <= page.width for box in words.values())
    children = psutil.Process().children(recursive=True)
    assert any("rapidocr" in child.cmdline() for child in children)
    await reader.close()
    children = psutil.Process().children(recursive=True)
    assert not any("rapidocr" in child.cmdline() for child in children)


async def test_too_little_memory_ends_the_second_engine_alone(tmp_path: Path) -> None:
    file = blurred(tmp_path / "blurred.pdf")
    first = await ReadingProcess.start(file, "ocr", Bounds())
    engine = LocalEngine(file, Bounds(memory_bytes=400 * 1024**2))
    reader = SecondReading(first, [engine], vocabulary())
    try:
        page = await read(reader)
    finally:
        await reader.close()
    assert page.engine == "tesseract"
    assert page.warnings[-1].startswith("a second reading by rapidocr was not had: ")
