"""From an event's commit to a Socket.IO client, through the real stores, without Ray."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from actors.notify import open_notify
from actors.relay_events import open_relay_events
from cluster.settings import PostgresSettings, Settings
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.opportunity_projection import project_opportunities
from cluster.stores.postgres import Pool, as_tenant
from deployments.realtime.app import open_live_feed
from domain.access import PUBLIC
from domain.events import Cause, Event, Stream
from domain.flows import EVENT_TYPES
from domain.matching import MATCH, OpportunityMatched
from domain.notice import LATEST, Notice
from domain.opportunity import OpportunityDiscovered
from tests.realtime import OURS, Browser, browsing, serving

pytestmark = pytest.mark.stores


# The topics are the session's: this database goes on above the positions that others have used
# there, or their partitions would take ours for repeats.
GO_ON = "insert into event_position select extract(epoch from clock_timestamp()), '0', 1"


@pytest.fixture
async def hub(
    embedded_stores: Settings,
    database: PostgresSettings,
    relay_pool: Pool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What a process of the hub finds in its environment, with a database of this test's own."""
    async with relay_pool.acquire() as connection:
        await connection.execute(GO_ON)
    monkeypatch.setenv("MCH_HOME", str(embedded_stores.home))
    monkeypatch.setenv("MCH_POSTGRES__DSN", str(database.dsn.get_secret_value()))


@asynccontextmanager
async def at_work(*opening: Any) -> AsyncIterator[None]:
    """These posts run, and are cut off at the end as a crash would."""
    async with AsyncExitStack() as stack:
        workers = [await stack.enter_async_context(each) for each in opening]
        tasks = [asyncio.create_task(worker.run()) for worker in workers]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(*tasks)


def discovered(notice_id: str) -> OpportunityDiscovered:
    notice = Notice(
        notice_id=notice_id,
        title="Bladder scanner",
        psc="6515",
        posted_date=datetime(2026, 4, 13, tzinfo=UTC),
    )
    return OpportunityDiscovered(notice=notice, form=LATEST)


async def append(pool: Pool, tenant_id: UUID, aggregate: str, key: str, event: Event) -> None:
    events = PostgresEventStore(pool, EVENT_TYPES, {"Opportunity": project_opportunities})
    cause = Cause(correlation_id=uuid4(), causation_id=uuid4())
    stream = Stream(tenant_id, aggregate, key)
    await events.append(stream, {uuid4(): event}, expected_version=0, cause=cause)


async def matched(pool: Pool, notice_id: str) -> None:
    await append(pool, PUBLIC, "Opportunity", notice_id, discovered(notice_id))
    match = OpportunityMatched(notice_id=notice_id, score=91, profile_version=1, notice_version=1)
    await append(pool, OURS, MATCH, notice_id, match)


async def hearing(browser: Browser, notice_id: str) -> dict[str, Any]:
    """The notification of this notice, once it is there."""
    async with asyncio.timeout(30):
        while True:
            for room, message in browser.heard:
                if room == "user:local" and message["body"]["notice_id"] == notice_id:
                    return dict(message["body"])
            await asyncio.sleep(0.02)


async def test_a_match_reaches_the_browser_with_its_title_and_the_list_hears_of_the_notice(
    hub: None, app_pool: Pool
) -> None:
    notice_id = uuid4().hex
    async with serving(open_live_feed) as address, browsing(address) as browser:
        assert (await browser.join("user:local"))["ok"]
        assert (await browser.join("dashboard:opportunities"))["ok"]
        async with at_work(open_relay_events(), open_notify()):
            await matched(app_pool, notice_id)
            body = await hearing(browser, notice_id)
            assert (body["title"], body["score"]) == ("Bladder scanner", 91)
            async with asyncio.timeout(10):
                while notice_id not in announced(browser):
                    await asyncio.sleep(0.02)


def announced(browser: Browser) -> set[str]:
    bodies = [message["body"] for _, message in browser.heard]
    return {notice_id for body in bodies for notice_id in body.get("discovered", ())}


KEPT = "select count(*) from notification"
ANNOUNCED = "select count(announced_at) from notification"
FORGET = "delete from consumer_progress where consumer = 'notify'"


async def test_what_was_told_before_a_crash_is_not_told_again_after_it(
    hub: None, app_pool: Pool, relay_pool: Pool
) -> None:
    first, second = uuid4().hex, uuid4().hex
    async with serving(open_live_feed) as address, browsing(address) as browser:
        assert (await browser.join("user:local"))["ok"]
        async with at_work(open_relay_events(), open_notify()):
            await matched(app_pool, first)
            await hearing(browser, first)
        async with relay_pool.acquire() as connection:
            await connection.execute(FORGET)  # As if the crash came before the checkpoint.
        async with at_work(open_relay_events(), open_notify()):
            await matched(app_pool, second)
            await hearing(browser, second)
            async with asyncio.timeout(30):  # It is marked after it was told.
                while await count(app_pool, ANNOUNCED) < await count(app_pool, KEPT):
                    await asyncio.sleep(0.05)
        told = [message["body"]["notice_id"] for _, message in browser.heard]
        assert [told.count(first), told.count(second)] == [1, 1]


async def count(pool: Pool, statement: str) -> int:
    async with as_tenant(pool, OURS) as connection:
        found: int = await connection.fetchval(statement)
    return found
