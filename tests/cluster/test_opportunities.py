"""The read model that is written with the events, and what it is read for."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from cluster.stores.event_store import PostgresEventStore
from cluster.stores.opportunities import PostgresOpportunities
from cluster.stores.opportunity_projection import project_opportunities
from cluster.stores.postgres import Pool, as_tenant
from cluster.stores.texts import PostgresTextStore
from domain.access import PUBLIC
from domain.decider import execute
from domain.errors import NotFound
from domain.flows import EVENT_TYPES
from domain.notice import Notice
from domain.opportunity import OPPORTUNITY, CloseOpportunity, OpportunityCommand, RecordNotice
from tests.events import CAUSE

NOW = datetime(2026, 4, 1, tzinfo=UTC)


def notice(key: str = "n1", **fields: Any) -> Notice:
    return Notice.model_validate({"notice_id": key, "title": "Nitrile gloves", **fields})


@pytest.fixture
def events(app_pool: Pool) -> PostgresEventStore:
    return PostgresEventStore(app_pool, EVENT_TYPES, {"Opportunity": project_opportunities})


@pytest.fixture
def opportunities(app_pool: Pool) -> PostgresOpportunities:
    return PostgresOpportunities(app_pool, EVENT_TYPES)


async def tell(events: PostgresEventStore, *commands: OpportunityCommand, key: str = "n1") -> None:
    for command in commands:
        stream = OPPORTUNITY.stream(PUBLIC, key)
        await execute(events, OPPORTUNITY, stream, command, cause=CAUSE)


async def test_the_model_stands_where_the_stream_stands(
    events: PostgresEventStore, opportunities: PostgresOpportunities
) -> None:
    first = notice(naics="339113", response_deadline="2026-05-01", type="o")
    await tell(events, RecordNotice(first), RecordNotice(notice(title="Nitrile gloves, 2 million")))
    await tell(events, CloseOpportunity("n1", "cancelled"))
    row = await opportunities.get("n1")
    assert (row.version, row.is_closed, row.close_reason) == (3, True, "cancelled")
    assert row.notice.title == "Nitrile gloves, 2 million"
    assert (row.is_medical, row.notice.naics) == (True, "339113")
    [state] = (await opportunities.states(["n1", "n9"])).values()
    history = await events.load(OPPORTUNITY.stream(PUBLIC, "n1"))
    assert (state.version, state.opportunity) == (3, OPPORTUNITY.fold(history.events))


async def test_an_award_and_a_reopening_are_in_the_model(
    events: PostgresEventStore, opportunities: PostgresOpportunities
) -> None:
    past = notice(type="a", response_deadline="2026-03-01", award={"number": "A1"})
    await tell(events, RecordNotice(past, NOW))
    assert (await opportunities.get("n1")).close_reason == "deadline"
    await tell(events, RecordNotice(notice(type="a", response_deadline="2026-06-01"), NOW))
    row = await opportunities.get("n1")
    assert (row.is_closed, row.close_reason) == (False, None)
    [state] = (await opportunities.states(["n1"])).values()
    assert state.opportunity.award == past.award


async def test_history_tells_what_each_event_changed(
    events: PostgresEventStore, opportunities: PostgresOpportunities
) -> None:
    await tell(
        events,
        RecordNotice(notice(psc="65")),
        RecordNotice(notice(psc="6515", title="Masks")),
        CloseOpportunity("n1", "cancelled"),
        RecordNotice(notice(psc="6515", title="Masks", archive_date="2026-09-01")),
    )
    entries = await opportunities.history("n1")
    assert [
        (one.version, one.type, {change.field: (change.old, change.new) for change in one.changed})
        for one in entries
    ] == [
        (1, "OpportunityDiscovered", {}),
        (
            2,
            "OpportunityAmended",
            {"psc": ("65", "6515"), "title": ("Nitrile gloves", "Masks")},
        ),
        (3, "OpportunityClosed", {"closed": (None, "cancelled")}),
        (
            4,
            "OpportunityAmended",
            {"archive_date": (None, "2026-09-01"), "closed": ("cancelled", None)},
        ),
    ]


async def test_what_is_not_there_is_not_found(opportunities: PostgresOpportunities) -> None:
    with pytest.raises(NotFound, match="no opportunity 'n9'"):
        await opportunities.get("n9")
    with pytest.raises(NotFound, match="no opportunity 'n9'"):
        await opportunities.history("n9")


async def test_title_and_description_are_searched(
    events: PostgresEventStore, app_pool: Pool
) -> None:
    digest = "ab" * 32
    await PostgresTextStore(app_pool).put({digest: "powder-free and textured"})
    await tell(events, RecordNotice(notice(description_digest=digest)))
    await tell(events, CloseOpportunity("n1", "cancelled"))
    async with as_tenant(app_pool, PUBLIC) as connection:
        for word in ("glove", "texture"):
            found = await connection.fetchval(
                "select count(*) from opportunity where search @@ plainto_tsquery('english', $1)",
                word,
            )
            assert found == 1


async def test_due_and_undescribed_are_those_that_are_open(
    events: PostgresEventStore, opportunities: PostgresOpportunities
) -> None:
    await tell(events, RecordNotice(notice(response_deadline="2026-03-01")))
    await tell(events, RecordNotice(notice("n2", response_deadline="2026-03-02")), key="n2")
    await tell(events, CloseOpportunity("n2", "cancelled"), key="n2")
    await tell(events, RecordNotice(notice("n3", psc="6515")), key="n3")
    assert await opportunities.due(NOW, limit=9) == ["n1"]
    assert await opportunities.undescribed(limit=9) == ["n3", "n1"]
    assert await opportunities.counts() == {"known": 3, "open": 2, "medical": 1}


async def test_another_tenant_reads_public_opportunities_and_writes_none(
    events: PostgresEventStore, app_pool: Pool
) -> None:
    await tell(events, RecordNotice(notice()))
    async with as_tenant(app_pool, uuid4()) as connection:
        assert await connection.fetchval("select count(*) from opportunity") == 1
        assert await connection.execute("update opportunity set title = 'x'") == "UPDATE 0"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("insert into opportunity select * from opportunity")
