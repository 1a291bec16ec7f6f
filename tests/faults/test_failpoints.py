"""Processes crash exactly where it hurts, and go on: nothing is lost, nothing happens twice.

Beside each stands its negative control: with one protection taken away the same check fails.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from redis.asyncio import Redis

from cluster.stores.event_store import PostgresEventStore
from cluster.stores.opportunity_projection import project_opportunities
from cluster.stores.postgres import open_pool
from domain.access import LOCAL_TENANT, LOCAL_USER, PUBLIC
from domain.events import Cause, Event, Stream
from domain.flows import EVENT_TYPES
from domain.matching import MATCH, OpportunityMatched
from domain.notice import LATEST, Notice
from domain.opportunity import OpportunityDiscovered
from tests.faults.small import Small, post, small_hub
from tests.faults.tally import crash_counting, group, run_counting

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    with small_hub(tmp_path_factory.mktemp("failpoints") / "home") as small:
        yield small


async def test_an_importer_that_crashes_after_its_append_is_repeated_without_harm(
    small: Small,
) -> None:
    path, ids = small.ledger.slice(5)
    importing = ("-m", "deployments.cli", "import", str(path))
    await small.crash(*importing, failpoint="after_append")
    async with small.audit.postgres() as connection:
        assert await connection.fetchval("select count(*) from event") >= len(ids)
    small.ledger.accepted |= ids
    await small.accept(5)
    await small.until_whole()


@pytest.mark.parametrize("failpoint", ["after_numbering", "after_publish"])
async def test_a_relay_that_crashes_loses_nothing(small: Small, failpoint: str) -> None:
    await small.accept(10)
    await small.crash_post("relay_events", failpoint)
    found = await small.until_whole()
    repeats = len(found.sent) - len({one.event_id for one in found.sent})
    assert failpoint != "after_publish" or repeats > 0, "the crash was not where it should be"


@pytest.mark.parametrize(
    ("options", "is_safe"),
    [
        pytest.param(["--doubles"], True, id="repeats are dropped"),
        pytest.param(["--doubles", "--repeats"], False, id="control: repeats are not dropped"),
    ],
)
async def test_what_a_relay_repeats_has_its_effect_once(
    small: Small, options: list[str], is_safe: bool
) -> None:
    await small.accept(10)
    await small.crash_post("relay_events", "after_publish")
    await small.until_published()
    async with group(small) as name:
        wrong = await run_counting(small, name, *options)
    assert (not wrong) is is_safe, wrong


@pytest.mark.parametrize(
    ("failpoint", "options", "is_safe"),
    [
        pytest.param("after_effect", [], True, id="after_effect, idempotent"),
        pytest.param("after_effect", ["--doubles"], False, id="control: a counting effect"),
        pytest.param("before_checkpoint", ["--doubles"], True, id="before_checkpoint"),
        pytest.param(
            "before_checkpoint",
            ["--doubles", "--forgets"],
            False,
            id="control: progress that does not outlast the process",
        ),
        pytest.param(
            "between_row_and_batch", ["--doubles", "--one-by-one"], True, id="between_row_and_batch"
        ),
        pytest.param(
            "between_row_and_batch",
            ["--doubles", "--one-by-one", "--never-done"],
            False,
            id="control: rows that are not checkpointed one by one",
        ),
    ],
)
async def test_a_consumer_that_crashes_has_each_effect_once(
    small: Small, failpoint: str, options: list[str], is_safe: bool
) -> None:
    await small.accept(3)
    await small.until_published()
    async with group(small) as name:
        await crash_counting(small, name, *options, failpoint=failpoint)
        wrong = await run_counting(small, name, *options)
    assert (not wrong) is is_safe, wrong
    async with small.audit.postgres() as connection:
        assert not await connection.fetchval("select count(*) from dead_letter")


PLAIN_SUM = (
    "create table if not exists mch_1.plain_sum (day Date, events UInt64)"
    " engine = SummingMergeTree order by day",
    "create materialized view if not exists mch_1.plainly_summed to mch_1.plain_sum as"
    " select toDate(at) as day, count() as events from mch_1.events group by day",
    "insert into mch_1.plain_sum select toDate(at) as day, count() as events"
    " from mch_1.events final group by day",
)
SUMMED = "select sum(events) as events from mch_1.plain_sum format JSONEachRow"


@pytest.mark.parametrize("failpoint", ["after_effect", "before_checkpoint"])
async def test_analytics_count_each_event_once_and_plain_sums_would_not(
    small: Small, failpoint: str
) -> None:
    await small.until_whole()
    for statement in ("drop table if exists mch_1.plain_sum", *PLAIN_SUM):
        await small.audit.clickhouse(statement)
    await small.accept(10)
    await small.until_published()
    await small.crash_post("write_analytics", failpoint)
    found = await small.until_whole()
    [plain] = await small.audit.clickhouse(SUMMED)
    is_doubled = int(plain["events"]) > len(found.log)
    assert is_doubled is (failpoint == "after_effect"), "the negative control: ClickHouse's sums"


async def test_a_notification_whose_announcement_was_cut_off_is_announced_once(
    small: Small,
) -> None:
    notice_id = uuid4().hex
    notice = Notice(notice_id=notice_id, title="Bladder scanner")
    matched = OpportunityMatched(notice_id=notice_id, score=91, profile_version=1, notice_version=1)
    discovered = OpportunityDiscovered(notice=notice, form=LATEST)
    await append(small, Stream(PUBLIC, "Opportunity", notice_id), discovered)
    await append(small, Stream(LOCAL_TENANT, MATCH, notice_id), matched)
    small.ledger.accepted.add(notice_id)
    await small.until_published()
    await small.crash_post("notify", "between_row_and_announcement")
    assert await told_of(small, notice_id) == 0, "only because it is announced later is it told"
    async with post("notify", small.env()), asyncio.timeout(90):
        while not await told_of(small, notice_id):
            await asyncio.sleep(0.2)
        await asyncio.sleep(1.0)
    assert await told_of(small, notice_id) == 1
    await small.until_whole()


async def append(small: Small, stream: Stream, event: Event) -> UUID:
    event_id = uuid4()
    async with open_pool(small.settings.postgres, "mch_app", size=1) as pool:
        events = PostgresEventStore(pool, EVENT_TYPES, {"Opportunity": project_opportunities})
        cause = Cause(correlation_id=uuid4(), causation_id=uuid4())
        await events.append(stream, {event_id: event}, expected_version=0, cause=cause)
    return event_id


async def told_of(small: Small, notice_id: str) -> int:
    """Messages of the live feed that tell the user of this notice, read from Redis itself."""
    stream = f"mch:{{{LOCAL_TENANT}}}:feed:user:{LOCAL_USER}"
    async with Redis(**small.audit.servers["redis"]) as client:
        entries: Any = await client.xrange(stream)
    bodies = [json.loads(fields[b"message"])["body"] for _, fields in entries]
    return sum(body.get("notice_id") == notice_id for body in bodies)
