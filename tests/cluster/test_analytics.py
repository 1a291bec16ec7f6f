"""What ClickHouse counts, on a real one: no repetition changes it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from aiokafka.partitioner import DefaultPartitioner

from cluster.stores.analytics import AnalyticsStore
from domain.analytics import DayCount, SummaryFilters, ValueCount
from domain.events import UnknownEvent
from domain.sync_run import SyncRunFinished
from tests.analytics import HISTORY, NOW, Ask, analytics, ask, at, clickhouse, settings, told

__all__ = ["analytics", "ask", "clickhouse", "settings"]

pytestmark = pytest.mark.stores


async def test_counts_what_stands_after_the_last_event(analytics: AnalyticsStore) -> None:
    await analytics.write(HISTORY)
    summary = await told(analytics)
    totals = summary.totals
    assert (totals.known, totals.open, totals.medical, totals.open_medical) == (3, 2, 2, 2)
    assert (totals.new_today, totals.new_this_week) == (1, 2)
    assert totals.closing == {7: 0, 14: 1, 30: 1}
    assert summary.open_by["agency"] == [ValueCount("Army", 1), ValueCount("VA", 1)]
    assert summary.open_by["set_aside"] == [ValueCount("", 2)]
    assert summary.open_by["state"] == [ValueCount("", 1), ValueCount("FL", 1)]
    assert summary.as_of_position == 10
    assert summary.as_of == NOW + timedelta(seconds=10)


async def test_the_funnel_takes_each_match_as_it_was_last_told(analytics: AnalyticsStore) -> None:
    await analytics.write(HISTORY)
    funnel = (await told(analytics)).funnel
    assert (funnel.matched, funnel.open, funnel.strong) == (2, 2, 1)
    assert funnel.used == {"OpportunityMatched": 2}


async def test_another_tenants_matches_are_not_counted(analytics: AnalyticsStore) -> None:
    await analytics.write(HISTORY)
    summary = await analytics.summary(SummaryFilters(tenant_id=UUID(int=9), now=NOW))
    assert (summary.funnel.matched, summary.funnel.used) == (0, {})


@pytest.mark.parametrize(
    ("filters", "known"),
    [
        ({"medical": True}, 2),
        ({"medical": False}, 1),
        ({"naics": "3391"}, 1),
        ({"psc": "65"}, 2),
        ({"agency": "VA"}, 1),
        ({"state": "FL"}, 1),
        ({"set_aside": "SBA"}, 0),
    ],
)
async def test_filters_narrow_every_number(
    analytics: AnalyticsStore, filters: dict[str, Any], known: int
) -> None:
    await analytics.write(HISTORY)
    assert (await told(analytics, **filters)).totals.known == known


async def test_a_day_that_nobody_asked_about_is_unknown_not_zero(
    analytics: AnalyticsStore,
) -> None:
    counts = ("seen", "discovered", "amended", "closed", "awarded", "unchanged", "rejected")
    run = SyncRunFinished(
        source="sam_gov",
        posted_from=date(2026, 4, 11),
        posted_to=date(2026, 4, 14),
        **dict.fromkeys(counts, 0),
        described=0,
        quota_left=9,
        pages=(),
    )
    await analytics.write([*HISTORY, at(11, run, "sam_gov", "Sync")])
    assert (await told(analytics, days=7)).by_day == [
        DayCount(date(2026, 4, 9), None, None),
        DayCount(date(2026, 4, 10), 1, 1),
        DayCount(date(2026, 4, 11), 0, 0),
        DayCount(date(2026, 4, 12), 0, 0),
        DayCount(date(2026, 4, 13), 1, 0),
        DayCount(date(2026, 4, 14), 0, 0),
        DayCount(date(2026, 4, 15), 1, 1),
    ]


async def test_replays_and_overlapping_batches_change_no_count(analytics: AnalyticsStore) -> None:
    await analytics.write(HISTORY)
    once = await told(analytics)
    for start, end in [(0, 10), (2, 7), (0, 1), (5, 10), (8, 9)]:
        await analytics.write(HISTORY[start:end])
    assert await told(analytics) == once
    assert await analytics.opportunities() == 3
    assert (await analytics.held()).events == len(HISTORY)


async def test_a_replay_from_the_start_does_not_bring_back_what_was(
    analytics: AnalyticsStore,
) -> None:
    """As when progress is lost: old events arrive after newer ones."""
    await analytics.write(HISTORY)
    once = await told(analytics)
    for one in HISTORY:
        await analytics.write([one])
    assert await told(analytics) == once


async def test_sums_over_rows_would_double(analytics: AnalyticsStore, ask: Ask) -> None:
    """The negative control: these repetitions do reach ClickHouse, as rows."""
    await ask("system stop merges {live}_1.events")
    await ask(
        "create table {live}_1.sums (event_type String, n UInt64)"
        " engine = SummingMergeTree order by event_type"
    )
    await ask(
        "create materialized view {live}_1.to_sums to {live}_1.sums as"
        " select event_type, toUInt64(1) as n from {live}_1.events"
    )
    await analytics.write(HISTORY)
    await analytics.write(HISTORY)
    assert await ask("select count() as n from {live}_1.events") == [{"n": 20}]
    assert await ask("select sum(n) as n from {live}_1.sums") == [{"n": 20}]
    assert await ask("select sum(events) as n from {live}.events_by_day") == [{"n": 10}]


async def test_one_row_a_position_is_what_readers_see(analytics: AnalyticsStore, ask: Ask) -> None:
    await analytics.write(HISTORY)
    await analytics.write(HISTORY)
    rows = await ask("select position, data from {live}.events order by position")
    assert [row["position"] for row in rows] == list(range(1, 11))
    assert rows[2]["data"] == '{"notice_id":"n2","reason":"deadline"}'


async def test_an_event_of_the_future_is_kept_whole(analytics: AnalyticsStore, ask: Ask) -> None:
    praised = UnknownEvent.model_validate({"type": "OpportunityPraised", "stars": 5})
    await analytics.write([at(1, praised, "n1")])
    rows = await ask("select event_type, data from {live}.events")
    assert rows == [{"event_type": "OpportunityPraised", "data": '{"stars":5}'}]


async def test_partitions_are_those_of_kafka(analytics: AnalyticsStore, ask: Ask) -> None:
    await analytics.write(HISTORY)
    rows = await ask("select distinct aggregate_id, partition from {live}_1.events")
    choose, all_of_them = DefaultPartitioner(), list(range(12))
    assert {row["aggregate_id"]: row["partition"] for row in rows} == {
        key: choose(key.encode(), all_of_them, all_of_them) for key in ("n1", "n2", "n4")
    }


async def test_tells_what_is_missing(analytics: AnalyticsStore) -> None:
    await analytics.write([HISTORY[0], HISTORY[1], HISTORY[3]])
    assert await analytics.first_missing(2) is None
    assert await analytics.first_missing(10) == 3
    await analytics.write([HISTORY[2]])
    assert await analytics.first_missing(10) == 5


async def test_nothing_counted_yet_is_no_error(analytics: AnalyticsStore) -> None:
    summary = await told(analytics)
    assert (summary.as_of_position, summary.as_of, summary.totals.known) == (0, None, 0)
