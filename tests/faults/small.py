"""A hub without Ray: the stores, and posts as plain processes that a test may crash."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cluster.servers.preparation import prepare_stores
from cluster.settings import Settings
from tests.faults import counting
from tests.faults.audit import Auditor
from tests.faults.verdict import Found
from tests.faults.writer import Ledger, accept
from tests.stores import stores_in

CHECKOUT = Path(__file__).parents[2]
CRASHED = 86
"""The exit code of a failpoint."""

_CRASHES_WITHIN_S = 120.0
_ENDS_WITHIN_S = 8.0
_WHOLE_WITHIN_S = 120.0

_IS_PUBLISHED = """
select (select count(*) from event)
     = (select coalesce(max(position), 0) from checkpoint where name = 'relay_events')
"""

POST = """
import asyncio, contextlib, importlib, sys

async def main(name):
    opening = getattr(importlib.import_module(f"actors.{name}"), f"open_{name}")
    async with opening() as runnable:
        await runnable.run()

with contextlib.suppress(KeyboardInterrupt):
    asyncio.run(main(sys.argv[1]))
"""


@dataclass(frozen=True, slots=True)
class Small:
    """Stores that are prepared as a hub prepares them, and one log that all tests append to."""

    settings: Settings
    ledger: Ledger

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

    async def accept(self, rows: int) -> None:
        await accept(self.settings, self.ledger, rows)

    async def until_whole(self) -> Found:
        """By a relay and a writer of analytics that nothing befalls."""
        async with post("relay_events", self.env()), post("write_analytics", self.env()):
            return await self.audit.until_whole(self.ledger.accepted, within_s=_WHOLE_WITHIN_S)

    async def until_published(self) -> None:
        """By a relay that nothing befalls."""
        async with post("relay_events", self.env()), asyncio.timeout(_WHOLE_WITHIN_S):
            while not await self._is_published():
                await asyncio.sleep(0.2)

    async def _is_published(self) -> bool:
        async with self.audit.postgres() as connection:
            published: bool = await connection.fetchval(_IS_PUBLISHED)
        return published

    async def crash_post(self, name: str, failpoint: str) -> None:
        await self.crash("-c", POST, name, failpoint=failpoint)


@contextmanager
def small_hub(home: Path) -> Iterator[Small]:
    with stores_in(home):
        slices = home.with_name("slices")
        slices.mkdir()
        small = Small(Settings(home=home), Ledger(slices))
        asyncio.run(_prepare(small))
        yield small


async def _prepare(small: Small) -> None:
    await prepare_stores(small.settings)
    async with small.audit.postgres() as connection:
        await connection.execute(counting.CREATE)


@asynccontextmanager
async def process(*argv: str, env: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    """Python with these arguments, told to end at the end where it still runs."""
    started = await asyncio.create_subprocess_exec(sys.executable, *argv, cwd=CHECKOUT, env=env)
    try:
        yield started
    finally:
        if started.returncode is None:
            started.send_signal(signal.SIGINT)
            with suppress(TimeoutError):
                await asyncio.wait_for(started.wait(), _ENDS_WITHIN_S)
        if started.returncode is None:
            started.kill()
            await started.wait()


@asynccontextmanager
async def post(name: str, env: Mapping[str, str]) -> AsyncIterator[asyncio.subprocess.Process]:
    async with process("-c", POST, name, env=env) as started:
        yield started
