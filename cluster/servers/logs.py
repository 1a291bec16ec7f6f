"""Log files of servers: bounded, and their last line for whoever asks why."""

import shutil
from pathlib import Path

LARGEST_BYTES = 16 * 2**20
_TAIL_BYTES = 4_096


def last_line(log: Path) -> str:
    """The last line that says something, at most 300 characters."""
    if not log.exists():
        return "no log"
    with log.open("rb") as content:
        content.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        lines = content.read().decode(errors="replace").splitlines()
    return next((line.strip()[:300] for line in reversed(lines) if line.strip()), "no output")


def rotate(folder: Path, largest_bytes: int = LARGEST_BYTES) -> None:
    """Keep one older file of each large log. Truncates, since servers hold the file open."""
    for log in folder.glob("*.log"):
        if log.stat().st_size > largest_bytes:
            shutil.copyfile(log, log.with_suffix(".log.1"))
            log.open("wb").close()
