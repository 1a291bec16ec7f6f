"""One row of work about a document: look how many pages it has, or read some of them."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol, get_args
from uuid import UUID

from cluster.stores.document_pages import DocumentPages
from cluster.stores.documents import PostgresDocuments
from cluster.stores.work import PostgresWork, WorkItem
from domain.document import FailReading, FailureReason, FinishReading, ReadingMode
from domain.errors import NotFound, ReaderEnded, Unreadable
from domain.events import Cause
from domain.pages import PAGE, Box, Page

OPEN, READ = "open_document", "read_pages"
KINDS = (OPEN, READ)

MOST_PAGES = 20_000
RANGE = 2
"""Pages a row: few, so that the scanned ones of a document are read on every processor."""
TURN_S = 2.0
"""After which a row goes back, so that another tenant gets its turn."""
MOST_FIGURES = 40
"""Cut out of one page."""
TRIES = 2
"""Of a page at which the process died; one that takes too long is not tried again."""
MOST_ATTEMPTS = 3
"""Of a row that ends with those who take it: then its next page is at fault."""


_LOST = "its file is not in the store"


class Reader(Protocol):
    """As `cluster.engines.reading_process.ReadingProcess`."""

    @property
    def has_ended(self) -> bool: ...
    async def pages(self) -> int: ...
    async def read(self, number: int) -> dict[str, Any]: ...
    async def cut(self, number: int, box: Box) -> bytes: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """Which reading of which document a row is about, and who asked for it."""

    tenant_id: UUID
    document_id: UUID
    digest: str
    run: int
    mode: ReadingMode
    cause: Cause


OpenReader = Callable[[Reading], Awaitable[Reader]]
Still = Callable[[int], Awaitable[bool]]
"""Told how many pages are settled. Whether to go on: the row is ours, and the reading is wanted."""


class Announce(Protocol):
    async def __call__(self, reading: Reading, *, is_over: bool = False) -> None: ...


class Conclude(Protocol):
    """Appends the reading's end to the document's stream. Repeating it changes nothing."""

    async def __call__(self, reading: Reading, command: FinishReading | FailReading) -> None: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """All that a row of work needs, whoever does it."""

    documents: PostgresDocuments
    pages: DocumentPages
    work: PostgresWork
    conclude: Conclude
    announce: Announce


class ReadingTask:
    """What it does again after a crash changes nothing: what is settled stays settled."""

    def __init__(self, desk: Desk, item: WorkItem, reading: Reading, open_reader: OpenReader):
        self._desk = desk
        self._item = item
        self._reading = reading
        self._open_reader = open_reader
        self._began = time.monotonic()

    async def look(self) -> None:
        """Count the pages, and lay out the work that they are."""
        try:
            if self._item.attempts > MOST_ATTEMPTS:
                raise ReaderEnded(reason="it ended whoever opened it", code="crashed")
            pages = await self._count()
        except (Unreadable, ReaderEnded) as error:
            await self._fail(failure_reason(error.code), error.reason)
            return
        except NotFound:
            await self._fail("file_lost", _LOST)
            return
        who = self._reading.tenant_id, self._reading.document_id
        await self._desk.pages.expect(*who, self._reading.run, pages)
        await self._desk.documents.start(*who, self._reading.run, pages)
        rows = {
            f"{self._item.key}/{first:06}": {
                **self._item.payload,
                "first": first,
                "last": min(first + RANGE - 1, pages),
            }
            for first in range(1, pages + 1, RANGE)
        }
        await self._desk.work.enqueue(self._reading.tenant_id, READ, rows)
        await self._desk.announce(self._reading)

    async def read(self, still: Still) -> bool:
        """Read the row's pages. False if some are left for another turn."""
        waiting = await self._waiting()
        if waiting and self._item.attempts > MOST_ATTEMPTS:
            await self._give_up(waiting.pop(0), "it ended whoever read it")
        for done, number in enumerate(waiting):
            if done and time.monotonic() - self._began > TURN_S:
                return False
            if not await still(done):
                return True
            await self._settle(number)
            await self._desk.announce(self._reading)
        await self._close_when_all_is_settled()
        return True

    async def _count(self) -> int:
        """Once more where the process died, which may have been somebody else's doing."""
        try:
            return await self._count_once()
        except ReaderEnded as error:
            if error.code == "timed_out":
                raise
            return await self._count_once()

    async def _count_once(self) -> int:
        reader = await self._open_reader(self._reading)
        pages = await reader.pages()
        if pages < 1:
            raise Unreadable(file="the document", reason="it has no pages", code="empty")
        if pages > MOST_PAGES:
            reason = f"it has {pages:,} pages, more than {MOST_PAGES:,}"
            raise Unreadable(file="the document", reason=reason, code="oversized")
        return pages

    async def _waiting(self) -> list[int]:
        first, last = self._item.payload["first"], self._item.payload["last"]
        who = self._reading.tenant_id, self._reading.document_id
        outcomes = await self._desk.pages.outcomes(
            *who, first=first, last=last, run=self._reading.run
        )
        return [page.number for page in outcomes if page.state == "waiting"]

    async def _settle(self, number: int) -> None:
        """Read it, or write down why that is impossible."""
        for tries_left in range(TRIES - 1, -1, -1):
            try:
                reader = await self._open_reader(self._reading)
                content = await reader.read(number)
            except ReaderEnded as error:
                if not tries_left or error.code == "timed_out":
                    await self._give_up(number, error.reason)
                    return
            except Unreadable as error:
                await self._give_up(number, error.reason)
                return
            except NotFound:
                await self._give_up(number, _LOST)
                return
            else:
                page = await self._with_figures(reader, PAGE.validate_python(content))
                who = self._reading.tenant_id, self._reading.document_id
                await self._desk.pages.write(*who, [page], run=self._reading.run)
                return

    async def _with_figures(self, reader: Reader, page: Page) -> Page:
        """Each cut out and kept before the page counts as read; those that cannot be are left out,
        which the page then says.
        """
        who = self._reading.tenant_id, self._reading.document_id
        figures, cuts = page.figures[:MOST_FIGURES], list[bytes]()
        try:
            for figure in figures:
                cuts.append(await reader.cut(page.number, figure.box))
        except (ReaderEnded, Unreadable) as error:
            warning = f"{len(page.figures) - len(cuts)} of its figures left out: {error.reason}"
            page = replace(page, warnings=(*page.warnings, warning))
        if cuts:
            await self._desk.pages.put_figures(*who, page.number, cuts, run=self._reading.run)
        return replace(page, figures=figures[: len(cuts)])

    async def _give_up(self, number: int, reason: str) -> None:
        who = self._reading.tenant_id, self._reading.document_id
        await self._desk.pages.fail(*who, self._reading.run, number, reason)

    async def _close_when_all_is_settled(self) -> None:
        who = self._reading.tenant_id, self._reading.document_id
        outcomes = await self._desk.pages.outcomes(*who, run=self._reading.run)
        if any(page.state == "waiting" for page in outcomes):
            return
        engines = {page.engine for page in outcomes if page.engine}
        command = FinishReading(
            run=self._reading.run,
            pages=len(outcomes),
            pages_failed=sum(page.state == "failed" for page in outcomes),
            characters=sum(page.characters or 0 for page in outcomes),
            engine="+".join(sorted(engines)) or "none",
        )
        await self._desk.conclude(self._reading, command)
        await self._desk.announce(self._reading, is_over=True)

    async def _fail(self, reason: FailureReason, detail: str) -> None:
        who = self._reading.tenant_id, self._reading.document_id
        await self._desk.documents.explain(*who, self._reading.run, detail)
        await self._desk.conclude(self._reading, FailReading(self._reading.run, reason))
        await self._desk.announce(self._reading, is_over=True)


def failure_reason(code: str) -> FailureReason:
    """The reason that a reader's code stands for."""
    return next((reason for reason in get_args(FailureReason) if reason == code), "broken")
