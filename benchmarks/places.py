"""Servers to measure on, gone afterwards; and files that are dear to make, kept."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster.home import Home
from cluster.servers.unprivileged import folder_for
from cluster.settings import Settings
from cluster.stores.migrate import migrate
from tests.postgres import Server
from tests.stores import stores_in

CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "medcontracthub"


@contextmanager
def a_postgres(runner: asyncio.Runner) -> Iterator[Server]:
    """The hub's own Postgres, as the hub starts it, with empty tables."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o711)
        root = Path(place) / "postgres"
        server = Server(root)
        runner.run(server.__aenter__())
        try:
            runner.run(migrate(server.owner))
            yield server
        finally:
            runner.run(server.__aexit__())
            shutil.rmtree(folder_for(root, root / "data").parent, ignore_errors=True)


@contextmanager
def all_stores() -> Iterator[Settings]:
    """Every embedded store in a home of its own, which this process then takes for its own.

    With `TEST_KAFKA=host:port`, as `python -m tests.services run` tells it, that Kafka in place of
    the embedded broker.
    """
    if brokers := os.environ.get("TEST_KAFKA"):
        os.environ |= {"MCH_KAFKA__BROKERS": brokers, "MCH_KAFKA__IDEMPOTENT": "true"}
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "home"
        with stores_in(root) as settings:
            os.environ["MCH_HOME"] = str(Home(root).root)
            assert settings.postgres.owner_dsn
            asyncio.run(migrate(str(settings.postgres.owner_dsn.get_secret_value())))
            yield settings
