"""A long document and files that are fetched, while what works on them is killed in the middle."""

import asyncio
import itertools
import os
import signal
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import pytest

from cluster.servers.sam_gov_sandbox.attachments import attachment
from cluster.servers.sam_gov_sandbox.rendering import file_link
from cluster.settings import Settings
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.opportunity_projection import project_opportunities
from cluster.stores.postgres import open_pool
from domain.access import PUBLIC
from domain.events import Stream
from domain.flows import EVENT_TYPES
from domain.notice import LATEST, Notice
from domain.opportunity import OpportunityDiscovered
from tests.events import CAUSE
from tests.faults.hub import Hub, holds
from tests.faults.long_document import LongDocument, client_of, long_pdf

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]

WITHIN_S = 300.0
READER = "cluster.engines.reading"
FILES = 40


async def until(is_so: Callable[[], Awaitable[bool]], within_s: float = WITHIN_S) -> None:
    """Outages on the way are part of the test."""
    async with asyncio.timeout(within_s):
        while not await holds(is_so):
            await asyncio.sleep(0.05)


async def a_worker(hub: Hub) -> int:
    found = [each for each in hub.processes() if READER in each.cmdline()]
    return found[0].pid


async def the_batch_actor(hub: Hub) -> int:
    pid: int = (await hub.posts())["process_documents"]["pid"]
    return pid


async def the_files(hub: Hub) -> int:
    return hub.server("s3")


async def the_database(hub: Hub) -> int:
    return hub.server("postgres")


VICTIMS = (a_worker, the_batch_actor, the_files, the_database)


@pytest.mark.parametrize("victim", VICTIMS, ids=lambda victim: victim.__name__)
async def test_a_long_document_ends_complete(
    hub: Hub, victim: Callable[[Hub], Awaitable[int]]
) -> None:
    await hub.until_ready()
    content = await asyncio.to_thread(long_pdf, victim.__name__)
    document = await LongDocument.upload(hub, victim.__name__, content)

    async def is_in_the_middle() -> bool:
        return (await document.progress()).is_in_the_middle

    await until(is_in_the_middle)
    pid = await victim(hub)
    os.kill(pid, signal.SIGKILL)
    killed_at = datetime.now(UTC)
    await until(document.has_ended)
    await until(document.is_searchable)
    ended = await document.ended_at()
    assert min(ended) < killed_at < max(ended), "this was not in the middle"
    assert await document.complaints() == []


async def test_files_that_are_being_fetched_come_once_each(hub: Hub) -> None:
    await hub.until_ready()
    files = Files(hub, uuid4().hex)
    await files.ask()
    await until(partial(files.are_fetched, 1, FILES - 1))
    pid = (await hub.posts())["fetch_attachments"]["pid"]
    os.kill(pid, signal.SIGKILL)
    assert len(await files.fetched()) < FILES, "this was not in the middle"
    await until(partial(files.are_fetched, FILES, FILES))
    assert await files.complaints() == []


@dataclass(frozen=True, slots=True)
class Files:
    """Of a notice with many of them, which nobody else's sandbox knows."""

    hub: Hub
    notice_id: str

    async def ask(self) -> None:
        """Record the notice as the synchronisation does, then ask over HTTP for its files."""
        notice = Notice(notice_id=self.notice_id, title="Gloves", resource_links=_links())
        stream = Stream(PUBLIC, "Opportunity", self.notice_id)
        async with open_pool(Settings(home=self.hub.home).postgres, "mch_app") as pool:
            store = PostgresEventStore(pool, EVENT_TYPES, {"Opportunity": project_opportunities})
            event = OpportunityDiscovered(notice=notice, form=LATEST)
            await store.append(stream, {uuid4(): event}, expected_version=0, cause=CAUSE)
        async with client_of(self.hub) as client:
            answer = await client.post(f"/api/v1/opportunities/{self.notice_id}/documents")
        assert answer.status_code == 202, answer.text

    async def fetched(self) -> list[tuple[str, str]]:
        """Links and what they became."""
        async with self.hub.audit.postgres() as connection:
            rows = await connection.fetch(_FETCHED, self.notice_id)
        return [(row["url"], str(row["document_id"])) for row in rows]

    async def are_fetched(self, least: int, most: int) -> bool:
        return least <= len(await self.fetched()) <= most

    async def complaints(self) -> list[str]:
        """Each link has a document of its own, uploaded once, and one file kept for everybody."""
        fetched = await self.fetched()
        async with self.hub.audit.postgres() as connection:
            documents = [str(row[0]) for row in await connection.fetch(_DOCUMENTS, self.notice_id)]
            kept = [row[0] for row in await connection.fetch(_KEPT, list(_links()))]
            uploads = [row[0] for row in await connection.fetch(_UPLOADED, documents)]
        told = {
            "links fetched": sorted(url for url, _ in fetched) == sorted(_links()),
            "documents of their own": sorted(key for _, key in fetched) == sorted(documents),
            "files kept": sorted(kept) == sorted(_links()),
            "uploads in the log": sorted(uploads) == sorted(documents),
        }
        return [what for what, is_right in told.items() if not is_right]


_FETCHED = "select url, document_id from attachment where notice_id = $1 and state = 'fetched'"
_DOCUMENTS = """
select document_id from document_notice join document using (tenant_id, document_id)
where notice_id = $1 and source = 'attachment'
"""
_KEPT = "select url from notice_file where url = any($1)"
_UPLOADED = """
select aggregate_id from event
where event_type = 'DocumentUploaded' and aggregate_id = any($1)
"""


def _links() -> tuple[str, ...]:
    """Of files that are no two alike."""
    named = (f"long{n}" for n in itertools.count())
    texts = (key for key in named if attachment(key)[0].endswith(".txt"))
    return tuple(file_link(key) for key in itertools.islice(texts, FILES))
