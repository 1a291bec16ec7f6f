"""Generations of the analytics: rebuilt beside the live one, swapped, dropped."""

from collections.abc import Sequence
from typing import Any

import pytest

from cluster.settings import ClickHouseSettings
from cluster.stores.analytics import AnalyticsStore
from cluster.stores.clickhouse_client import ClickHouse, open_clickhouse
from domain.errors import Invalid, NotFound, Unavailable
from domain.events import Recorded
from pipelines.replay_analytics import replay_analytics
from tests.analytics import HISTORY, analytics, clickhouse, settings, told

__all__ = ["analytics", "clickhouse", "settings"]

pytestmark = pytest.mark.stores


class ListLog:
    """A log that may grow while it is read."""

    def __init__(self, events: Sequence[Recorded]) -> None:
        self.events = list(events)

    async def read(self, *, after: int, limit: int) -> Sequence[Recorded]:
        return [event for event in self.events if event.position > after][:limit]


async def test_a_rebuild_equals_the_live_one(analytics: AnalyticsStore) -> None:
    await analytics.write(HISTORY)
    once = await told(analytics)
    replayed = await replay_analytics(ListLog(HISTORY), analytics, batch=3)
    assert (replayed.generation, replayed.replaced, replayed.position) == (2, 1, 10)
    assert await told(analytics) == once
    assert [(one.number, one.state) for one in await analytics.generations.all()] == [
        (1, "kept"),
        (2, "live"),
    ]


async def test_a_rebuild_loses_nothing_written_meanwhile(analytics: AnalyticsStore) -> None:
    """The writer goes on while the log is copied: into the old one, then into the new one."""
    log = ListLog(HISTORY[:4])
    await analytics.write(HISTORY[:4])

    class Busy(ListLog):
        async def read(self, *, after: int, limit: int) -> Sequence[Recorded]:
            found = await super().read(after=after, limit=limit)
            if not found and len(self.events) < len(HISTORY):
                self.events = list(HISTORY)
                await analytics.write(HISTORY[4:])
            return found

    await replay_analytics(Busy(log.events), analytics)
    held = await analytics.held()
    assert (held.position, held.events) == (10, 10)


async def test_what_is_written_during_a_swap_is_in_the_new_one(
    analytics: AnalyticsStore, clickhouse: ClickHouse, settings: ClickHouseSettings
) -> None:
    shadow = await analytics.generations.create()

    class SwapsMeanwhile(ClickHouse):
        async def insert(self, table: str, rows: Any) -> None:
            await clickhouse.insert(table, rows)
            if table.endswith("_1.events"):
                await analytics.generations.swap(shadow)

    async with open_clickhouse(settings) as own:
        meddled = SwapsMeanwhile(settings)
        await AnalyticsStore(meddled, settings.database).write(HISTORY)
        await meddled.close()
        assert (await AnalyticsStore(own, settings.database).held(shadow)).events == 10


async def test_only_what_is_not_live_can_be_dropped(analytics: AnalyticsStore) -> None:
    shadow = await analytics.generations.create()
    with pytest.raises(Invalid):
        await analytics.generations.drop(1)
    await analytics.generations.drop(shadow)
    with pytest.raises(NotFound):
        await analytics.generations.swap(shadow)
    assert await analytics.generations.create() == 3


async def test_preparing_again_changes_nothing(analytics: AnalyticsStore) -> None:
    await analytics.write(HISTORY)
    assert await analytics.generations.prepare() == 1
    assert await analytics.opportunities() == 3


@pytest.mark.parametrize("wrong", [{"port": 1}, {"password": "wrong"}, {"database": "none_such"}])
async def test_an_outage_is_told_as_one(
    settings: ClickHouseSettings, wrong: dict[str, Any]
) -> None:
    broken = ClickHouseSettings.model_validate(
        {**settings.model_dump(), "password": settings.password, **wrong}
    )
    async with open_clickhouse(broken) as clickhouse:
        with pytest.raises(Unavailable):
            await AnalyticsStore(clickhouse, broken.database).write(HISTORY)
