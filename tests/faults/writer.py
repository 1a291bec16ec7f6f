"""Someone outside who imports notices through every fault, and lists what was accepted."""

import asyncio
import csv
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cluster.clients.sam_gov_records import CSV_COLUMNS
from cluster.servers.sam_gov_sandbox.generator import notice
from cluster.settings import Settings
from domain.errors import Unavailable
from pipelines.import_notices import ImportProgress, import_file

FIRST = 1_000_000
"""Numbers of the generator that the sandbox never reaches."""

Row = dict[str, str]


@dataclass
class Ledger:
    """What was ever accepted. Slices share no notice, save that each amends one of the last."""

    folder: Path
    accepted: set[str] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(FIRST))
    _last: Row | None = None

    def slice(self, rows: int) -> tuple[Path, set[str]]:
        """A bulk CSV of so many new notices, and the ids of all in it."""
        posted = datetime.now(UTC) - timedelta(days=1)
        fresh = [notice(next(self._numbers), posted) for _ in range(rows)]
        amended = [_corrected(self._last)] if self._last else []
        path = self.folder / f"slice-{fresh[0]['NoticeId']}.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, CSV_COLUMNS)
            writer.writeheader()
            writer.writerows([*amended, *fresh])
        self._last = fresh[-1]
        return path, {row["NoticeId"] for row in fresh}


async def accept(settings: Settings, ledger: Ledger, rows: int) -> None:
    """Import a slice, again and again until it is accepted, as a person would."""
    path, ids = ledger.slice(rows)
    while True:
        try:
            result = await import_file(settings, path, _ignore)
        except Unavailable:
            await asyncio.sleep(0.5)
        else:
            assert not result.rejected
            ledger.accepted |= ids
            return


@asynccontextmanager
async def writing(
    settings: Settings, ledger: Ledger, *, rows: int = 4, pause_s: float = 3.0
) -> AsyncIterator[None]:
    """Slices come all the while. At the end the one in hand is accepted."""
    ending = asyncio.Event()

    async def write() -> None:
        while not ending.is_set():
            await accept(settings, ledger, rows)
            await asyncio.wait({pausing}, timeout=pause_s)

    pausing = asyncio.create_task(ending.wait())
    running = asyncio.create_task(write())
    try:
        yield
    finally:
        ending.set()
        await asyncio.wait_for(running, 120)


def _corrected(row: Row) -> Row:
    return row | {"Title": f"{row['Title']} (corrected)"}


def _ignore(progress: ImportProgress) -> None:
    """Nobody watches."""
