"""A Postgres of a test's own, which it may kill."""

import asyncio
import os
import signal
from pathlib import Path

import asyncpg
import pytest

from cluster.servers.ports import PortBook
from cluster.servers.postgres_server import SUPERUSER, PostgresServer
from cluster.servers.process import spawn, stop
from cluster.settings import PostgresSettings


class Server:
    """A Postgres of its own, for one test."""

    def __init__(self, root: Path) -> None:
        root.mkdir()
        passwords = dict.fromkeys((SUPERUSER, "mch_owner", "mch"), "secret")
        port = PortBook(root / "ports.json").take("postgres")
        self.server = PostgresServer(root, root / "data", port, passwords)
        self._root = root

    async def __aenter__(self) -> "Server":
        launch = await asyncio.to_thread(self.server.prepare)
        self._process = await spawn(launch, self._root, self._root / "log")
        self._how = launch.stop_signal
        async with asyncio.timeout(30):
            while not await self._answers():
                await asyncio.sleep(0.05)
        await self.server.settle()
        return self

    async def __aexit__(self, *_: object) -> None:
        await stop(self._process, self._how, within_s=10.0)

    async def kill(self) -> None:
        os.kill(self._process.pid, signal.SIGKILL)
        await self._process.wait()

    @property
    def settings(self) -> PostgresSettings:
        return PostgresSettings.model_validate({"dsn": self.server.dsn("mch")})

    @property
    def owner(self) -> str:
        return self.server.dsn("mch_owner")

    @property
    def superuser(self) -> str:
        return self.server.dsn(SUPERUSER)

    async def _answers(self) -> bool:
        try:
            await self.server.ask()
        except (OSError, asyncpg.PostgresError):
            return False
        return True


@pytest.fixture
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server's user may walk to."""
    place = tmp_path_factory.mktemp("restore")
    for parent in (place, *place.parents[:2]):
        parent.chmod(parent.stat().st_mode | 0o011)
    return place
