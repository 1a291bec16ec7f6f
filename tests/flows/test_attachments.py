"""From a strong match to the pages of its files, through the real stores, without Ray."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from actors.fetch_attachments import open_fetch_attachments
from actors.process_documents import open_process_documents
from actors.relay_events import open_relay_events
from cluster.servers.sam_gov_sandbox.attachments import attachment
from cluster.servers.sam_gov_sandbox.rendering import file_link
from cluster.settings import Settings
from cluster.stores.blob_store import open_blob_store
from cluster.stores.documents import DocumentRow
from cluster.stores.postgres import Pool
from cluster.stores.profiles import PostgresProfiles
from domain.access import PUBLIC
from domain.matching import MATCH, OpportunityMatched
from domain.profile import SAMPLE
from tests.cluster.test_sam_gov_sandbox import running
from tests.documents import tenant_documents
from tests.flows.test_told_at_once import append, at_work, discovered, hub
from tests.realtime import OURS

__all__ = ["hub"]

pytestmark = pytest.mark.stores

TOLD = OpportunityMatched(notice_id="", score=91, profile_version=1, notice_version=1)


def key_of(ending: str) -> str:
    """Of a link behind which the sandbox has such a file."""
    return next(f"{n}" for n in range(100) if attachment(f"{n}")[0].endswith(ending))


async def ended(pool: Pool, notice_id: str, count: int) -> dict[str, DocumentRow]:
    """By name, once so many documents of the notice were read."""
    rows = tenant_documents(pool, open_blob_store(Settings().s3)).rows
    async with asyncio.timeout(90):
        while True:
            found, _ = await rows.page(OURS, limit=20, notice_id=notice_id)
            if sum(row.state in {"processed", "failed"} for row in found) == count:
                return {row.name: row for row in found}
            await asyncio.sleep(0.1)


async def test_files_of_a_strong_match_are_fetched_and_read_unasked(
    hub: None, app_pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    profile = SAMPLE.model_copy(update={"fetches_documents": True})
    await PostgresProfiles(app_pool).put(OURS, profile)
    notice_id = uuid4().hex
    links = tuple(file_link(key_of(ending)) for ending in (".txt", ".zip"))
    event = discovered(notice_id)
    linked = event.model_copy(
        update={"notice": event.notice.model_copy(update={"resource_links": links})}
    )
    with running(tmp_path, "--notices", "1", "--new-every-s", "0") as (url, _):
        monkeypatch.setenv("MCH_SAM_GOV__BASE_URL", url)
        async with at_work(
            open_relay_events(),
            open_fetch_attachments(),
            open_process_documents(),
        ):
            await append(app_pool, PUBLIC, "Opportunity", notice_id, linked)
            matched = TOLD.model_copy(update={"notice_id": notice_id})
            await append(app_pool, OURS, MATCH, notice_id, matched)
            found = await ended(app_pool, notice_id, 4)
    assert {name: (row.source, row.state, row.pages) for name, row in found.items()} == {
        "Price schedule.txt": ("attachment", "processed", 1),
        "Attachments 1 and 2.zip": ("attachment", "processed", 2),
        "Statement of Work § 3.pdf": ("archive", "processed", 1),
        "Solicitation.docx": ("archive", "processed", 1),
    }
    assert {row.uploaded_by for row in found.values()} == {"fetch_attachments"}
