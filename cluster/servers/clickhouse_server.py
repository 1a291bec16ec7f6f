"""ClickHouse as a server of the hub; `cluster.servers.clickhouse` knows its command line."""

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import httpx

from cluster.servers.clickhouse import clickhouse_argv
from cluster.servers.credentials import write_private
from cluster.servers.ports import LOOPBACK
from cluster.servers.process import Launch, plain_environment
from cluster.servers.server import private_folder

USERNAME = "mch"
_CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class ClickHouseServer:
    data: Path
    port: int
    password: str

    name: ClassVar[str] = "clickhouse"
    needs: ClassVar[tuple[str, ...]] = ()
    ready_within_s: ClassVar[float] = 60.0

    def prepare(self) -> Launch:
        private_folder(self.data)
        credentials = {"username": USERNAME, "password": self.password}
        file = write_private(self.data.with_name("clickhouse.json"), credentials)
        return Launch(
            argv=tuple(clickhouse_argv(self.port, self.data, file)),
            cwd=_CHECKOUT,
            env=plain_environment(),
        )

    async def ask(self) -> None:
        async with httpx.AsyncClient(timeout=3.0, trust_env=False) as client:
            answer = await client.get(f"http://{LOOPBACK}:{self.port}/ping")
            answer.raise_for_status()

    async def settle(self) -> None:
        """Nothing: tables come with migrations."""
