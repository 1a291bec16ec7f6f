"""The mail sink as a server of the hub: what stands in where no mail server is set."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import aiosmtplib

from cluster.servers.ports import LOOPBACK
from cluster.servers.process import Launch
from cluster.servers.server import private_folder

_CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class MailSink:
    data: Path
    port: int

    name: ClassVar[str] = "mail"
    needs: ClassVar[tuple[str, ...]] = ()
    ready_within_s: ClassVar[float] = 60.0

    def prepare(self) -> Launch:
        private_folder(self.data)
        return Launch(
            argv=(
                *(sys.executable, "-m", "cluster.servers.mail_sink"),
                *("--port", str(self.port), "--data", str(self.data)),
            ),
            cwd=_CHECKOUT,
        )

    async def ask(self) -> None:
        async with aiosmtplib.SMTP(
            hostname=LOOPBACK, port=self.port, timeout=3.0, start_tls=False
        ) as client:
            await client.noop()

    async def settle(self) -> None:
        """Nothing: its folder holds all that it takes."""
