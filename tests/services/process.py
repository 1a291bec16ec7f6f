"""Processes and ports of the services."""

import os
import random
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cluster.servers.ports import LOOPBACK, is_free

__all__ = ["LOOPBACK"]

READY_WITHIN_S = 60.0


class NotHere(Exception):
    """A tool that builds or runs a service is missing; the message says which."""


@contextmanager
def running(
    command: Sequence[str], log: Path, environment: Mapping[str, str]
) -> Iterator["subprocess.Popen[bytes]"]:
    """Ended when the block is left."""
    with ExitStack() as stack:
        out = stack.enter_context(log.open("wb"))
        environment = {**os.environ, **environment}
        process = subprocess.Popen(command, stdout=out, stderr=out, env=environment)  # noqa: S603
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for_port(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((LOOPBACK, port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError(f"nothing listens on port {port}: {log.read_text()[-2_000:]}")


def free_ports(count: int) -> list[int]:
    """Next to each other: Weaviate derives some of its ports from others."""
    while True:
        first = random.randint(20_000, 32_000)  # noqa: S311 - not a secret
        ports = list(range(first, first + count))
        if all(map(is_free, ports)):
            return ports
