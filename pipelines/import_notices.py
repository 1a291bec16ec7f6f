"""Import a file of notices: in batches, as one intent, with nothing lost and nothing repeated."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from uuid import uuid4

from cluster.clients.notice_files import Advance, NoticeFile, open_notice_file
from cluster.clients.sam_gov_records import RawRecord
from cluster.settings import Settings
from cluster.stores.blob_store import S3BlobStore, open_blob_store
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.notice_intake import NoticeIntake, Reading, Rejected, Tally
from cluster.stores.opportunity_projection import project_opportunities
from cluster.stores.postgres import open_pool
from cluster.stores.texts import PostgresTextStore
from domain.access import PUBLIC
from domain.events import Cause
from domain.flows import EVENT_TYPES

BATCH = 500


@dataclass(frozen=True, slots=True)
class ImportProgress:
    rows: int
    done_bytes: int
    total_bytes: int


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What came of the rows: each is discovered, amended, unchanged or rejected.

    `closed` and `awarded` count events that came on top.
    """

    rows: int
    discovered: int
    amended: int
    unchanged: int
    closed: int
    awarded: int
    rejected: list[Rejected] = field(default_factory=list)


Follow = Callable[[ImportProgress], None]


async def import_file(settings: Settings, path: Path, progress: Follow) -> ImportResult:
    """Import SAM.gov's bulk CSV or recorded answers of its v2 search.

    Importing a file again causes no event; after a crash, importing it again does the rest.
    Raises `Invalid` for a file of another kind before anything is written, and `Unavailable`.
    """
    file = await asyncio.to_thread(open_notice_file, path)
    async with open_intake(settings) as (intake, blobs):
        return await import_records(intake, blobs, file, progress)


@asynccontextmanager
async def open_intake(settings: Settings) -> AsyncIterator[tuple[NoticeIntake, S3BlobStore]]:
    async with open_pool(settings.postgres, "mch_app", size=2) as pool:
        events = PostgresEventStore(pool, EVENT_TYPES, {"Opportunity": project_opportunities})
        intake = NoticeIntake(pool, events, PostgresTextStore(pool))
        yield intake, open_blob_store(settings.s3)


async def import_records(
    intake: NoticeIntake, blobs: S3BlobStore, file: NoticeFile, progress: Follow
) -> ImportResult:
    """Keep the file whole, then record what it holds: the next batch is read meanwhile."""
    kept_in = await blobs.put_file(PUBLIC, file.path)
    cause = Cause(correlation_id=uuid4(), causation_id=uuid4(), origin="import")
    total_bytes, done_bytes = file.path.stat().st_size, 0

    def advance(done: int) -> None:
        nonlocal done_bytes
        done_bytes = done

    tally = Tally()
    async with _read_ahead(intake, file, advance) as readings:
        async for reading in readings:
            tally.add(await intake.record_read(reading, cause, kept_in=kept_in))
            progress(ImportProgress(tally.seen, done_bytes, total_bytes))
    return _result(tally)


@asynccontextmanager
async def _read_ahead(
    intake: NoticeIntake, file: NoticeFile, advance: Advance
) -> AsyncIterator[AsyncIterator[Reading]]:
    """The file's batches, of which one is being read while the one before is in hand."""
    batches = _batches(file.records(advance))

    async def read(unsettled: Collection[str]) -> Reading | None:
        batch = await asyncio.to_thread(next, batches, None)
        return await intake.read(file.source, batch, unsettled=unsettled) if batch else None

    ahead = asyncio.create_task(read(()))

    async def readings() -> AsyncIterator[Reading]:
        nonlocal ahead
        while (reading := await ahead) is not None:
            ahead = asyncio.create_task(read(reading.keys))
            yield reading

    try:
        yield readings()
    finally:
        ahead.cancel()
        await asyncio.wait([ahead])


def _batches(records: Iterator[RawRecord]) -> Iterator[Sequence[RawRecord]]:
    while batch := list(islice(records, BATCH)):
        yield batch


def _result(tally: Tally) -> ImportResult:
    return ImportResult(
        rows=tally.seen,
        discovered=tally.events["OpportunityDiscovered"],
        amended=tally.events["OpportunityAmended"],
        unchanged=tally.unchanged,
        closed=tally.events["OpportunityClosed"],
        awarded=tally.events["OpportunityAwarded"],
        rejected=tally.rejected,
    )
