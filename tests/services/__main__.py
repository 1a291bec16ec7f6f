"""Real Apache Kafka and Weaviate for the contract tests, built once into a cache folder.

    python -m tests.services build              build what is not there
    python -m tests.services run COMMAND …      start both, run the command, stop both

The command finds them by `TEST_KAFKA` (host:port) and `TEST_WEAVIATE` (host:http
port:grpc port:key). Kafka needs Maven and Java 17, Weaviate Go 1.26.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.services import kafka, weaviate
from tests.services.process import NotHere


def cache() -> Path:
    """Outside the checkout, so that every checkout shares it."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "medcontracthub" / "services"


def main(arguments: Sequence[str]) -> int:
    try:
        match arguments:
            case ["build"]:
                cache().mkdir(parents=True, exist_ok=True)
                kafka.build(cache())
                weaviate.build(cache())
                return 0
            case ["run", *command] if command:
                return run(command)
    except NotHere as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stderr.write(f"{__doc__}")
    return 2


def run(command: Sequence[str]) -> int:
    """The command's exit code."""
    cache().mkdir(parents=True, exist_ok=True)
    with kafka.kafka(cache()) as broker, weaviate.weaviate(cache()) as index:
        addresses = {"TEST_KAFKA": broker, "TEST_WEAVIATE": index}
        environment = {**os.environ, **addresses}
        return subprocess.run(command, env=environment, check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
