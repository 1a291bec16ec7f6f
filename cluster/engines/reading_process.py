"""A child process that reads one file, watched: ended when it takes too long, told when it dies."""

import asyncio
import json
import os
import shutil
import signal
import sys
import tempfile
from base64 import b64decode
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from cluster.servers.process import plain_environment, told_of_our_death
from cluster.settings import ReadingSettings
from domain.document import ReadingMode
from domain.errors import ReaderEnded, Unreadable
from domain.pages import Box

Mode = ReadingMode | Literal["rapidocr"]
"""The last one is the second engine, which reads pages from their pictures alone."""

ROOT = Path(__file__).parents[2]
_LONGEST_ANSWER = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one file may take: memory in bytes, and seconds to open it or to read a page."""

    memory_bytes: int = 2 * 1024**3
    open_s: float = 60.0
    page_s: float = 60.0

    @classmethod
    def of(cls, settings: ReadingSettings) -> "Bounds":
        memory_bytes = settings.memory_mb * 1024**2
        return cls(memory_bytes, settings.open_timeout_s, settings.page_timeout_s)


class ReadingProcess:
    """Not for several tasks at once. After `ReaderEnded` it is gone; so it is after `close`."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path, bounds: Bounds) -> None:
        self._process = process
        self._folder = folder
        self._bounds = bounds
        self._pages: int | None = None

    @classmethod
    async def start(cls, path: Path, mode: Mode, bounds: Bounds) -> "ReadingProcess":
        """With no secret of ours, in a session and a temporary folder of its own."""
        folder = Path(tempfile.mkdtemp(prefix="mch-reading-"))
        environment = {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "cluster.engines.reading"),
            *(str(path), mode, str(bounds.memory_bytes)),
            cwd=folder,
            env=plain_environment() | QUIET | environment,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            limit=_LONGEST_ANSWER,
            start_new_session=True,
            preexec_fn=told_of_our_death(signal.SIGKILL),
        )
        return cls(process, folder, bounds)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def has_ended(self) -> bool:
        return self._process.returncode is not None

    async def pages(self) -> int:
        """Raises `Unreadable`, after which it is gone too, and `ReaderEnded`."""
        if self._pages is not None:
            return self._pages
        answer = await self._answer(self._bounds.open_s, "opening it")
        if refused := answer.get("refused"):
            await self.close()
            raise Unreadable(file="the document", reason=refused["reason"], code=refused["code"])
        count: int = answer["pages"]
        self._pages = count
        return count

    async def read(self, number: int) -> dict[str, Any]:
        """A page as JSON. Raises `Unreadable` for this page alone, and `ReaderEnded`."""
        page: dict[str, Any] = (await self._ask(f"{number}"))["page"]
        return page

    async def picture(self, number: int, width: int) -> bytes:
        """A page as a PNG, so many pixels wide. Raises like `read`."""
        return b64decode((await self._ask(f"{number} {width}"))["picture"])

    async def cut(self, number: int, box: Box) -> bytes:
        """What the page shows there, as a PNG. Raises like `read`."""
        edges = f"{box.left} {box.top} {box.right} {box.bottom}"
        return b64decode((await self._ask(f"{number} {edges}"))["picture"])

    async def _ask(self, question: str) -> dict[str, Any]:
        await self.pages()
        if self._process.stdin is None:
            raise ReaderEnded(reason="it has no input", code="crashed")
        try:
            self._process.stdin.write(f"{question}\n".encode())
            await self._process.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            await self._fell()
        answer = await self._answer(self._bounds.page_s, "reading the page")
        if failed := answer.get("failed"):
            raise Unreadable(file="the page", reason=failed["reason"], code=failed["code"])
        return answer

    async def close(self) -> None:
        """With all that it started. Repeating it is harmless."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _answer(self, within_s: float, what: str) -> dict[str, Any]:
        if self._process.stdout is None:
            raise ReaderEnded(reason="it has no output", code="crashed")
        try:
            line = await asyncio.wait_for(self._process.stdout.readline(), within_s)
        except TimeoutError:
            await self.close()
            told = f"{what} took longer than {within_s:g} s"
            raise ReaderEnded(reason=told, code="timed_out") from None
        except ValueError:
            await self.close()
            raise ReaderEnded(reason="a page of unheard-of length", code="bomb") from None
        if not line.endswith(b"\n"):
            await self._fell()
        answer: dict[str, Any] = json.loads(line)
        return answer

    async def _fell(self) -> None:
        await self.close()
        status = self._process.returncode or 0
        how = signal.Signals(-status).name if status < 0 else f"status {status}"
        raise ReaderEnded(reason=f"it ended by {how}", code="crashed")


QUIET = {
    "OMP_THREAD_LIMIT": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
}
"""One processor a process, and no address space for threads that it will not have."""
