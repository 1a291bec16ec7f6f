"""The SAM.gov sandbox as a server of the hub: what stands in where there is no API key."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import httpx

from cluster.servers.ports import LOOPBACK
from cluster.servers.process import Launch, hub_environment
from cluster.servers.server import private_folder
from cluster.settings import SamGovSettings

_CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class SamGovSandbox:
    home: Path
    data: Path
    port: int
    settings: SamGovSettings

    name: ClassVar[str] = "sam_gov"
    needs: ClassVar[tuple[str, ...]] = ()
    ready_within_s: ClassVar[float] = 60.0

    @property
    def base_url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def prepare(self) -> Launch:
        private_folder(self.data)
        return Launch(
            argv=(
                *(sys.executable, "-m", "cluster.servers.sam_gov_sandbox"),
                *("--port", str(self.port)),
                *("--data", str(self.data)),
                *("--notices", str(self.settings.sandbox_notices)),
                *("--new-every-s", str(self.settings.sandbox_new_every_s)),
            ),
            cwd=_CHECKOUT,
            env=hub_environment(self.home),
        )

    async def ask(self) -> None:
        async with httpx.AsyncClient(timeout=3.0, trust_env=False) as client:
            (await client.get(f"{self.base_url}/health")).raise_for_status()

    async def settle(self) -> None:
        """Nothing: its data folder holds all that it serves."""
