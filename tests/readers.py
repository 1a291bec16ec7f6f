"""Readers of files for tests: one that dies, one that takes its time."""

import asyncio
from typing import Any

from domain.errors import ReaderEnded
from domain.pages import Box


class Brittle:
    """A reader of ten pages that dies at some of them, as often as it is told to."""

    def __init__(self, deaths: dict[int, int], code: str = "crashed") -> None:
        self._deaths = deaths
        self._code = code
        self.has_ended = False

    async def pages(self) -> int:
        return 10

    async def read(self, number: int) -> dict[str, Any]:
        if self._deaths.get(number, 0) > 0:
            self._deaths[number] -= 1
            self.has_ended = True
            raise ReaderEnded(reason=f"died at {number}", code=self._code)
        return {"number": number, "lines": [{"text": str(number)}]}

    async def cut(self, number: int, box: Box) -> bytes:
        raise ReaderEnded(reason="it has no figures", code="crashed")

    async def close(self) -> None:
        self.has_ended = True


class Long:
    """A reader of as many pages as its file says, each of which takes a while."""

    has_ended = False

    def __init__(self, pages: int) -> None:
        self._pages = pages

    async def pages(self) -> int:
        return self._pages

    async def read(self, number: int) -> dict[str, Any]:
        await asyncio.sleep(0.02)
        return {"number": number, "lines": [{"text": str(number)}]}

    async def cut(self, number: int, box: Box) -> bytes:
        raise ReaderEnded(reason="it has no figures", code="crashed")

    async def close(self) -> None:
        self.has_ended = True
