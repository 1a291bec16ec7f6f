"""A file opened for reading page by page, whatever its format."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pymupdf
from PIL import Image

from cluster.engines.reading.interpreted import interpreted
from cluster.engines.reading.ocr import MOST_PIXELS, read_scan
from cluster.engines.reading.pdf import open_pdf, read_page
from cluster.engines.reading.reader import read_pages
from cluster.engines.reading.scans import disagree, is_searchable_scan, needs_recognition
from cluster.engines.sniff import IMAGES, PDF, media_type_of
from domain.document import ReadingMode
from domain.errors import Unreadable
from domain.pages import Box, Page

_MOST_SHOWN = 4 * MOST_PIXELS
_CUT_DPI = 150
_NO_LOOKS = "it is text, with no looks"


class Opened(Protocol):
    """Pages count from 1. What is wrong with one of them is raised by `read` alone."""

    @property
    def pages(self) -> int: ...

    def read(self, number: int) -> Page: ...

    def picture(self, number: int, width: int) -> bytes:
        """A PNG, so many pixels wide. Raises `Unreadable` where a page has no looks."""

    def cut(self, number: int, box: Box) -> bytes:
        """What the page shows there, as a PNG. Raises like `picture`."""


Scan = Callable[[Any], Page]
"""Reads a page of PyMuPDF from its picture. Blocks for seconds."""


class Sheets:
    """Implements `Opened`: pages as PyMuPDF shows them, with or without a text layer."""

    def __init__(self, document: Any, mode: ReadingMode, scan: Scan = read_scan) -> None:
        self._document = document
        self._mode = mode
        self._scan = scan

    @property
    def pages(self) -> int:
        count: int = self._document.page_count
        return count

    def read(self, number: int) -> Page:
        page = interpreted(self._document[number - 1])
        layer = read_page(page)
        if self._mode == "text":
            return layer
        if self._mode == "ocr" or needs_recognition(page, layer):
            return _with_fields(self._scan(page), layer)
        if is_searchable_scan(page, layer):
            return _checked(layer, self._scan(page))
        return layer

    def picture(self, number: int, width: int) -> bytes:
        page = self._document[number - 1]
        size = page.rect
        scale = min(width / max(size.width, 1.0), (MOST_PIXELS / max(size.get_area(), 1.0)) ** 0.5)
        matrix = pymupdf.Matrix(scale, scale)  # type: ignore[no-untyped-call]
        pixmap = page.get_pixmap(matrix=matrix, alpha=False)
        content: bytes = pixmap.tobytes("png")
        return content

    def cut(self, number: int, box: Box) -> bytes:
        page = self._document[number - 1]
        if page.rotation:
            page.remove_rotation()  # As when its places were found.
        area = box.width * box.height
        scale = min(_CUT_DPI / 72, (MOST_PIXELS / max(area, 1.0)) ** 0.5)
        matrix = pymupdf.Matrix(scale, scale)  # type: ignore[no-untyped-call]
        edges = (box.left, box.top, box.right, box.bottom)
        pixmap = page.get_pixmap(matrix=matrix, alpha=False, clip=edges)
        content: bytes = pixmap.tobytes("png")
        return content


class Whole:
    """Implements `Opened` for formats that are read in one go."""

    def __init__(self, pages: Sequence[Page]) -> None:
        self._pages = pages

    @property
    def pages(self) -> int:
        return len(self._pages)

    def read(self, number: int) -> Page:
        return self._pages[number - 1]

    def picture(self, number: int, width: int) -> bytes:
        raise Unreadable(file=f"page {number}", reason=_NO_LOOKS, code="foreign")

    def cut(self, number: int, box: Box) -> bytes:
        raise Unreadable(file=f"page {number}", reason=_NO_LOOKS, code="foreign")


def open_file(path: Path, mode: ReadingMode, scan: Scan = read_scan) -> Opened:
    """By what it holds, not by its name. Raises `Unreadable`."""
    media_type = media_type_of(path)
    if media_type == PDF:
        return Sheets(open_pdf(path), mode, scan)
    if media_type in IMAGES.values():
        kind = media_type.removeprefix("image/")
        return Sheets(_open_image(path, kind), "text" if mode == "text" else "ocr", scan)
    return Whole(read_pages(path))


def _open_image(path: Path, kind: str) -> Any:
    try:
        with Image.open(path, formats=[kind]) as picture:
            width, height = picture.size
    except Image.DecompressionBombError as error:
        raise Unreadable(file=path.name, reason=str(error), code="bomb") from error
    except (OSError, ValueError) as error:
        raise Unreadable(file=path.name, reason=f"a broken picture ({error})") from error
    if width * height > _MOST_SHOWN:
        reason = f"a picture of {width:,} by {height:,} pixels"
        raise Unreadable(file=path.name, reason=reason, code="bomb")
    try:
        return pymupdf.open(path, filetype=kind)  # type: ignore[no-untyped-call]
    except (pymupdf.FileDataError, pymupdf.mupdf.FzErrorBase) as error:
        raise Unreadable(file=path.name, reason=f"a broken picture ({error})") from error


def _with_fields(seen: Page, layer: Page) -> Page:
    """What was filled in is known better than it can be seen."""
    return replace(seen, fields=layer.fields, marks=layer.marks + seen.marks)


def _checked(layer: Page, seen: Page) -> Page:
    if not disagree(layer, seen):
        return layer
    warning = "its text layer is not what its picture shows; the picture was read"
    return replace(_with_fields(seen, layer), warnings=(*seen.warnings, warning))
