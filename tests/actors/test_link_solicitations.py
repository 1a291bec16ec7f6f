"""Linking on a real Postgres: what is linked, what is told once only, and what a page reads."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest

from actors.link_solicitations import build_linking
from cluster.clients.notice_files import open_notice_file
from cluster.stores.blob_store import memory_blob_store
from cluster.stores.event_log import PostgresEventLog
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.notice_intake import NoticeIntake
from cluster.stores.opportunity_projection import project_opportunities
from cluster.stores.opportunity_reads import PostgresOpportunityReads
from cluster.stores.postgres import Pool, as_tenant
from cluster.stores.solicitations import project_solicitations
from cluster.stores.texts import PostgresTextStore
from domain.access import PUBLIC
from domain.errors import VersionConflict
from domain.events import Cause, Origin, Recorded
from domain.flows import EVENT_TYPES
from domain.notice import Notice
from domain.opportunity import OPPORTUNITY, CloseOpportunity, RecordNotice
from domain.ports import Lease
from domain.solicitation import SOLICITATION
from pipelines.import_notices import import_records
from tests.sandboxes import NOW
from tests.shared_data import shared

pytestmark = pytest.mark.stores

NUMBER = "36C24726Q0269"
_LINKS = "select notice_id, solicitation, reason from solicitation_notice order by notice_id"
_TOLD = "select count(*) from event where aggregate_type = 'Solicitation'"


def notice(notice_id: str, kind: str = "k", day: int = 1, number: str = NUMBER) -> Notice:
    return Notice(
        notice_id=notice_id,
        title=notice_id,
        type=kind,
        posted_date=date(2026, 4, day),
        solicitation_number=number,
    )


class Hub:
    """Notices in Postgres, and the post that reads them from the log as from the topic."""

    def __init__(self, app: Pool, relay: Pool, lease: Lease) -> None:
        self.pool = app
        self.events = PostgresEventStore(app, EVENT_TYPES, {"Opportunity": project_opportunities})
        self.handle = build_linking(app)
        self.log = PostgresEventLog(relay, EVENT_TYPES)
        self._lease = lease
        self._seen = 0

    async def record(self, *notices: Notice, origin: Origin = "live") -> None:
        intent = uuid4()
        cause = Cause(correlation_id=intent, causation_id=intent, origin=origin)
        for one in notices:
            await self._do(one.notice_id, RecordNotice(one), cause)

    async def cancel(self, notice_id: str) -> None:
        intent = uuid4()
        cause = Cause(correlation_id=intent, causation_id=intent)
        await self._do(notice_id, CloseOpportunity(notice_id, "cancelled"), cause)

    async def news(self, *, limit: int = 5_000) -> list[Recorded]:
        """What the topic brings that was not there before: the events that the post heeds."""
        await self.log.number(self._lease, limit=limit)
        events = await self.log.read(after=self._seen, limit=limit)
        self._seen += len(events)
        return [event for event in events if event.stream.aggregate_type == "Opportunity"]

    async def links(self) -> Mapping[str, tuple[str, str]]:
        async with as_tenant(self.pool, PUBLIC) as connection:
            rows = await connection.fetch(_LINKS)
        return {row["notice_id"]: (row["solicitation"], row["reason"]) for row in rows}

    async def reasons(self) -> Mapping[str, str]:
        return {key: reason for key, (_, reason) in (await self.links()).items()}

    async def told(self) -> int:
        async with as_tenant(self.pool, PUBLIC) as connection:
            return await connection.fetchval(_TOLD) or 0

    async def _do(self, key: str, command: Any, cause: Cause) -> None:
        stream = OPPORTUNITY.stream(PUBLIC, key)
        history = await self.events.load(stream)
        events = OPPORTUNITY.decide(command, OPPORTUNITY.fold(history.events))
        identified = {uuid4(): event for event in events}
        await self.events.append(stream, identified, expected_version=history.version, cause=cause)


@pytest.fixture
def hub(app_pool: Pool, relay_pool: Pool, lease: Lease) -> Hub:
    return Hub(app_pool, relay_pool, lease)


async def test_notices_with_one_number_are_linked_with_the_reason(hub: Hub) -> None:
    await hub.record(notice("n2", day=2, number="36C247-26-Q-0269"), notice("n1"))
    await hub.record(
        notice("n3", "a", 3), notice("n4", number="TBD"), notice("n5", number="S-7777")
    )
    await hub.handle(await hub.news())
    assert await hub.links() == {
        "n1": (NUMBER, "original"),
        "n2": (NUMBER, "amendment"),
        "n3": (NUMBER, "award"),
        "n5": ("S7777", "original"),
    }
    reads = PostgresOpportunityReads(hub.pool)
    related = [(one.notice_id, one.reason) for one in await reads.related("n1")]
    assert related == [("n3", "award"), ("n2", "amendment")]
    assert await reads.related("n4") == []
    assert await reads.related("n5") == []


async def test_a_replay_and_another_process_link_nothing_again(hub: Hub) -> None:
    await hub.record(notice("n1"), notice("n2", day=2))
    batch = await hub.news()
    await hub.handle(batch)
    await hub.handle(batch)
    await hub.handle([*batch, *batch])
    await build_linking(hub.pool)(batch[:1])
    assert await hub.told() == 2


async def test_what_comes_one_by_one_is_linked_as_if_it_came_at_once(hub: Hub) -> None:
    await hub.record(notice("n2", day=2), notice("n1"), notice("n3", "p"))
    for event in await hub.news():
        await hub.handle([event])
    assert await hub.reasons() == {"n1": "original", "n2": "amendment", "n3": "presolicitation"}


async def test_a_cancelled_notice_is_linked_as_such(hub: Hub) -> None:
    await hub.record(notice("n1"), notice("n2", day=2))
    await hub.handle(await hub.news())
    await hub.cancel("n2")
    await hub.handle(await hub.news())
    assert await hub.reasons() == {"n1": "original", "n2": "cancelled"}


async def test_a_notice_that_bears_another_number_moves(hub: Hub) -> None:
    await hub.record(notice("n1"), notice("n2", day=2))
    await hub.handle(await hub.news())
    await hub.record(notice("n1", number="W81K04-26-R-0001"))
    await hub.handle(await hub.news())
    assert await hub.links() == {
        "n1": ("W81K0426R0001", "original"),
        "n2": (NUMBER, "original"),
    }
    await hub.record(notice("n2", number="to be determined"))
    await hub.handle(await hub.news())
    assert list(await hub.links()) == ["n1"]


async def test_a_link_comes_from_where_its_notice_came(hub: Hub) -> None:
    await hub.record(notice("n1"), origin="import")
    [discovered] = await hub.news()
    await hub.handle([discovered])
    [link] = await hub.events.read_stream(SOLICITATION.stream(PUBLIC, NUMBER))
    assert link.origin == "import"
    await hub.record(notice("n2", day=2))
    await hub.handle(await hub.news())
    *_, link = await hub.events.read_stream(SOLICITATION.stream(PUBLIC, NUMBER))
    assert (link.origin, link.version) == ("live", 2)


async def test_who_links_at_the_same_time_as_another_writes_nothing(hub: Hub) -> None:
    """Both have read the solicitation before either has written."""
    await hub.record(notice("n1"))
    batch = await hub.news()
    outcomes = await asyncio.gather(
        *(build_linking(hub.pool)(batch) for _ in range(4)), return_exceptions=True
    )
    assert {type(outcome) for outcome in outcomes} <= {type(None), VersionConflict}
    assert await hub.told() == 1


async def test_links_made_anew_from_the_log_are_the_same(hub: Hub) -> None:
    await hub.record(notice("n2", day=2), notice("n1"), notice("n3", "a", 3))
    await hub.handle(await hub.news())
    linked = await hub.links()
    written = await hub.events.read_stream(SOLICITATION.stream(PUBLIC, NUMBER))
    async with as_tenant(hub.pool, PUBLIC) as connection:
        await connection.execute("delete from solicitation_notice")
        await project_solicitations(connection, written)
    assert await hub.links() == linked


async def test_another_tenant_reads_links_and_writes_none(hub: Hub) -> None:
    await hub.record(notice("n1"))
    await hub.handle(await hub.news())
    async with as_tenant(hub.pool, UUID(int=1)) as connection:
        assert len(await connection.fetch(_LINKS)) == 1
        assert await connection.execute("delete from solicitation_notice") == "DELETE 0"


async def test_the_real_extract_is_linked_whole_and_only_once(hub: Hub) -> None:
    file = open_notice_file(shared("notices/sam_bulk_extract.csv"))
    intake = NoticeIntake(hub.pool, hub.events, PostgresTextStore(hub.pool), lambda: NOW)
    first = await import_records(intake, memory_blob_store(), file, lambda progress: None)
    news = await hub.news()
    assert first.discovered == 2160
    for batch in _batches(news):
        await hub.handle(batch)
    links, told = await hub.links(), await hub.told()
    assert 2100 < len(links) < 2160
    reasons = Counter(reason for _, reason in links.values())
    assert reasons["original"] > reasons["amendment"] > 20
    assert reasons["award"] == 44
    for batch in _batches(news):
        await hub.handle(batch)
    assert (await hub.links(), await hub.told(), await hub.news()) == (links, told, [])


def _batches(events: Sequence[Recorded]) -> list[Sequence[Recorded]]:
    return [events[at : at + 500] for at in range(0, len(events), 500)]
