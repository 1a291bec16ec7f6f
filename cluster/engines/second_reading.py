"""A reader whose doubtful pages another engine reads again: here, or elsewhere with consent."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol
from uuid import UUID

from cluster.clients.mistral_ocr import MistralOcr
from cluster.engines.reading_process import Bounds, ReadingProcess
from cluster.stores.consents import PostgresConsents
from domain.consent import Purpose, require_consent
from domain.errors import Forbidden, Invalid, ReaderEnded, Unavailable, Unreadable
from domain.pages import PAGE, Box, Page
from domain.placing import placed, plain_lines
from domain.ports import SecondEngine, ShowPage
from domain.second_reading import ELSEWHERE, FIRST_ENGINE, HERE, better, is_doubtful, unanswered

_PATIENCE = 4
"""Sure pages on end after which an engine rests: to start it again costs as much as two pages."""
_SENT_WIDTH = 1700
"""Pixels: 200 to the inch of a letter."""


class FirstReader(Protocol):
    """As `cluster.engines.reading_process.ReadingProcess`."""

    @property
    def has_ended(self) -> bool: ...
    async def pages(self) -> int: ...
    async def read(self, number: int) -> dict[str, Any]: ...
    async def picture(self, number: int, width: int) -> bytes: ...
    async def cut(self, number: int, box: Box) -> bytes: ...
    async def close(self) -> None: ...


class SecondReading:
    """Implements `actors.reading_task.Reader`. Whatever the second engine does, the first reading
    is there: it tells why the other one is not.
    """

    def __init__(
        self, reader: FirstReader, engines: Sequence[SecondEngine], words: Collection[str]
    ) -> None:
        self._reader = reader
        self._engines = engines
        self._words = words
        self._sure = 0

    @property
    def has_ended(self) -> bool:
        return self._reader.has_ended

    async def pages(self) -> int:
        return await self._reader.pages()

    async def read(self, number: int) -> dict[str, Any]:
        content = await self._reader.read(number)
        if content.get("engine") != FIRST_ENGINE:
            return content
        first = PAGE.validate_python(content)
        if not is_doubtful(first):
            self._sure += 1
            if self._sure == _PATIENCE:
                await self._rest()
            return content
        self._sure = 0
        told: dict[str, Any] = PAGE.dump_python(await self._again(first), mode="json")
        return told

    async def cut(self, number: int, box: Box) -> bytes:
        return await self._reader.cut(number, box)

    async def close(self) -> None:
        try:
            await self._rest()
        finally:
            await self._reader.close()

    async def _rest(self) -> None:
        for engine in self._engines:
            await engine.rest()

    async def _again(self, first: Page) -> Page:
        """By the first engine that may and can."""
        kept = first

        async def show() -> bytes:
            return await self._reader.picture(first.number, _SENT_WIDTH)

        for engine in self._engines:
            try:
                second = await engine.read(first, show)
            except Forbidden:
                continue
            except (Unreadable, ReaderEnded, Invalid, Unavailable) as error:
                kept = unanswered(kept, engine.name, getattr(error, "reason", str(error)))
            else:
                return better(kept, second, self._words)
        return kept


class LocalEngine:
    """Implements `SecondEngine` with RapidOCR, in a process with the bounds of all readers and
    without network. It is started for the first page that needs it.
    """

    name = HERE

    def __init__(self, path: Path, bounds: Bounds) -> None:
        self._path = path
        self._bounds = bounds
        self._process: ReadingProcess | None = None

    async def read(self, first: Page, show: ShowPage) -> Page:
        if self._process is None or self._process.has_ended:
            self._process = await ReadingProcess.start(self._path, HERE, self._bounds)
        return PAGE.validate_python(await self._process.read(first.number))

    async def rest(self) -> None:
        if self._process is not None:
            await self._process.close()
            self._process = None


class MistralEngine:
    """Implements `SecondEngine` with Mistral's, for a tenant that has consented."""

    name = ELSEWHERE

    def __init__(self, client: MistralOcr, consents: PostgresConsents, tenant_id: UUID) -> None:
        self._client = client
        self._consents = consents
        self._tenant_id = tenant_id

    async def read(self, first: Page, show: ShowPage) -> Page:
        require_consent(await self._consents.consents(self._tenant_id), Purpose.OCR)
        picture = await show()
        answer = await self._client.recognise(picture)
        lines = placed(list(plain_lines(answer.markdown)), first)
        return replace(first, lines=lines, engine=self.name, confidence=answer.confidence)

    async def rest(self) -> None:
        """It holds nothing."""
