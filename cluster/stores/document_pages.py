"""The pages of a document: what became of each in Postgres, what stands on it beside the file."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from cluster.stores.blob_store import S3BlobStore
from cluster.stores.postgres import Pool, as_tenant
from domain.errors import NotFound
from domain.pages import PAGE, Page

AT_ONCE = 16
"""Pages fetched side by side."""

_DOCUMENT = "select digest, run from document where (tenant_id, document_id) = ($1, $2)"

_DONE = """
select number from document_page
where (tenant_id, document_id, run) = ($1, $2, $3) and state = 'done'
order by number
"""

_ONE = """
select number, state, reason, engine, characters, confidence, width, height from document_page
where (tenant_id, document_id, run) = ($1, $2, $3) and number between $4 and $5
order by number
"""

_EXPECT = """
insert into document_page (tenant_id, document_id, run, number)
select $1, $2, $3, number from generate_series(1, $4) as number
on conflict do nothing
"""

# What is settled stays settled: so a page counts once, however often it is read.
_SETTLE = """
insert into document_page as old (tenant_id, document_id, run, number, state, reason, engine,
                                  characters, confidence, width, height, body, ended_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, now())
on conflict (tenant_id, document_id, run, number) do update
set state = excluded.state, reason = excluded.reason, engine = excluded.engine,
    characters = excluded.characters, confidence = excluded.confidence,
    width = excluded.width, height = excluded.height, body = excluded.body,
    ended_at = excluded.ended_at
where old.state = 'waiting'
"""

PageState = Literal["waiting", "done", "failed"]


@dataclass(frozen=True, slots=True)
class PageOutcome:
    """What became of a page. Sizes are in points."""

    number: int
    state: PageState
    reason: str | None = None
    engine: str | None = None
    characters: int | None = None
    confidence: float | None = None
    width: float | None = None
    height: float | None = None


class DocumentPages:
    """Of the newest reading, where no `run` is named. Raises `Unavailable`."""

    def __init__(self, pool: Pool, files: S3BlobStore) -> None:
        self._pool = pool
        self._files = files

    async def read(self, tenant_id: UUID, document_id: UUID) -> list[Page]:
        """Those that are done, in their order. Raises `NotFound`."""
        digest, run = await self._document(tenant_id, document_id)
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_DONE, tenant_id, document_id, run)
        turn = asyncio.Semaphore(AT_ONCE)

        async def fetch(number: int) -> Page:
            async with turn:
                return await self._page(tenant_id, digest, run, number)

        return await asyncio.gather(*(fetch(row["number"]) for row in rows))

    async def read_one(self, tenant_id: UUID, document_id: UUID, number: int) -> Page:
        """Raises `NotFound`, also for a page that is not done."""
        digest, run = await self._document(tenant_id, document_id)
        return await self._page(tenant_id, digest, run, number)

    async def outcomes(
        self,
        tenant_id: UUID,
        document_id: UUID,
        *,
        first: int = 1,
        last: int = 2**31 - 1,
        run: int | None = None,
    ) -> list[PageOutcome]:
        """Raises `NotFound`."""
        _, run = await self._document(tenant_id, document_id, run)
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_ONE, tenant_id, document_id, run, first, last)
        return [PageOutcome(**dict(row)) for row in rows]

    async def write(
        self, tenant_id: UUID, document_id: UUID, pages: Sequence[Page], *, run: int | None = None
    ) -> None:
        """Pages that are done. Raises `NotFound`. Repeating it changes nothing.

        Who read them names the reading: another may have begun meanwhile, with other options.
        Their number counts as expected, so write those that failed with `fail`.
        """
        digest, run = await self._document(tenant_id, document_id, run)
        for page in pages:
            content = PAGE.dump_json(page, exclude_defaults=True)
            await self._files.put_derived(tenant_id, digest, page_name(run, page.number), content)
            await self._settle(tenant_id, document_id, run, _outcome(page), page.text)

    async def put_figures(
        self,
        tenant_id: UUID,
        document_id: UUID,
        number: int,
        pictures: Sequence[bytes],
        *,
        run: int | None = None,
    ) -> None:
        """PNGs of a page's figures, in their order. Raises `NotFound`. Repeating it is harmless."""
        digest, run = await self._document(tenant_id, document_id, run)
        for figure, content in enumerate(pictures, start=1):
            name = figure_name(run, number, figure)
            await self._files.put_derived(tenant_id, digest, name, content)

    async def figure(self, tenant_id: UUID, document_id: UUID, number: int, figure: int) -> bytes:
        """A PNG of the page's figure, counted from 1. Raises `NotFound`."""
        digest, run = await self._document(tenant_id, document_id)
        return await self._files.get_derived(tenant_id, digest, figure_name(run, number, figure))

    async def fail(
        self, tenant_id: UUID, document_id: UUID, run: int, number: int, why: str
    ) -> None:
        """This page of this reading cannot be read. Repeating it changes nothing."""
        await self._settle(tenant_id, document_id, run, PageOutcome(number, "failed", why))

    async def expect(self, tenant_id: UUID, document_id: UUID, run: int, pages: int) -> None:
        """From now on so many pages must be accounted for. Repeating it changes nothing."""
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_EXPECT, tenant_id, document_id, run, pages)

    async def _settle(
        self,
        tenant_id: UUID,
        document_id: UUID,
        run: int,
        page: PageOutcome,
        text: str | None = None,
    ) -> None:
        facts = (page.number, page.state, page.reason, page.engine, page.characters)
        # Postgres keeps no zero byte; in a document it is nobody's letter.
        body = text.replace("\x00", " ") if text is not None else None
        measures = (page.confidence, page.width, page.height, body)
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_SETTLE, tenant_id, document_id, run, *facts, *measures)

    async def _document(
        self, tenant_id: UUID, document_id: UUID, run: int | None = None
    ) -> tuple[str, int]:
        """Its digest, and the reading: that one, else the newest."""
        async with as_tenant(self._pool, tenant_id) as connection:
            row = await connection.fetchrow(_DOCUMENT, tenant_id, document_id)
        if row is None:
            raise NotFound(what="document", key=str(document_id))
        return row["digest"], row["run"] if run is None else run

    async def _page(self, tenant_id: UUID, digest: str, run: int, number: int) -> Page:
        content = await self._files.get_derived(tenant_id, digest, page_name(run, number))
        return PAGE.validate_json(content)


def page_name(run: int, number: int) -> str:
    """Under `derived/`: each reading has pages of its own."""
    return f"run-{run}/page-{number:05}.json"


def figure_name(run: int, number: int, figure: int) -> str:
    return f"run-{run}/figures/{number:05}-{figure:03}.png"


def _outcome(page: Page) -> PageOutcome:
    return PageOutcome(
        page.number,
        "done",
        engine=page.engine,
        characters=len(page.text),
        confidence=page.confidence,
        width=page.width,
        height=page.height,
    )
