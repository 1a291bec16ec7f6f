"""The process: opens the folder, listens on loopback, ends cleanly on SIGTERM."""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType


def main() -> None:
    options = _options()
    os.environ["TZ"] = "UTC"  # The engine tells its clients the process's zone.
    time.tzset()
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    _serve(options)


def _serve(options: argparse.Namespace) -> None:
    import uvicorn  # noqa: PLC0415 (the engine reads the zone when it is loaded)

    from cluster.servers.clickhouse_front.engine import Engine  # noqa: PLC0415
    from cluster.servers.clickhouse_front.http import Credentials, build_front  # noqa: PLC0415

    credentials = Credentials(**json.loads(options.credentials_file.read_text(encoding="utf-8")))
    engine = Engine(options.data, memory_bytes=options.memory_bytes)
    try:
        uvicorn.run(
            build_front(engine, credentials),
            host="127.0.0.1",
            port=options.port,
            log_level="warning",
            access_log=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=10,
        )
    finally:
        engine.close()


def _leave(signum: int, frame: FrameType | None) -> None:
    """uvicorn raises the signal again once it has shut down: an end as asked for."""
    sys.exit(0)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="clickhouse_front", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="the folder of the tables")
    parser.add_argument(
        "--credentials-file",
        type=Path,
        required=True,
        help='JSON: {"username": …, "password": …}',
    )
    parser.add_argument("--memory-bytes", type=int, default=1_500_000_000)
    return parser.parse_args()


if __name__ == "__main__":
    main()
