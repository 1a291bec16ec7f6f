"""ClickHouse for tests: the embedded front alone, in a process of its own."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from cluster.servers.clickhouse import clickhouse_argv
from cluster.servers.ports import LOOPBACK, PortBook
from cluster.settings import ClickHouseSettings

PASSWORD = "pass'word"  # noqa: S105 - of a server that lives as long as a test


@dataclass
class Front:
    """One server that can be killed and started again on the same folder."""

    folder: Path
    port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def settings(self) -> ClickHouseSettings:
        facts = {"port": self.port, "username": "mch", "password": PASSWORD}
        return ClickHouseSettings.model_validate(facts)

    def start(self) -> None:
        credentials = self.folder / "credentials.json"
        credentials.write_text(json.dumps({"username": "mch", "password": PASSWORD}))
        argv = clickhouse_argv(self.port, self.folder, credentials, find=lambda name: None)
        root = Path(__file__).parents[1]
        self.process = subprocess.Popen(argv, cwd=root)  # noqa: S603 - our own arguments
        self._await_ready()

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        assert self.process
        self.process.terminate()
        return self.process.wait(timeout=30)

    def _await_ready(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                httpx.get(f"http://{LOOPBACK}:{self.port}/ping", trust_env=False)
            except httpx.TransportError:
                time.sleep(0.1)
            else:
                return
        raise AssertionError("the front does not answer")


@contextmanager
def running_front(folder: Path) -> Iterator[Front]:
    folder.mkdir(parents=True, exist_ok=True)
    front = Front(folder, PortBook(folder / "ports.json").take("clickhouse"))
    front.start()
    try:
        yield front
    finally:
        if front.process and front.process.poll() is None:
            front.stop()
