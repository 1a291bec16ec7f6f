"""A page of PyMuPDF that is interpreted once, however often it is asked what stands on it."""

from functools import cached_property
from typing import Any

import pymupdf

TEXT_FLAGS = pymupdf.TEXT_PRESERVE_LIGATURES | pymupdf.TEXT_PRESERVE_WHITESPACE


class InterpretedPage:
    """Answers as the page does. Not for a page that is turned or written to afterwards."""

    def __init__(self, page: Any) -> None:
        self._page = page

    def __getattr__(self, name: str) -> Any:
        return getattr(self._page, name)

    @cached_property
    def rect(self) -> Any:
        return self._page.rect

    def get_cdrawings(self) -> Any:
        return self._drawings

    def get_image_info(self) -> Any:
        return self._images

    def words(self) -> Any:
        """As `get_text("words")`."""
        return self._text.extractWORDS()

    def blocks(self) -> Any:
        """As `get_text("dict")["blocks"]`, of text alone."""
        return self._page.get_text("dict", textpage=self._text)["blocks"]

    @cached_property
    def _drawings(self) -> Any:
        return self._page.get_cdrawings()

    @cached_property
    def _images(self) -> Any:
        return self._all.extractIMGINFO()

    @cached_property
    def _all(self) -> Any:
        return self._page.get_textpage(flags=TEXT_FLAGS | pymupdf.TEXT_PRESERVE_IMAGES)

    @cached_property
    def _text(self) -> Any:
        """A picture parts the words around it: so they are taken without it."""
        return self._page.get_textpage(flags=TEXT_FLAGS) if self._images else self._all


def interpreted(page: Any) -> InterpretedPage:
    """The same again where it is one. Turned upright, so that places are those a reader sees."""
    if isinstance(page, InterpretedPage):
        return page
    if page.rotation:
        page.remove_rotation()
    return InterpretedPage(page)
