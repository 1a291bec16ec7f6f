"""What is known of each part of a running hub, and the file in which others read it."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path


class State(StrEnum):
    STARTING = "starting"
    UP = "up"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    state: State = State.STARTING
    pid: int | None = None
    detail: str = ""
    restarts: int = 0
    since: str = ""


class PartsBoard:
    """Parts by name, written to a file as a whole whenever one of them changes."""

    def __init__(self, file: Path, names: Iterable[str]) -> None:
        self._file = file
        self._parts = {name: Part(name, since=_now()) for name in names}
        self._write()

    def __getitem__(self, name: str) -> Part:
        return self._parts[name]

    def note(self, name: str, state: State, *, pid: int | None = None, detail: str = "") -> None:
        old = self._parts.get(name, Part(name))
        since = old.since if old.state == state else _now()
        self._put(replace(old, state=state, pid=pid, detail=detail, since=since))

    def count_restart(self, name: str) -> None:
        self._put(replace(self._parts[name], restarts=self._parts[name].restarts + 1))

    def clear(self) -> None:
        """Nothing runs any more."""
        self._parts = {}
        self._write()

    def _put(self, part: Part) -> None:
        self._parts[part.name] = part
        self._write()

    def _write(self) -> None:
        fresh = self._file.with_name(f".{self._file.name}.{os.getpid()}")
        fresh.write_text(json.dumps({name: asdict(part) for name, part in self._parts.items()}))
        fresh.replace(self._file)


def read_parts(file: Path) -> dict[str, Part]:
    """Empty where no hub ever ran."""
    if not file.exists():
        return {}
    found = json.loads(file.read_text())
    return {
        name: Part(**{**fields, "state": State(fields["state"])}) for name, fields in found.items()
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
