"""Events and fixtures of the tests of analytics."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from cluster.settings import ClickHouseSettings, Settings
from cluster.stores.analytics import AnalyticsStore
from cluster.stores.clickhouse_client import ClickHouse, open_clickhouse
from domain.access import PUBLIC
from domain.analytics import Summary, SummaryFilters
from domain.events import Event, Recorded, Stream
from domain.matching import MATCH, OpportunityMatched
from domain.notice import Notice
from domain.opportunity import OpportunityAmended, OpportunityClosed, OpportunityDiscovered
from domain.precision import Place
from tests.events import CAUSE

TENANT = UUID(int=1)
NOW = datetime(2026, 4, 15, 12, tzinfo=UTC)
"""A Wednesday."""


def at(position: int, event: Event, key: str, kind: str = "Opportunity") -> Recorded:
    tenant_id = TENANT if kind == MATCH else PUBLIC
    return Recorded(
        position=position,
        stream=Stream(tenant_id, kind, key),
        version=1,
        event_id=UUID(int=position),
        schema_version=1,
        cause=CAUSE,
        recorded_at=NOW + timedelta(seconds=position),
        event=event,
    )


def discovered(position: int, **facts: Any) -> Recorded:
    notice = Notice(**{"notice_id": f"n{position}", "title": "Gloves", **facts})
    return at(position, OpportunityDiscovered(notice=notice, form=3), notice.notice_id)


def amended(position: int, key: str, changed: Sequence[str], **facts: Any) -> Recorded:
    notice = Notice(**{"notice_id": key, "title": "Gloves", **facts})
    event = OpportunityAmended(notice=notice, form=3, changed=tuple(changed))
    return at(position, event, key)


def closed(position: int, key: str) -> Recorded:
    return at(position, OpportunityClosed(notice_id=key, reason="deadline"), key)


def matched(position: int, key: str, score: int) -> Recorded:
    event = OpportunityMatched(notice_id=key, score=score, profile_version=1, notice_version=1)
    return at(position, event, key, MATCH)


HISTORY = (
    discovered(1, naics="339113", psc="6515", department="VA", posted_date=date(2026, 4, 15)),
    discovered(2, naics="541511", department="GSA", posted_date=date(2026, 4, 13)),
    closed(3, "n2"),
    discovered(4, psc="6520", set_aside="SBA", department="VA", posted_date=date(2026, 4, 10)),
    amended(5, "n4", ["set_aside"], psc="6520", department="Army", posted_date=date(2026, 4, 10)),
    closed(6, "n1"),
    amended(
        7,
        "n1",
        ["response_deadline"],
        naics="339113",
        psc="6515",
        department="VA",
        posted_date=date(2026, 4, 15),
        response_deadline=NOW + timedelta(days=10),
        place=Place(state="FL"),
    ),
    matched(8, "n1", 80),
    matched(9, "n1", 50),
    matched(10, "n4", 90),
)


@pytest.fixture
def settings(embedded_stores: Settings) -> ClickHouseSettings:
    database = {"database": f"test_{uuid4().hex}"}
    return embedded_stores.clickhouse.model_copy(update=database)


@pytest.fixture
async def clickhouse(settings: ClickHouseSettings) -> AsyncIterator[ClickHouse]:
    async with open_clickhouse(settings) as clickhouse:
        yield clickhouse
        for number in (1, 2, 3):
            await clickhouse.command(f"drop database if exists {settings.database}_{number}")
        await clickhouse.command(f"drop database if exists {settings.database}")


@pytest.fixture
async def analytics(clickhouse: ClickHouse, settings: ClickHouseSettings) -> AnalyticsStore:
    analytics = AnalyticsStore(clickhouse, settings.database)
    await analytics.generations.prepare()
    return analytics


async def told(analytics: AnalyticsStore, **filters: Any) -> Summary:
    return await analytics.summary(SummaryFilters(tenant_id=TENANT, now=NOW, **filters))


Ask = Callable[[str], Awaitable[list[dict[str, Any]]]]


@pytest.fixture
def ask(clickhouse: ClickHouse, settings: ClickHouseSettings) -> Ask:
    """Runs a query in whose text `{live}` stands for the database."""

    async def run(sql: str) -> list[dict[str, Any]]:
        return await clickhouse.query(sql.replace("{live}", settings.database))

    return run
