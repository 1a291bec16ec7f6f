"""Generated passwords of the embedded servers: one 0600 file beside the data they open."""

import json
import os
import secrets
from pathlib import Path
from typing import Any


class Credentials:
    """A password a name, made when first asked for, the same ever after."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._known: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}

    def secret(self, name: str) -> str:
        """URL-safe, so that it fits into a DSN as it is."""
        if name not in self._known:
            self._known[name] = secrets.token_urlsafe(24)
            write_private(self._file, self._known)
        return self._known[name]


def write_private(file: Path, content: Any) -> Path:
    """JSON that only we can read, replaced as a whole: no reader sees half of it."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:  # noqa: PTH123
        json.dump(content, out, indent=1)
    return fresh.replace(file)
