"""Whose files are fetched without being asked for."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from actors.fetch_attachments import WantAttachments
from cluster.stores.attachments import awaiting, followers
from cluster.stores.opportunities import OpportunityRow
from cluster.stores.postgres import Pool, as_tenant, fetch_rows
from cluster.stores.profiles import PostgresProfiles
from domain.access import PUBLIC
from domain.events import Cause, Event, Origin, Recorded, Stream
from domain.matching import STRONG, OpportunityMatched
from domain.notice import Notice
from domain.opportunity import OpportunityAmended, OpportunityDiscovered
from domain.profile import SAMPLE
from domain.solicitation import NoticeLinked
from tests.documents import TENANT
from tests.fetching import ONE, OTHER, TWO, House

NOW = datetime.now(UTC)


@pytest.fixture
def house(app_pool: Pool, relay_pool: Pool) -> House:
    return House(app_pool, relay_pool)


@dataclass
class Notices:
    links: tuple[str, ...] = (ONE, TWO)
    is_closed: bool = False

    async def get(self, notice_id: str) -> OpportunityRow:
        notice = Notice(notice_id=notice_id, title="Gloves", resource_links=self.links)
        return OpportunityRow(notice, 1, self.is_closed, None, True, None, NOW, NOW)


def recorded(event: Event, tenant_id: UUID = TENANT, origin: Origin = "live") -> Recorded:
    one = uuid4()
    return Recorded(
        position=1,
        stream=Stream(tenant_id, "Match", "n1"),
        version=1,
        event_id=one,
        schema_version=1,
        cause=Cause(correlation_id=one, causation_id=one, origin=origin),
        recorded_at=datetime.now(UTC),
        event=event,
    )


def matched(score: int) -> OpportunityMatched:
    facts: dict[str, Any] = {"notice_id": "n1", "score": score, "gates": (), "reasons": ()}
    return OpportunityMatched(**facts, similarity=None, profile_version=1, notice_version=1)


def amended(*changed: str) -> OpportunityAmended:
    notice = Notice(notice_id="n1", title="Gloves", resource_links=(ONE, TWO))
    return OpportunityAmended(notice=notice, changed=changed)


def wanting(house: House, notices: Notices | None = None) -> WantAttachments:
    return WantAttachments(
        notices or Notices(),
        PostgresProfiles(house.app),
        house.attachments,
        partial(followers, house.relay),
        partial(awaiting, house.relay),
    )


@pytest.mark.parametrize(
    ("wants", "score", "origin", "is_closed", "asked"),
    [
        (True, STRONG, "live", False, {ONE, TWO}),
        (True, STRONG - 1, "live", False, set()),
        (False, 100, "live", False, set()),
        (True, 100, "import", False, set()),
        (True, 100, "live", True, set()),
    ],
)
async def test_files_of_strong_matches_are_fetched_where_the_profile_wants_that(
    house: House, wants: bool, score: int, origin: Origin, is_closed: bool, asked: set[str]
) -> None:
    profile = SAMPLE.model_copy(update={"fetches_documents": wants})
    await PostgresProfiles(house.app).put(TENANT, profile)
    want = wanting(house, Notices(is_closed=is_closed))
    for _ in range(2):
        await want([recorded(matched(score), origin=origin)])
    assert set(await house.rows()) == asked
    assert len(await fetch_rows(house.relay, "select from work")) == len(asked)


async def test_who_has_a_notices_files_gets_those_that_an_amendment_adds(house: House) -> None:
    await house.ask(ONE)
    await house.settled()
    await wanting(house)([recorded(amended("title"), PUBLIC)])
    assert set(await house.rows()) == {ONE}
    await wanting(house)([recorded(amended("resource_links"), PUBLIC)])
    rows = await house.settled()
    assert {url: row.state for url, row in rows.items()} == {ONE: "fetched", TWO: "fetched"}
    assert await house.rows(OTHER) == {}


async def test_files_of_an_amending_notice_come_to_who_has_those_of_the_solicitation(
    house: House,
) -> None:
    await house.ask(ONE)
    await house.settled()
    async with as_tenant(house.app, PUBLIC) as connection:
        for notice_id, reason in (("n1", "original"), ("n2", "amendment")):
            await connection.execute(_IN_SOLICITATION, notice_id, PUBLIC, reason)
    linked = NoticeLinked(
        solicitation_number="36C24726Q0269",
        notice_id="n2",
        reason="amendment",
        stage="solicitation",
    )
    await wanting(house)([recorded(linked, PUBLIC)])
    asked = await house.attachments.of_notice(TENANT, "n2")
    assert {row.url for row in asked} == {ONE, TWO}
    assert await house.attachments.of_notice(OTHER, "n2") == []


_IN_SOLICITATION = """
insert into solicitation_notice (notice_id, tenant_id, solicitation, reason, linked_at)
values ($1, $2, '36C24726Q0269', $3, now())
"""


LINK = "https://sam.gov/opp/n1/view"


def discovered(notice_id: str = "n1") -> OpportunityDiscovered:
    return OpportunityDiscovered(notice=Notice(notice_id=notice_id, title="Gloves"))


@pytest.mark.parametrize("origin", ["live", "import"])
async def test_who_pasted_a_link_too_early_gets_the_files_when_the_notice_comes(
    house: House, origin: Origin
) -> None:
    for _ in range(2):
        await house.attachments.wait_for(TENANT, "n1", LINK, "dana")
    [row] = await house.attachments.of_notice(TENANT, "n1")
    assert (row.url, row.state, row.reason) == (LINK, "waiting", "not_here_yet")
    want = wanting(house)
    await want([recorded(discovered("n7"), PUBLIC, origin)])
    assert len(await house.attachments.of_notice(TENANT, "n1")) == 1
    for _ in range(2):
        await want([recorded(discovered(), PUBLIC, origin)])
    rows = await house.attachments.of_notice(TENANT, "n1")
    assert {row.url for row in rows} == {ONE, TWO}
    asked = await fetch_rows(house.relay, "select payload ->> 'by' as by from work")
    assert [row["by"] for row in asked] == ["dana", "dana"]


async def test_a_notice_that_comes_without_files_says_so_to_who_waited(house: House) -> None:
    await house.attachments.wait_for(TENANT, "n1", LINK, "dana")
    await wanting(house, Notices(links=()))([recorded(discovered(), PUBLIC)])
    [row] = await house.attachments.of_notice(TENANT, "n1")
    assert (row.state, row.detail) == ("failed", "the notice has no attachments")
