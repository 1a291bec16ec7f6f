"""One row of work about an archive: each file in it becomes a document, and its page tells so."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import UUID

from pydantic import TypeAdapter

from actors.reading_task import Desk, Reading, failure_reason
from cluster.engines.reading_process import Bounds
from cluster.engines.unpacking_process import Unpacked, unpack
from cluster.stores.documents import DocumentRow
from cluster.stores.tenant_documents import Intake, TenantDocuments
from cluster.stores.work import WorkItem
from domain.archives import ENGINE, MOST_DEPTH
from domain.document import FailReading, FinishReading
from domain.errors import NotFound, ReaderEnded, Unreadable
from domain.pages import Line, Page

UNPACK = "unpack_archive"
MOST_ATTEMPTS = 3
_READING = TypeAdapter(Reading)

TakeApart = Callable[[Path, Path], Awaitable[list[Unpacked]]]
"""An archive into a folder. Raises `Unreadable` and `ReaderEnded`."""


@dataclass(frozen=True, slots=True)
class Bench:
    """All that taking an archive apart needs."""

    desk: Desk
    documents: TenantDocuments
    take_apart: TakeApart


def open_bench(desk: Desk, documents: TenantDocuments, bounds: Bounds) -> Bench:
    return Bench(desk, documents, partial(unpack, bounds=bounds))


async def unpack_archive(bench: Bench, item: WorkItem) -> None:
    """The row is done with it, for better or worse. Done again after a crash it changes nothing:
    the same bytes are the same document, and what is settled stays settled.
    """
    reading = _READING.validate_python(item.payload)
    who = reading.tenant_id, reading.document_id
    if not await bench.desk.documents.is_reading(*who, reading.run):
        return
    try:
        if item.attempts > MOST_ATTEMPTS:
            raise ReaderEnded(reason="it ended whoever opened it", code="crashed")
        row = await bench.desk.documents.get(*who)
        await _refuse_depth(bench, row, reading.tenant_id)
        with await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="mch-archive-") as folder:
            await _take_in(bench, reading, row, Path(folder))
    except (Unreadable, ReaderEnded) as error:
        await _fail(bench, reading, error.code, error.reason)
    except NotFound:
        await _fail(bench, reading, "file_lost", "its file is not in the store")


async def _take_in(bench: Bench, reading: Reading, row: DocumentRow, folder: Path) -> None:
    who = reading.tenant_id, reading.document_id
    archive, out = folder / "archive", folder / "files"
    await asyncio.to_thread(out.mkdir)
    await bench.documents.files.fetch(reading.tenant_id, reading.digest, archive)
    members = await bench.take_apart(archive, out)
    await bench.desk.pages.expect(*who, reading.run, len(members))
    await bench.desk.documents.start(*who, reading.run, len(members))
    for member in members:
        await _settle(bench, reading, row, member)
        await bench.desk.announce(reading)
    outcomes = await bench.desk.pages.outcomes(*who, run=reading.run)
    command = FinishReading(
        run=reading.run,
        pages=len(outcomes),
        pages_failed=sum(page.state == "failed" for page in outcomes),
        characters=sum(page.characters or 0 for page in outcomes),
        engine=ENGINE,
    )
    await bench.desk.conclude(reading, command)
    await bench.desk.announce(reading, is_over=True)


async def _settle(bench: Bench, reading: Reading, row: DocumentRow, member: Unpacked) -> None:
    """A document of its own, or a page that says why not."""
    who = reading.tenant_id, reading.document_id
    try:
        if member.refusal is not None:
            refusal = member.refusal
            raise Unreadable(file=member.name, reason=refusal.reason, code=refusal.code)
        await _receive(bench, reading, row, member)
    except Unreadable as error:
        reason = f"{member.name}: {error.reason}"
        await bench.desk.pages.fail(*who, reading.run, member.number, reason)
        return
    page = Page(member.number, (Line(member.name),), engine=ENGINE)
    await bench.desk.pages.write(*who, [page], run=reading.run)


async def _receive(bench: Bench, reading: Reading, row: DocumentRow, member: Unpacked) -> None:
    intake = Intake(
        member.name, row.uploaded_by, "archive", notice_id=None, parent_id=row.document_id
    )
    who = reading.tenant_id
    child, _ = await bench.documents.receive(who, member.path, intake, reading.cause)
    await bench.documents.rows.link(who, child.document_id, row.notice_ids)


async def _refuse_depth(bench: Bench, row: DocumentRow, tenant_id: UUID) -> None:
    depth, parent_id = 1, row.parent_id
    while parent_id is not None and depth <= MOST_DEPTH:
        depth += 1
        parent_id = (await bench.desk.documents.get(tenant_id, parent_id)).parent_id
    if depth > MOST_DEPTH:
        reason = "it lies in an archive in an archive; take it out and upload it"
        raise Unreadable(file="the archive", reason=reason, code="bomb")


async def _fail(bench: Bench, reading: Reading, code: str, detail: str) -> None:
    who = reading.tenant_id, reading.document_id
    await bench.desk.documents.explain(*who, reading.run, detail)
    await bench.desk.conclude(reading, FailReading(reading.run, failure_reason(code)))
    await bench.desk.announce(reading, is_over=True)
