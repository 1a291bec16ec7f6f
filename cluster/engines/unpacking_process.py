"""A child process that takes one archive apart, watched like one that reads."""

import asyncio
import json
import os
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cluster.engines.reading_process import QUIET, ROOT, Bounds
from cluster.servers.process import plain_environment, told_of_our_death
from domain.archives import Refusal
from domain.errors import ReaderEnded, Unreadable

_LONGEST_ANSWER = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file of the archive: where it lies now, or why it was not taken out."""

    number: int
    name: str
    path: Path
    refusal: Refusal | None


async def unpack(archive: Path, folder: Path, bounds: Bounds) -> list[Unpacked]:
    """Its files into the folder. Raises `Unreadable` for the whole of it, and `ReaderEnded`."""
    answer = await _run(archive, folder, bounds)
    if refused := answer.get("refused"):
        raise Unreadable(file="the archive", reason=refused["reason"], code=refused["code"])
    return [
        Unpacked(number, _printed(told["name"]), folder / f"{number}", _refusal(told["failed"]))
        for number, told in enumerate(answer["members"], 1)
    ]


def _printed(name: str) -> str:
    return "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in name)


def _refusal(told: dict[str, str] | None) -> Refusal | None:
    return Refusal(**told) if told else None


async def _run(archive: Path, folder: Path, bounds: Bounds) -> dict[str, Any]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "cluster.engines.unpacking"),
        *(str(archive), str(folder), str(bounds.memory_bytes)),
        cwd=folder,
        env=plain_environment() | QUIET | {"PYTHONPATH": str(ROOT), "TMPDIR": str(folder)},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        limit=_LONGEST_ANSWER,
        start_new_session=True,
        preexec_fn=told_of_our_death(signal.SIGKILL),
    )
    try:
        told, _ = await asyncio.wait_for(process.communicate(), bounds.open_s)
    except TimeoutError:
        reason = f"taking it apart took longer than {bounds.open_s:g} s"
        raise ReaderEnded(reason=reason, code="timed_out") from None
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    if not told.endswith(b"\n"):
        raise ReaderEnded(reason=f"it ended with {process.returncode}", code="crashed")
    answer: dict[str, Any] = json.loads(told)
    return answer
