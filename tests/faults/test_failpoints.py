"""Processes crash exactly where it hurts, and go on: nothing is lost, nothing happens twice.

Beside each stands its negative control: with one protection taken away the same check fails.
"""

import asyncio
import json
from collections.abc import Sequence
from typing import Any, NamedTuple
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
from tests.faults.small import Small, post
from tests.faults.tally import crash_counting, disband, group, run_counting

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]


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


class Case(NamedTuple):
    """A consumer under some failpoint. Unsafe ones are the negative controls."""

    what: str
    failpoint: str | None
    options: tuple[str, ...]
    is_safe: bool


REPEATS = (
    Case("repeats are dropped", None, ("--doubles",), True),
    Case("control: repeats are not dropped", None, ("--doubles", "--repeats"), False),
)
CRASHES = (
    Case("an idempotent effect", "after_effect", (), True),
    Case("control: a counting effect", "after_effect", ("--doubles",), False),
    Case("progress is kept", "before_checkpoint", ("--doubles",), True),
    Case("control: it is not", "before_checkpoint", ("--doubles", "--forgets"), False),
    Case("each row is checkpointed", "between_row_and_batch", ("--doubles", "--one-by-one"), True),
    Case(
        "control: no row is",
        "between_row_and_batch",
        ("--doubles", "--one-by-one", "--never-done"),
        False,
    ),
)


async def outcome(small: Small, case: Case) -> bool:
    """Whether each event had its effect once."""
    async with group(small) as name:
        if case.failpoint:
            await crash_counting(small, name, *case.options, failpoint=case.failpoint)
        return not await run_counting(small, name, *case.options)


async def outcomes(small: Small, cases: Sequence[Case]) -> dict[str, bool]:
    found = await asyncio.gather(*(outcome(small, case) for case in cases))
    return {case.what: is_safe for case, is_safe in zip(cases, found, strict=True)}


async def test_what_a_relay_repeats_has_its_effect_once(small: Small) -> None:
    await small.accept(10)
    await small.crash_post("relay_events", "after_publish")
    await small.until_published()
    assert await outcomes(small, REPEATS) == {case.what: case.is_safe for case in REPEATS}


async def test_a_consumer_that_crashes_has_each_effect_once(small: Small) -> None:
    await small.accept(3)
    await small.until_published()
    assert await outcomes(small, CRASHES) == {case.what: case.is_safe for case in CRASHES}
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
    await disband(small, "notify")
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
