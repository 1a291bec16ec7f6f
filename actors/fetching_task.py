"""One row of work: a file that a company wants is fetched and becomes a document of its own."""

import asyncio
import tempfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from cluster.clients.sam_gov_answers import SERVICE
from cluster.clients.sam_gov_files import FetchedFile
from cluster.failpoints import reach
from cluster.stores.attachments import (
    ASKED,
    Asked,
    NoticeFile,
    NoticeFiles,
    PostgresAttachments,
)
from cluster.stores.tenant_documents import Intake, TenantDocuments
from cluster.stores.work import WorkItem
from domain.access import PUBLIC
from domain.clock import Clock, utc_now
from domain.errors import (
    Forbidden,
    HubError,
    Invalid,
    NotFound,
    QuotaExceeded,
    Unavailable,
    Unreadable,
)

MOST_TRIES = 8
"""In vain, each after a longer pause: half a minute first, then up to an hour."""
MOST_ATTEMPTS = 3
"""Of those who took the row and ended with it."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 30.0, 3_600.0


class Source(Protocol):
    """As `cluster.clients.sam_gov_files.SamGovFiles`."""

    async def fetch(self, link: str, path: Path) -> FetchedFile: ...


@dataclass(frozen=True, slots=True)
class Counter:
    """All that fetching needs, whoever does it."""

    source: Source
    attachments: PostgresAttachments
    public_files: NoticeFiles
    documents: TenantDocuments
    now: Clock = utc_now


async def fetch_attachment(counter: Counter, item: WorkItem) -> float | None:
    """None when the row is done, for better or worse; else seconds until it is to be tried again.

    Done again after a crash it changes nothing: the file is kept before anything tells of it, and
    the same bytes are the same document. Raises `Unavailable` where a store of ours is away.
    """
    asked = ASKED.validate_python(item.payload)
    if item.attempts > MOST_ATTEMPTS:
        await counter.attachments.failed(asked, "crashed", "it ended whoever fetched it")
        return None
    try:
        with await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="mch-attachment-") as name:
            await _become_document(counter, asked, Path(name) / "file")
    except QuotaExceeded as error:
        return await _wait_for_quota(counter, asked, error)
    except Unavailable as error:
        if error.service != SERVICE:
            raise
        return await _try_later(counter, asked, error)
    except (Unreadable, NotFound, Forbidden, Invalid) as error:
        await counter.attachments.failed(asked, *_why(error))
    return None


def _why(error: HubError) -> tuple[str, str]:
    """Of what another try won't help: a code, and a sentence for people."""
    match error:
        case Unreadable():
            return error.code, error.reason
        case NotFound():
            return "gone", "SAM.gov has it no more"
        case Forbidden():
            return "refused", str(error)
        case _:
            return "unsafe", str(error)


async def _become_document(counter: Counter, asked: Asked, path: Path) -> None:
    known = await _here_already(counter, asked, path) or await _fetch(counter, asked, path)
    intake = Intake(known.name, asked.by, "attachment", notice_id=asked.notice_id)
    who = asked.tenant_id
    row, _ = await counter.documents.receive(who, path, intake, asked.cause)
    await counter.attachments.fetched(asked, row.document_id)


async def _here_already(counter: Counter, asked: Asked, path: Path) -> NoticeFile | None:
    known = await counter.public_files.find(asked.url)
    if known is None:
        return None
    try:
        await counter.documents.files.fetch(PUBLIC, known.digest, path)
    except NotFound:  # Somebody tidied up: it is fetched anew.
        return None
    return known


async def _fetch(counter: Counter, asked: Asked, path: Path) -> NoticeFile:
    fetched = await counter.source.fetch(asked.url, path)
    digest = await counter.documents.files.put_file(PUBLIC, path)
    reach("between_download_and_row")
    known = NoticeFile(digest, fetched.name, fetched.size_bytes)
    await counter.public_files.keep(asked.url, known)
    return known


async def _wait_for_quota(counter: Counter, asked: Asked, error: QuotaExceeded) -> float:
    until = f"{error.retry_at:%Y-%m-%d %H:%M} UTC"
    detail = f"SAM.gov's quota is used up; it goes on at {until}"
    await counter.attachments.postponed(asked, "quota", detail, in_vain=False)
    left = error.retry_at - counter.now()
    return min(max(left, timedelta(seconds=1)).total_seconds(), LONGEST_PAUSE_S)


async def _try_later(counter: Counter, asked: Asked, error: Unavailable) -> float | None:
    told = asked, "unavailable", error.reason
    tries = await counter.attachments.postponed(*told, in_vain=True)
    if tries >= MOST_TRIES:
        await counter.attachments.failed(*told)
        return None
    return min(FIRST_PAUSE_S * 2.0 ** (tries - 1), LONGEST_PAUSE_S)
