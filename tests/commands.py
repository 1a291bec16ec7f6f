"""The command line as operators use it: another process, over given stores."""

import os
import subprocess
import sys
from pathlib import Path

from cluster.settings import PostgresSettings

CHECKOUT = Path(__file__).parents[1]


class Mch:
    """Over a database of its own, or the home's. `settings` are more environment variables."""

    def __init__(
        self, home: Path, database: PostgresSettings | None = None, **settings: str
    ) -> None:
        secrets = {"DSN": database.dsn, "OWNER_DSN": database.owner_dsn} if database else {}
        dsns = {
            f"MCH_POSTGRES__{key}": str(it.get_secret_value()) for key, it in secrets.items() if it
        }
        self.environment = {**os.environ, "MCH_HOME": str(home), **dsns, **settings}

    def __call__(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(  # noqa: S603 - our own arguments
            [sys.executable, "-m", "deployments.cli", *arguments],
            cwd=CHECKOUT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
