"""`MCH_HOME`: the one folder in which an embedded hub keeps everything."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Home:
    """Paths under the folder. Makes nothing by itself."""

    root: Path

    @classmethod
    def default(cls) -> "Home":
        """`MCH_HOME`, or `.mch` in the folder that holds this checkout's packages."""
        configured = os.environ.get("MCH_HOME")
        return cls(Path(configured or Path(__file__).parents[1] / ".mch").absolute())

    @property
    def run(self) -> Path:
        """Process ids, addresses, credentials: what only a running hub needs."""
        return self.root / "run"

    @property
    def servers_file(self) -> Path:
        """Settings, by group, that the embedded servers determine. Mode 0600."""
        return self.run / "servers.json"

    @property
    def parts_file(self) -> Path:
        """What the supervisor knows of each part (`cluster.servers.parts`)."""
        return self.run / "parts.json"

    @property
    def lock_file(self) -> Path:
        """Held by the home's hub while it runs (`cluster.servers.lock`)."""
        return self.run / "hub.lock"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    def data(self, server: str) -> Path:
        return self.root / "data" / server

    def servers(self) -> dict[str, Any]:
        """The content of `servers_file`, empty before the first start."""
        if not self.servers_file.exists():
            return {}
        found: dict[str, Any] = json.loads(self.servers_file.read_text(encoding="utf-8"))
        return found
