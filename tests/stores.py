"""The embedded stores for tests: one process that starts them all, in a home of its own."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cluster.home import Home
from cluster.servers.process import end, leftovers, told_of_our_death
from cluster.servers.stores import READY
from cluster.servers.unprivileged import folder_for
from cluster.settings import Settings

_READY_WITHIN_S = 90.0


@contextmanager
def stores_in(root: Path) -> Iterator[Settings]:
    """All stores up, Kafka's topics made, nothing migrated. They die with the test run."""
    home = Home(root)
    (home.run / READY).unlink(missing_ok=True)
    process = subprocess.Popen(  # noqa: S603 - our own arguments
        [sys.executable, "-m", "cluster.servers.stores", "--home", str(root)],
        cwd=Path(__file__).parents[1],
        preexec_fn=told_of_our_death(signal.SIGTERM),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        _wait_until_ready(process, home)
        yield Settings(home=root)
    finally:
        process.terminate()
        process.communicate(timeout=60)
        end(leftovers(root), within_s=5.0)
        forget(home)


def forget(home: Home) -> None:
    """Remove the data, also that which lies where an unprivileged Postgres can reach it."""
    data = home.data("postgres")
    shutil.rmtree(folder_for(home.root, data).parent, ignore_errors=True)
    shutil.rmtree(data.parent, ignore_errors=True)


@pytest.fixture(scope="session")
def embedded_stores(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """With `TEST_KAFKA=host:port`, that Kafka in place of the embedded broker."""
    with pytest.MonkeyPatch.context() as environment:
        if brokers := os.environ.get("TEST_KAFKA"):
            environment.setenv("MCH_KAFKA__BROKERS", brokers)
            environment.setenv("MCH_KAFKA__IDEMPOTENT", "true")
        with stores_in(tmp_path_factory.mktemp("stores") / "home") as settings:
            yield settings


def _wait_until_ready(process: "subprocess.Popen[str]", home: Home) -> None:
    deadline = time.monotonic() + _READY_WITHIN_S
    while not (home.run / READY).exists():
        if process.poll() is not None:
            raise AssertionError(f"the stores ended: {process.communicate()[1]}")
        if time.monotonic() > deadline:
            raise AssertionError(f"the stores are not ready within {_READY_WITHIN_S:g} s")
        time.sleep(0.05)
