"""The sync against the sandbox, into a real Postgres."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from actors.poller import Polled
from actors.sync_notices import Keeping, Pace, SyncNotices
from cluster.clients.notice_files import open_notice_file
from cluster.servers.sam_gov_sandbox.moods import Mood
from cluster.servers.sam_gov_sandbox.recorded import read_recorded
from cluster.servers.sam_gov_sandbox.shelf import Held, Shelf, shelve_all
from cluster.settings import SamGovSettings
from cluster.stores.api_quota import MemoryApiQuota
from cluster.stores.blob_store import S3BlobStore, memory_blob_store
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.notice_intake import NoticeIntake
from cluster.stores.opportunities import PostgresOpportunities
from cluster.stores.opportunity_projection import project_opportunities
from cluster.stores.postgres import Pool, as_tenant, transaction
from cluster.stores.sync_states import PostgresSyncStates
from cluster.stores.texts import PostgresTextStore
from domain.access import PUBLIC
from domain.errors import Unavailable
from domain.flows import EVENT_TYPES
from domain.ports import Lease
from domain.sync_run import SyncRunFinished
from pipelines.import_notices import import_records
from tests.sandboxes import NOW, Seen, client_of, row, shelf_of
from tests.shared_data import shared

LEASE = Lease("sync_notices", 1, 60.0)
PACE = Pace(every_s=5, whole_every_s=900, first_days=60, quota_a_day=1_000)

_EVENTS = """
select event_type, count(*) as count from event where aggregate_type = 'Opportunity'
group by event_type
"""
_RUNS = "select event_data from event where event_type = 'SyncRunFinished' order by recorded_at"
_STATE = "select * from sync_state where name = 'sam_gov'"


@dataclass
class Hub:
    """A sync with all that it writes to, and a clock that is set by hand."""

    pool: Pool
    shelf: Shelf
    mood: Mood = field(default_factory=Mood)
    pace: Pace = PACE
    now: datetime = NOW
    mark: Mapping[str, Any] = field(default_factory=dict)
    blobs: S3BlobStore = field(default_factory=memory_blob_store)
    seen: Seen = field(default_factory=Seen)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[SyncNotices]:
        quota = MemoryApiQuota(self.pace.quota_a_day, lambda: datetime.now(UTC))
        async with client_of(self.shelf, self.mood, quota=quota, seen=self.seen) as source:
            states = PostgresSyncStates(self.pool, "sam_gov")
            keeping = Keeping(self._events(), self.blobs, states)
            yield SyncNotices(source, self.intake(), keeping, self.pace, lambda: self.now)

    def intake(self) -> NoticeIntake:
        texts = PostgresTextStore(self.pool)
        return NoticeIntake(self.pool, self._events(), texts, lambda: self.now)

    async def run(self) -> Polled:
        """Poll until the run in hand is over."""
        async with self.opened() as sync:
            while (polled := await sync(self.mark, LEASE)).again_in_s == 0:
                pass
        self.mark = polled.mark
        return polled

    async def events(self) -> Counter[str]:
        """Of opportunities, by type."""
        async with as_tenant(self.pool, PUBLIC) as connection:
            rows = await connection.fetch(_EVENTS)
        return Counter({row["event_type"]: row["count"] for row in rows})

    async def runs(self) -> list[SyncRunFinished]:
        async with as_tenant(self.pool, PUBLIC) as connection:
            rows = await connection.fetch(_RUNS)
        return [SyncRunFinished.model_validate_json(row["event_data"]) for row in rows]

    async def state(self) -> Mapping[str, Any]:
        async with transaction(self.pool) as connection:
            return dict(await connection.fetchrow(_STATE) or {})

    def _events(self) -> PostgresEventStore:
        return PostgresEventStore(self.pool, EVENT_TYPES, {"Opportunity": project_opportunities})


@pytest.fixture
def hub(app_pool: Pool) -> Hub:
    return Hub(
        app_pool, shelf_of(row("n1"), row("n2", NaicsCode="236220", ClassificationCode="Z1"))
    )


async def test_a_first_run_discovers_what_is_there_and_the_next_has_no_news(hub: Hub) -> None:
    await hub.run()
    assert await hub.events() == {"OpportunityDiscovered": 2, "OpportunityAmended": 1}
    before = await hub.events()
    await hub.run()
    assert await hub.events() == before


async def test_a_new_medical_notice_is_discovered_with_its_description(hub: Hub) -> None:
    await hub.run()
    opportunities = PostgresOpportunities(hub.pool, EVENT_TYPES)
    found = await opportunities.history("n1")
    assert [entry.type for entry in found] == ["OpportunityDiscovered"]
    digest = (await opportunities.get("n1")).notice.description_digest
    assert digest
    assert await PostgresTextStore(hub.pool).get([digest]) == {digest: "Nitrile gloves, lot n1."}


async def test_a_run_is_told_with_its_raw_answers(hub: Hub) -> None:
    await hub.run()
    [fact] = await hub.runs()
    assert (fact.seen, fact.discovered, fact.amended, fact.described) == (2, 2, 1, 2)
    [page] = fact.pages
    assert b"opportunitiesData" in await hub.blobs.get(PUBLIC, page)
    state = await hub.state()
    assert (state["last_success_at"], state["last_error"], state["seen"]) == (NOW, None, 2)
    assert state["next_try_at"] == NOW + timedelta(seconds=5)


async def test_between_whole_runs_it_peeks_and_stops_at_what_is_known(hub: Hub) -> None:
    await hub.run()
    first = len(hub.seen.requests)
    hub.now += timedelta(seconds=5)
    hub.shelf.put(Held(row("n3")))
    await hub.run()
    asked = [request.url.params for request in hub.seen.requests[first:]]
    assert [one["postedFrom"] for one in asked if "postedFrom" in one] == ["03/31/2026"]
    assert (await hub.events())["OpportunityDiscovered"] == 3
    hub.now += timedelta(seconds=5)
    first = len(hub.seen.requests)
    await hub.run()
    assert len(hub.seen.requests) - first == 1
    assert len(await hub.runs()) == 2


async def test_a_whole_run_overlaps_the_last_one(hub: Hub) -> None:
    await hub.run()
    hub.now += timedelta(hours=1)
    hub.shelf.put(Held(row("n3", PostedDate="2026-03-30 09:00:00-04")))
    await hub.run()
    windows = [
        request.url.params["postedFrom"]
        for request in hub.seen.requests
        if "postedFrom" in request.url.params
    ]
    assert windows == ["01/31/2026", "03/30/2026"]
    assert (await hub.events())["OpportunityDiscovered"] == 3


async def test_an_amended_notice_is_amended_and_a_due_one_closed(hub: Hub) -> None:
    await hub.run()
    hub.shelf.change("n1", {"Title": "Gloves, more of them"})
    hub.now += timedelta(days=60)
    hub.mark = {"synced_to": "2026-03-31", "whole_at": "2026-03-31T00:00:00+00:00"}
    await hub.run()
    assert await hub.events() == {
        "OpportunityDiscovered": 2,
        "OpportunityAmended": 2,
        "OpportunityClosed": 2,
    }


async def test_absence_closes_nothing(hub: Hub) -> None:
    await hub.run()
    before = await hub.events()
    hub.shelf.held.clear()
    hub.now += timedelta(hours=1)
    await hub.run()
    assert await hub.events() == before


async def test_one_bad_record_is_set_aside_with_its_reason(hub: Hub) -> None:
    hub.shelf.put(Held(row("n3", NaicsCode="3-3")))
    await hub.run()
    assert (await hub.events())["OpportunityDiscovered"] == 2
    async with transaction(hub.pool) as connection:
        [kept] = await connection.fetch("select * from notice_rejected")
    assert (kept["source"], kept["record_key"]) == ("api", "n3")
    assert kept["reason"].startswith("naics")
    assert b"opportunitiesData" in await hub.blobs.get(PUBLIC, kept["digest"])
    assert (await hub.state())["rejected"] == 1


async def test_an_outage_is_told_and_keeps_where_the_sync_was(hub: Hub) -> None:
    await hub.run()
    mark = hub.mark
    hub.mood = Mood(fail_next=99)
    hub.now += timedelta(hours=1)
    with pytest.raises(Unavailable, match="sam_gov is unavailable"):
        await hub.run()
    state = await hub.state()
    assert (state["last_error_kind"], state["last_success_at"]) == ("outage", NOW)
    hub.mood = Mood()
    await hub.run()
    assert (await hub.state())["last_error"] is None
    assert hub.mark != mark


async def test_a_spent_quota_is_no_outage_and_waits_as_long_as_told(hub: Hub) -> None:
    hub.mood = Mood(quota_left=0, retry_after_s=1_800)
    hub.now = datetime.now(UTC)
    polled = await hub.run()
    assert polled.again_in_s == pytest.approx(1_800, abs=60)
    state = await hub.state()
    assert (state["last_error_kind"], state["quota_left"]) == ("quota", None)
    assert state["quota_resets_at"] > hub.now


async def test_a_refused_key_is_told_as_such(hub: Hub) -> None:
    hub.mood = Mood(valid_key="another")
    polled = await hub.run()
    assert polled.again_in_s == 600
    assert (await hub.state())["last_error_kind"] == "key"


async def test_descriptions_leave_the_searches_their_part_of_the_quota(hub: Hub) -> None:
    hub.pace = Pace(every_s=5, whole_every_s=900, first_days=60, quota_a_day=2)
    hub.shelf.put(Held(row("n3")))
    await hub.run()
    described = [r for r in hub.seen.requests if "noticeid" in r.url.params]
    assert len(described) == 1
    assert (await hub.events())["OpportunityDiscovered"] == 3


async def test_a_notice_without_a_description_is_asked_for_once(hub: Hub) -> None:
    hub.shelf = shelf_of(row("n1", Description="", NaicsCode="236220", ClassificationCode="Z1"))
    await hub.run()
    await hub.run()
    described = [r for r in hub.seen.requests if "noticeid" in r.url.params]
    assert len(described) == 1


async def test_real_notices_imported_and_then_synced_bring_no_event(app_pool: Pool) -> None:
    path: Path = shared("notices/sam_bulk_extract.csv")
    hub = Hub(app_pool, Shelf(), now=datetime(2026, 4, 13, tzinfo=UTC))
    shelve_all(hub.shelf, read_recorded(path))
    file = open_notice_file(path)
    await import_records(hub.intake(), hub.blobs, file, lambda progress: None)
    before = await hub.events()
    await hub.run()
    assert await hub.events() == before
    [fact] = await hub.runs()
    assert (fact.seen, fact.unchanged, fact.rejected) == (2160, 2160, 0)


def test_the_pace_is_a_sandboxs_only_where_there_is_no_key() -> None:
    assert Pace.of(SamGovSettings()).every_s == 5
    assert Pace.of(SamGovSettings.model_validate({"api_key": "k"})).every_s == 900
