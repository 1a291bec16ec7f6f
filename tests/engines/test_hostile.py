"""Hostile files of every kind, read by the real process: each ends, within bounds, and alone."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from cluster.engines.reading_process import Bounds, ReadingProcess
from domain.errors import ReaderEnded, Unreadable
from tests.hostile_formats import HOSTILE_FORMATS, QUIET

MEMORY_BYTES = 1024**3
BOUNDS = Bounds(MEMORY_BYTES, 20, 20)
LONGEST_GAP_S = 2.0
"""Between two turns of our own loop, on a busy machine."""


@dataclass
class Watched:
    """What the reader took at most, and how long our own loop stood still."""

    rss_bytes: int = 0
    gap_s: float = 0.0


@asynccontextmanager
async def watching(pid: int) -> AsyncIterator[Watched]:
    seen = Watched()

    async def look() -> None:
        clock = asyncio.get_running_loop().time
        while True:
            began = clock()
            with suppress(psutil.Error):  # Once it has ended.
                seen.rss_bytes = max(seen.rss_bytes, psutil.Process(pid).memory_info().rss)
            await asyncio.sleep(0.02)
            seen.gap_s = max(seen.gap_s, clock() - began)

    looking = asyncio.create_task(look())
    try:
        yield seen
    finally:
        looking.cancel()


async def text_of(process: ReadingProcess) -> str:
    pages = [await process.read(number) for number in range(1, await process.pages() + 1)]
    return " ".join(line["text"] for page in pages for line in page.get("lines", ()))


@pytest.mark.parametrize("name", HOSTILE_FORMATS)
async def test_it_ends_within_bounds_while_the_hub_goes_on(name: str, tmp_path: Path) -> None:
    hostile = HOSTILE_FORMATS[name]
    file = tmp_path / "document"
    await asyncio.to_thread(hostile.make, file)
    process = await ReadingProcess.start(file, "auto", BOUNDS)
    async with watching(process.pid) as seen:
        try:
            await text_of(process)
            end = "read"
        except (Unreadable, ReaderEnded) as error:
            end = error.code
        finally:
            await process.close()
    assert end in hostile.codes
    assert seen.rss_bytes < MEMORY_BYTES
    assert seen.gap_s < LONGEST_GAP_S
    assert not psutil.pid_exists(process.pid)


@dataclass
class Listener:
    """Hears whoever connects."""

    url: str = ""
    heard: list[bytes] = field(default_factory=list)

    async def hear(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard.append(await reader.readline())
        writer.close()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    one = Listener()
    server = await asyncio.start_server(one.hear, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    one.url = f"http://127.0.0.1:{port}/leak"
    async with server:
        yield one


@pytest.mark.parametrize("name", QUIET)
async def test_what_a_file_points_at_is_not_asked(
    name: str, tmp_path: Path, listener: Listener
) -> None:
    file = tmp_path / "document"
    QUIET[name](file, listener.url)
    process = await ReadingProcess.start(file, "auto", BOUNDS)
    try:
        assert "Words here" in (await text_of(process)).replace("Wordshere", "Words here")
    finally:
        await process.close()
    assert listener.heard == []


_ASKS = """
import sys, urllib.request
if sys.argv[2] == "confined":
    from cluster.engines.reading.sandbox import confine
    confine(1024 ** 3)
urllib.request.urlopen(sys.argv[1], timeout=5)
"""


@pytest.mark.parametrize(("how", "heard"), [("free", 1), ("confined", 0)])
async def test_the_listener_hears_who_is_not_confined_and_nobody_who_is(
    how: str, heard: int, listener: Listener
) -> None:
    """Without the filter, such a call would be heard: so silence above means something."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", _ASKS, listener.url, how),
        cwd=Path(__file__).parents[2],
        stderr=subprocess.PIPE,
    )
    _, told = await process.communicate()
    assert len(listener.heard) == heard
    assert (b"PermissionError" in told or b"Operation not permitted" in told) == (not heard)
