"""A local Ray head: ports of its own, loopback, nothing reported to anyone."""

import hashlib
import os
import shutil
import stat
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import httpx

from cluster.servers import haproxy
from cluster.servers.ports import LOOPBACK, PortBook
from cluster.servers.process import Launch, hub_environment

PORTS = (
    "port",
    "dashboard-port",
    "dashboard-agent-listen-port",
    "dashboard-agent-grpc-port",
    "runtime-env-agent-port",
    "metrics-export-port",
    "object-manager-port",
    "node-manager-port",
    "ray-client-server-port",
)
"""Options of `ray start`. Its workers let the kernel choose theirs, so they never meet."""

LOOPBACK_ONLY = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""Named for the systems where it is the default: the node's address is 127.0.0.1, and nothing
binds another. Every process that joins this Ray needs it, or it looks for another address."""

OBJECT_STORE_BYTES = 200 * 2**20
_FRUGAL_MALLOC = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TRIM_THRESHOLD_": str(64 * 2**20),
}
"""glibc otherwise keeps for each thread what a batch of embeddings once needed."""

_FEWEST_CPUS = 4
"""Logical: posts and replicas mostly wait, and each asks for a share."""

_LONGEST_FOLDER = 40
"""Ray appends some 65 characters to it for its sockets, whose paths end at 107."""

_SESSIONS_KEPT = 3
_CHECKOUT = Path(__file__).parents[2]
_LEAN_PYTHON = Path(__file__).parent / "lean_python"


@dataclass(frozen=True, slots=True)
class RayHead:
    home: Path
    ports: Mapping[str, int]
    metrics_port: int
    proxy: Mapping[str, str]
    num_cpus: int

    name: ClassVar[str] = "ray"
    needs: ClassVar[tuple[str, ...]] = ()
    ready_within_s: ClassVar[float] = 120.0

    @property
    def dashboard(self) -> str:
        return f"http://{LOOPBACK}:{self.ports['dashboard-port']}"

    @property
    def address(self) -> str:
        return f"{LOOPBACK}:{self.ports['port']}"

    def prepare(self) -> Launch:
        folder = short_folder(self.home)
        _forget_old_sessions(folder)
        return Launch(
            argv=(
                *(sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block"),
                f"--node-ip-address={LOOPBACK}",
                f"--dashboard-host={LOOPBACK}",
                "--include-dashboard=true",
                "--include-log-monitor=false",
                "--no-monitor",
                "--disable-usage-stats",
                f"--temp-dir={folder}",
                f"--num-cpus={self.num_cpus}",
                f"--object-store-memory={OBJECT_STORE_BYTES}",
                *(f"--{option}={port}" for option, port in self.ports.items()),
            ),
            cwd=_CHECKOUT,
            env={
                **hub_environment(self.home),
                **ray_environment(),
                **self.proxy,
                "DASHBOARD_METRIC_PORT": str(self.metrics_port),
            },
        )

    async def ask(self) -> None:
        async with httpx.AsyncClient(timeout=4.0, trust_env=False) as client:
            answer = await client.get(f"{self.dashboard}/api/gcs_healthz")
            answer.raise_for_status()

    async def settle(self) -> None:
        """Nothing: `cluster.servers.applications` deploys."""


def plan_ray(home: Path, ports: PortBook, num_cpus: int | None) -> RayHead:
    return RayHead(
        home=home,
        ports={option: ports.take(f"ray {option}") for option in PORTS},
        metrics_port=ports.take("ray dashboard metrics"),
        proxy={
            **haproxy.environment(short_folder(home), ports),
            **_replica_ports(ports.take_block("serve replicas", 100)),
        },
        num_cpus=num_cpus or max(os.cpu_count() or 1, _FEWEST_CPUS),
    )


def ray_environment() -> dict[str, str]:
    """Settings of Ray that the head and all that it starts share."""
    programs = str(Path(sys.executable).parent)
    return {
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONPATH": f"{_LEAN_PYTHON}{os.pathsep}{_CHECKOUT}",
        "RAY_AUTH_MODE": "disabled",
        "RAY_USAGE_STATS_ENABLED": "0",
        **LOOPBACK_ONLY,
        "RAY_GRACEFUL_SHUTDOWN_DRAIN_TIMEOUT_S": "0",
        "RAY_SERVE_PROXY_HEALTH_CHECK_PERIOD_S": "1",
        "RAY_SERVE_PROXY_HEALTH_CHECK_TIMEOUT_S": "2",
        "RAY_enable_worker_prestart": "0",
        "RAY_kill_child_processes_on_worker_exit": "1",
        "RAY_worker_register_timeout_seconds": "180",
        **_FRUGAL_MALLOC,
    }


def short_folder(home: Path) -> Path:
    """For Ray's session: in the home where sockets' paths allow it, else in a folder of ours."""
    inside = home / "ray"
    if len(str(inside)) <= _LONGEST_FOLDER:
        inside.mkdir(mode=0o700, exist_ok=True)
        return inside
    digest = hashlib.sha256(str(home).encode()).hexdigest()[:12]
    folder = Path(tempfile.gettempdir()) / f"mch-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise PermissionError(f"{folder} is not a private folder of ours")
    inner = folder / "ray"  # Ray lets everybody into the folder that it is given.
    inner.mkdir(mode=0o700, exist_ok=True)
    return inner


def _forget_old_sessions(folder: Path) -> None:
    sessions = sorted(path for path in folder.glob("session_*_*") if not path.is_symlink())
    for session in sessions[: 1 - _SESSIONS_KEPT]:
        shutil.rmtree(session, ignore_errors=True)


def _replica_ports(first: int) -> dict[str, str]:
    """Replicas share ports that are in use instead of failing: no other hub may take these."""
    return {
        "RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT": str(first),
        "RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT": str(first + 100),
    }
