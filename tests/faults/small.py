"""A hub without Ray: the stores, and posts as plain processes that a test may crash."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cluster.servers.preparation import prepare_stores
from cluster.settings import Settings
from tests.faults.audit import Auditor
from tests.stores import stores_in

CHECKOUT = Path(__file__).parents[2]
CRASHED = 86
"""The exit code of a failpoint."""

_CRASHES_WITHIN_S = 120.0

POST = """
import asyncio, importlib, sys

async def main(name):
    opening = getattr(importlib.import_module(f"actors.{name}"), f"open_{name}")
    async with opening() as runnable:
        await runnable.run()

asyncio.run(main(sys.argv[1]))
"""


@dataclass(frozen=True, slots=True)
class Small:
    """Stores that are prepared as a hub prepares them, and one log that all tests append to."""

    settings: Settings

    @property
    def audit(self) -> Auditor:
        return Auditor(self.settings.home, with_vectors=False)

    def env(self, failpoint: str = "") -> dict[str, str]:
        return {
            **os.environ,
            "MCH_HOME": str(self.settings.home),
            "MCH_FAILPOINTS": failpoint,
            "PYTHONPATH": str(CHECKOUT),
        }

    async def crash(self, *argv: str, failpoint: str) -> None:
        """The process comes to its failpoint, and ends there."""
        async with process(*argv, env=self.env(f"{failpoint}=crash")) as doomed:
            assert await asyncio.wait_for(doomed.wait(), _CRASHES_WITHIN_S) == CRASHED

    async def crash_post(self, name: str, failpoint: str) -> None:
        await self.crash("-c", POST, name, failpoint=failpoint)


@contextmanager
def small_hub(home: Path) -> Iterator[Small]:
    with stores_in(home) as settings:
        asyncio.run(prepare_stores(settings))
        yield Small(Settings(home=home))


@asynccontextmanager
async def process(*argv: str, env: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Python with these arguments, killed at the end where it still runs."""
    started = await asyncio.create_subprocess_exec(sys.executable, *argv, cwd=CHECKOUT, env=env)
    try:
        yield started
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()


@asynccontextmanager
async def post(name: str, env: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    async with process("-c", POST, name, env=env) as started:
        yield started
