"""Pictures of pages: drawn when first asked for, in a child process, and kept beside the file."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from cluster.engines.reading_process import Bounds, ReadingProcess
from cluster.stores.blob_store import S3BlobStore
from domain.errors import NotFound, ReaderEnded, Unavailable

WIDTHS = {"page": 1224, "thumb": 180}
"""In pixels: two for each point of a letter's width, and enough to find a page by."""
AHEAD = 1
"""Pages drawn along: whoever looks at one looks at the next."""
IDLE_S = 15.0
"""How long a process waits for another page of its document."""


class PageImages:
    """One process at a time, whoever asks: drawing is quick, and memory is dear."""

    def __init__(self, files: S3BlobStore, bounds: Bounds) -> None:
        self._files = files
        self._bounds = bounds
        self._turn = asyncio.Lock()
        self._of: tuple[UUID, str] | None = None
        self._process: ReadingProcess | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._closing: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def get(self, tenant_id: UUID, digest: str, number: int, size: str) -> bytes:
        """A PNG. Raises `NotFound`, `Unreadable` where the page has no looks, `Unavailable`."""
        if (kept := await self._kept(tenant_id, digest, number, size)) is not None:
            return kept
        async with self._turn:
            if (kept := await self._kept(tenant_id, digest, number, size)) is not None:
                return kept
            try:
                return await self._draw(tenant_id, digest, number, size)
            except ReaderEnded as error:
                await self._clear()
                raise Unavailable(service="the page's picture", reason=error.reason) from error

    async def close(self) -> None:
        async with self._turn:
            await self._clear()

    async def _kept(self, tenant_id: UUID, digest: str, number: int, size: str) -> bytes | None:
        try:
            return await self._files.get_derived(tenant_id, digest, _name(number, size))
        except NotFound:
            return None

    async def _draw(self, tenant_id: UUID, digest: str, number: int, size: str) -> bytes:
        process = await self._opened(tenant_id, digest)
        pages = await process.pages()
        if not 1 <= number <= pages:
            raise NotFound(what="page", key=str(number))
        content = await self._put(process, (tenant_id, digest), number, size)
        for following in range(number + 1, min(number + AHEAD, pages) + 1):
            await self._put(process, (tenant_id, digest), following, size)
        self._wait()
        return content

    async def _put(
        self, process: ReadingProcess, of: tuple[UUID, str], number: int, size: str
    ) -> bytes:
        content = await process.picture(number, WIDTHS[size])
        await self._files.put_derived(*of, _name(number, size), content)
        return content

    async def _opened(self, tenant_id: UUID, digest: str) -> ReadingProcess:
        if self._closing is not None:
            self._closing.cancel()
        if self._of == (tenant_id, digest) and self._process and not self._process.has_ended:
            return self._process
        await self._clear()
        self._folder = tempfile.TemporaryDirectory(prefix="mch-drawing-")
        path = Path(self._folder.name) / "document"
        await self._files.fetch(tenant_id, digest, path)
        self._process = await ReadingProcess.start(path, "text", self._bounds)
        self._of = tenant_id, digest
        return self._process

    def _wait(self) -> None:
        def close() -> None:
            task = asyncio.create_task(self.close())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self._closing = asyncio.get_running_loop().call_later(IDLE_S, close)

    async def _clear(self) -> None:
        self._of = None
        if self._process is not None:
            await self._process.close()
            self._process = None
        if self._folder is not None:
            await asyncio.to_thread(self._folder.cleanup)
            self._folder = None


@asynccontextmanager
async def open_page_images(files: S3BlobStore, bounds: Bounds) -> AsyncIterator[PageImages]:
    images = PageImages(files, bounds)
    try:
        yield images
    finally:
        await images.close()


def _name(number: int, size: str) -> str:
    return f"images/{size}-{number:05}.png"
