"""`mch` as its users run it: a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

from cluster.settings import PostgresSettings

CHECKOUT = Path(__file__).parents[1]


class Mch:
    """The command line over a database of its own, if one is given."""

    def __init__(self, home: Path, database: PostgresSettings | None = None) -> None:
        dsn = {"MCH_POSTGRES__DSN": str(database.dsn.get_secret_value())} if database else {}
        self._environment = {**os.environ, "MCH_HOME": str(home), **dsn}

    def __call__(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603 - our own arguments
            [sys.executable, "-m", "deployments.cli", *arguments],
            cwd=CHECKOUT,
            env=self._environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
