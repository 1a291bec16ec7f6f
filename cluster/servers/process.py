"""Child processes: how they start, how they end, and how those of a dead supervisor are found."""

import asyncio
import ctypes
import os
import signal
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

HUB_MARK = "MEDCONTRACTHUB_HOME"
"""In the environment of every process that a hub starts: the hub's home, absolute. No setting."""

_SET_PARENT_DEATH_SIGNAL = 1  # prctl(2)


@dataclass(frozen=True, slots=True)
class Launch:
    """One process to start. `env` is all that it gets besides the mark of its hub."""

    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str] = field(default_factory=lambda: plain_environment())
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM


def plain_environment() -> dict[str, str]:
    """What any program may know of ours: no setting, no secret."""
    names = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
    return {name: os.environ[name] for name in names if name in os.environ}


def hub_environment(home: Path) -> dict[str, str]:
    """Our own programs also read the settings."""
    return {**os.environ, "MCH_HOME": str(home)}


async def spawn(launch: Launch, home: Path, log: Path) -> asyncio.subprocess.Process:
    """Start it in a session of its own; on Linux it is told to stop when we die."""
    with log.open("ab") as output:
        return await asyncio.create_subprocess_exec(
            *launch.argv,
            cwd=launch.cwd,
            env={**launch.env, HUB_MARK: str(home)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=told_of_our_death(launch.stop_signal),
            user=launch.user,
            group=launch.user,
            extra_groups=[] if launch.user else None,
        )


async def stop(
    process: asyncio.subprocess.Process, how: signal.Signals, *, within_s: float
) -> None:
    """Ask, wait, then kill it with all its descendants. Returns when it is reaped."""
    family = descendants(process.pid)
    with suppress(ProcessLookupError):
        process.send_signal(how)
    with suppress(TimeoutError):
        await asyncio.wait_for(process.wait(), within_s)
    for each in family:
        with suppress(psutil.Error):
            each.kill()
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def descendants(pid: int) -> list[psutil.Process]:
    """Processes under it, by start time too: a number that is given again is not among them."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []


def leftovers(home: Path) -> list[psutil.Process]:
    """Processes that a hub of this home started, except the one that asks and its parents."""
    ours = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    marked = [
        process
        for process in psutil.process_iter()
        if process.pid not in ours and _mark(process) == str(home)
    ]
    family = {child.pid: child for process in marked for child in descendants(process.pid)}
    return [*marked, *(child for pid, child in family.items() if pid not in ours)]


def end(processes: list[psutil.Process], *, within_s: float) -> None:
    """SIGTERM, then SIGKILL for those that stay. Blocks."""
    for process in processes:
        with suppress(psutil.Error):
            process.terminate()
    for process in psutil.wait_procs(processes, timeout=within_s)[1]:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(processes, timeout=5.0)


def _mark(process: psutil.Process) -> str | None:
    try:
        return process.environ().get(HUB_MARK)
    except (psutil.Error, OSError):
        return None


def told_of_our_death(how: signal.Signals) -> Callable[[], None] | None:
    """Runs in the child after it has changed its user, which would undo the request."""
    if not sys.platform.startswith("linux"):
        return None
    library = ctypes.CDLL(None)
    return lambda: library.prctl(_SET_PARENT_DEATH_SIGNAL, int(how))
