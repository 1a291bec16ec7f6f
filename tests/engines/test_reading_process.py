"""The reading process: what it reads, what it refuses, and how it ends."""

import io
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from PIL import Image

from cluster.engines.reading_process import Bounds, ReadingProcess
from domain.errors import ReaderEnded, Unreadable
from tests.engines.test_reading import pdf
from tests.hostile import HOSTILE, scanned

SECRET = "MCH_S3__SECRET_KEY"  # noqa: S105


@asynccontextmanager
async def reading(path: Path, bounds: Bounds | None = None) -> AsyncIterator[ReadingProcess]:
    process = await ReadingProcess.start(path, "auto", bounds or Bounds())
    try:
        yield process
    finally:
        await process.close()


async def read_all(process: ReadingProcess) -> None:
    for number in range(1, await process.pages() + 1):
        await process.read(number)


async def test_a_file_is_read_page_by_page(tmp_path: Path) -> None:
    file = pdf(tmp_path / "a.pdf", [(72, 100, "One pump")], [(72, 100, "Two pumps")])
    async with reading(file) as process:
        assert await process.pages() == 2
        assert (await process.read(2))["lines"][0]["text"] == "Two pumps"
        assert (await process.read(1))["lines"][0]["text"] == "One pump"


async def test_a_page_is_drawn_and_a_text_has_no_looks(tmp_path: Path) -> None:
    async with reading(pdf(tmp_path / "a.pdf", [(72, 100, "x")])) as process:
        picture = Image.open(io.BytesIO(await process.picture(1, 300)))
    assert (picture.format, picture.width, picture.height) == ("PNG", 300, 389)
    text = tmp_path / "a.txt"
    text.write_text("Gloves")
    async with reading(text) as process:
        assert (await process.read(1))["lines"][0]["text"] == "Gloves"
        with pytest.raises(Unreadable, match="no looks"):
            await process.picture(1, 300)


async def test_a_scan_is_recognised_with_boxes_over_its_words(tmp_path: Path) -> None:
    file = scanned(tmp_path / "a.pdf", "The contractor shall deliver", degrees=2.0)
    async with reading(file) as process:
        page = await process.read(1)
    assert (page["engine"], page["confidence"] > 0.8) == ("tesseract", True)
    words = {w["text"]: w["box"] for line in page["lines"] for w in line["words"]}
    assert {"contractor", "shall", "deliver"} <= set(words)
    assert all(0 <= b["left"] < b["right"] <= 612 for b in words.values())


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_file_ends_in_a_reason(name: str, tmp_path: Path) -> None:
    hostile = HOSTILE[name]
    file = tmp_path / "document"
    hostile.make(file)
    async with reading(file, Bounds(1024 * 1024**2, 30, 30)) as process:
        with pytest.raises((Unreadable, ReaderEnded)) as refused:
            await read_all(process)
    assert isinstance(refused.value, Unreadable | ReaderEnded)
    assert refused.value.code in hostile.codes


async def test_what_takes_too_long_is_ended_with_all_that_it_started(tmp_path: Path) -> None:
    file = scanned(tmp_path / "a.pdf", "slow", degrees=0)
    process = await ReadingProcess.start(file, "ocr", Bounds(page_s=0.05))
    assert await process.pages() == 1
    with pytest.raises(ReaderEnded, match="longer than"):
        await process.read(1)
    assert process.has_ended
    assert not psutil.pid_exists(process.pid)


async def test_one_that_is_killed_says_how(tmp_path: Path) -> None:
    async with reading(pdf(tmp_path / "a.pdf", [(72, 100, "x")])) as process:
        await process.pages()
        os.kill(process.pid, signal.SIGKILL)
        with pytest.raises(ReaderEnded, match="SIGKILL"):
            await process.read(1)


async def test_it_holds_no_secret_of_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SECRET, "hidden")
    async with reading(pdf(tmp_path / "a.pdf", [(72, 100, "x")])) as process:
        await process.pages()
        assert "hidden" not in psutil.Process(process.pid).environ().values()


_CONFINED = """
import socket, subprocess, sys
from cluster.engines.reading.sandbox import confine
confine(512 * 1024 ** 2)
for attempt in (socket.socket, lambda: socket.socketpair(), lambda: bytearray(1024 ** 3)):
    try:
        attempt()
    except (PermissionError, MemoryError) as error:
        print(type(error).__name__)
inner = [sys.executable, "-c", "import socket; socket.socket()"]
print(subprocess.run(inner, capture_output=True).returncode)
"""


def test_a_confined_process_opens_no_socket_and_takes_no_more_memory() -> None:
    root = Path(__file__).parents[2]
    told = subprocess.run(  # noqa: S603 - our own arguments
        [sys.executable, "-c", _CONFINED], cwd=root, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["PermissionError", "PermissionError", "MemoryError", "1"]


@pytest.mark.parametrize("module", ["deployments.app", "actors.process_documents"])
def test_who_only_has_files_read_loads_no_parser(module: str) -> None:
    told = f"import sys, {module}; print('pymupdf' in sys.modules, 'scipy' in sys.modules)"
    answer = subprocess.run(  # noqa: S603 - our own arguments
        [sys.executable, "-c", told],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.split() == ["False", "False"]
