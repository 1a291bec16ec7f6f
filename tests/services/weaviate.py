"""A real Weaviate of one node, for the contract tests."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.services.process import LOOPBACK, NotHere, free_ports, running

VERSION = "v1.35.2"
MODULE = f"github.com/weaviate/weaviate/cmd/weaviate-server@{VERSION}"
KEY = "contract-tests"
READY_WITHIN_S = 60.0

_SETTINGS = {
    "DEFAULT_VECTORIZER_MODULE": "none",
    "DISABLE_TELEMETRY": "true",
    "GO_PROFILING_DISABLE": "true",
    "AUTHENTICATION_APIKEY_ENABLED": "true",
    "AUTHENTICATION_APIKEY_ALLOWED_KEYS": KEY,
    "AUTHENTICATION_APIKEY_USERS": "hub",
    "AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED": "false",
    "AUTHORIZATION_ADMINLIST_ENABLED": "true",
    "AUTHORIZATION_ADMINLIST_USERS": "hub",
    "CLUSTER_HOSTNAME": "node1",
    "CLUSTER_IN_LOCALHOST": "true",
    "CLUSTER_ADVERTISE_ADDR": LOOPBACK,  # Without it, it dies where there is IPv6.
    "RAFT_BOOTSTRAP_EXPECT": "1",
}
_PORTS = (
    "CLUSTER_GOSSIP_BIND_PORT",
    "CLUSTER_DATA_BIND_PORT",
    "RAFT_PORT",
    "RAFT_INTERNAL_RPC_PORT",
    "GRPC_PORT",
)


def build(cache: Path) -> Path:
    """The server, compiled by Go unless it is there: minutes. Raises `NotHere`."""
    server = cache / "go" / "bin" / "weaviate-server"
    kept = cache / f"weaviate-{VERSION}"
    if kept.exists():
        return kept
    go = shutil.which("go")
    if go is None:
        raise NotHere("Weaviate needs Go 1.26 or newer")
    paths = {"GOPATH": str(cache / "go"), "GOFLAGS": "-modcacherw"}
    environment = {**os.environ, **paths}
    subprocess.run([go, "install", MODULE], check=True, env=environment)  # noqa: S603
    shutil.copy2(server, kept)
    return kept


@contextmanager
def weaviate(cache: Path) -> Iterator[str]:
    """Its `host:http port:grpc port:key`, empty each time. Raises `NotHere`."""
    server = build(cache)
    with tempfile.TemporaryDirectory(prefix="mch-weaviate-") as home:
        http, *ports = free_ports(1 + len(_PORTS))
        told = dict(zip(_PORTS, map(str, ports), strict=True))
        command = [str(server), "--host", LOOPBACK, "--port", str(http), "--scheme", "http"]
        environment = {**_SETTINGS, **told, "PERSISTENCE_DATA_PATH": f"{home}/data"}
        with running(command, Path(home, "log"), environment) as process:
            _wait(process, http, Path(home, "log"))
            yield f"{LOOPBACK}:{http}:{told['GRPC_PORT']}:{KEY}"


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        try:
            ready = httpx.get(f"http://{LOOPBACK}:{port}/v1/.well-known/ready")
            if ready.is_success:
                return
        except httpx.HTTPError:
            pass  # Not listening yet.
        time.sleep(0.2)
    raise RuntimeError(f"Weaviate is not ready: {log.read_text()[-2_000:]}")
