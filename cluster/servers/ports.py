"""Ports on loopback: free ones, and where possible those of the last start."""

import json
import random
import socket
from pathlib import Path

LOOPBACK = "127.0.0.1"
_LOWEST, _HIGHEST = 20_000, 32_000
"""Below the ports that Linux and macOS give to outgoing connections."""


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


class PortBook:
    """Which port each server of a home listens on. Remembered in one file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._last: dict[str, int] = json.loads(file.read_text()) if file.exists() else {}
        self._taken: set[int] = set()

    def take(self, name: str, *, preferred: int = 0) -> int:
        """The port of the last start, else the preferred, else any, whichever is free first."""
        for port in (self._last.get(name, 0), preferred):
            if port and port not in self._taken and is_free(port):
                return self._note(name, port)
        while True:
            port = random.randint(_LOWEST, _HIGHEST)  # noqa: S311 - not a secret
            if port not in self._taken and is_free(port):
                return self._note(name, port)

    def _note(self, name: str, port: int) -> int:
        self._taken.add(port)
        self._last[name] = port
        self._file.write_text(json.dumps(self._last, indent=1))
        return port

    def take_block(self, name: str, size: int) -> int:
        """The first of `size` ports in a row, all free now: for a program that takes them later."""
        tries = (
            self._last.get(name, 0),
            *(random.randrange(10_000, 19_000, size) for _ in range(200)),  # noqa: S311
        )
        for first in tries:
            if first and all(is_free(port) for port in range(first, first + size)):
                return self._note(name, first)
        raise OSError(f"no {size} free ports in a row")
