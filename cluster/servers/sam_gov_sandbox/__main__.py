"""Start the sandbox: `python -m cluster.servers.sam_gov_sandbox --port 8099 --data DIR`."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

import uvicorn

from cluster.servers.sam_gov_sandbox.app import Sandbox, build_sandbox
from cluster.servers.sam_gov_sandbox.recorded import read_recorded
from cluster.servers.sam_gov_sandbox.shelf import Releases, Shelf, shelve_all
from domain.errors import Invalid


def main() -> None:
    asked = _arguments()
    shelf, releases = Shelf(), None
    if asked.file:
        try:
            shelve_all(shelf, read_recorded(asked.file))
        except Invalid as error:
            sys.exit(str(error))
    else:
        asked.data.mkdir(parents=True, exist_ok=True)
        releases = Releases(shelf, asked.data, asked.notices, lambda: datetime.now(UTC))
    app = build_sandbox(Sandbox(shelf, releases), new_every_s=asked.new_every_s)
    uvicorn.run(app, host="127.0.0.1", port=asked.port, log_level="warning", access_log=False)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="SAM.gov's opportunities API, invented")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--data", type=Path, required=True, help="what was released, kept")
    parser.add_argument("--notices", type=int, default=3_000, help="how many to begin with")
    parser.add_argument("--new-every-s", type=float, default=20.0, help="0: none by itself")
    parser.add_argument("--file", type=Path, help="real notices instead of invented ones")
    return parser.parse_args()


if __name__ == "__main__":
    main()
