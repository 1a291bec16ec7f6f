"""Matching on a real Postgres: what is written, what is told, and what is told once only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from actors.match_opportunities import MatchOpportunities, build_matching
from actors.match_profiles import MatchProfiles
from actors.meaning import Place
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.letters import Delivered, Letter
from cluster.stores.matches import PostgresMatches
from cluster.stores.opportunities import PostgresOpportunities
from cluster.stores.opportunity_projection import project_opportunities
from cluster.stores.postgres import Pool, as_tenant
from cluster.stores.profiles import PostgresProfiles, Profiled, all_profiles, seed_sample_company
from domain.access import PUBLIC
from domain.errors import Unavailable
from domain.events import Append, Cause, Event, Origin, Stream, Written
from domain.flows import EVENT_TYPES
from domain.matching import MATCH, OpportunityMatched
from domain.notice import LATEST, Notice
from domain.opportunity import OpportunityAmended, OpportunityClosed, OpportunityDiscovered
from domain.ports import Lease
from domain.profile import SAMPLE
from tests.events import CAUSE

pytestmark = pytest.mark.stores

OURS, THEIRS = UUID(int=1), UUID(int=2)
GLOVES = Notice(
    notice_id="n1",
    title="Nitrile gloves",
    type="k",
    naics="339113",
    psc="6515",
    set_aside="SDVOSBC",
)
ROOF = Notice(notice_id="n2", title="Roof repair", type="o", naics="238160", psc="Z2AA")
NOW = datetime(2026, 4, 15, tzinfo=UTC)
LEASE = Lease("match_profiles", 1, 60.0)


@dataclass
class FixedMeaning:
    """The same similarity for all, once the embeddings are there."""

    similarity: float = 0.5
    is_ready: bool = True
    asked: list[str] = field(default_factory=list)

    async def similarities(
        self, statement: str, notices: Mapping[str, Place | None]
    ) -> dict[str, float]:
        if not self.is_ready:
            raise Unavailable(service="vectors", reason="on their way")
        self.asked.extend(notices)
        return dict.fromkeys(notices, self.similarity)


class Hub:
    """Opportunities and companies in Postgres, and what the post makes of them."""

    def __init__(self, app: Pool, relay: Pool) -> None:
        self.pool = app
        self.relay = relay
        self.meaning = FixedMeaning()
        self.events = PostgresEventStore(app, EVENT_TYPES, {"Opportunity": project_opportunities})
        self.opportunities = PostgresOpportunities(app, EVENT_TYPES)
        self.handle: MatchOpportunities = build_matching(app, self.companies, self.meaning)
        self._positions = 0

    async def companies(self) -> Sequence[Profiled]:
        return await all_profiles(self.relay)

    async def record(
        self, event: Event, notice_id: str = "n1", origin: Origin = "live"
    ) -> Delivered:
        """Append to the notice's stream, and deliver it as the topic would."""
        stream = Stream(PUBLIC, "Opportunity", notice_id)
        version = (await self.events.load(stream)).version
        event_id, cause = uuid4(), replace(CAUSE, origin=origin)
        await self.events.append_many(
            [
                Append(
                    stream=stream,
                    events={event_id: event},
                    expected_version=version,
                    cause=cause,
                )
            ]
        )
        return self._delivered(stream, event_id, event, version + 1, cause)

    def _delivered(
        self, stream: Stream, event_id: UUID, event: Event, version: int, cause: Cause
    ) -> Delivered:
        self._positions += 1
        letter = Letter(
            topic="contracts.opportunities.events",
            partition=0,
            offset=self._positions,
            key=None,
            value=b"",
            headers=(),
        )
        return Delivered(
            position=self._positions,
            stream=stream,
            version=version,
            event_id=event_id,
            schema_version=1,
            cause=cause,
            recorded_at=NOW,
            event=event,
            letter=letter,
        )

    async def told(self, tenant_id: UUID = OURS, notice_id: str = "n1") -> list[Written]:
        return await self.events.read_stream(Stream(tenant_id, MATCH, notice_id))

    async def matches(self) -> list[OpportunityMatched]:
        events = [written.event for written in await self.told()]
        return [event for event in events if isinstance(event, OpportunityMatched)]

    async def row(self, tenant_id: UUID = OURS, notice_id: str = "n1") -> dict[str, Any]:
        async with as_tenant(self.pool, tenant_id) as connection:
            row = await connection.fetchrow(
                "select score, gates, reasons, similarity, profile_version, notice_version"
                " from opportunity_match where notice_id = $1",
                notice_id,
            )
        return dict(row) if row else {}


@pytest.fixture
async def hub(app_pool: Pool, relay_pool: Pool) -> Hub:
    """With one company, the sample."""
    await seed_sample_company(app_pool, OURS)
    return Hub(app_pool, relay_pool)


def discovered(notice: Notice = GLOVES) -> OpportunityDiscovered:
    return OpportunityDiscovered(notice=notice, form=LATEST)


async def test_what_suits_is_written_and_told(hub: Hub) -> None:
    event = await hub.record(discovered())
    await hub.handle([event])
    row = await hub.row()
    assert (row["score"], row["gates"], row["similarity"]) == (87, [], 0.5)
    assert row["reasons"][:2] == ["naics:339113", "psc:6515"]
    [told] = await hub.told()
    assert isinstance(told.event, OpportunityMatched)
    assert (told.event.score, told.event.notice_version) == (87, 1)


async def test_what_does_not_suit_is_written_and_not_told(hub: Hub) -> None:
    await hub.handle([await hub.record(discovered(ROOF), "n2")])
    row = await hub.row(notice_id="n2")
    assert row["score"] < 45
    assert await hub.told(notice_id="n2") == []
    assert hub.meaning.asked == []


async def test_not_eligible_has_no_number(hub: Hub) -> None:
    barred = GLOVES.model_copy(update={"set_aside": "8A"})
    await hub.handle([await hub.record(discovered(barred))])
    row = await hub.row()
    assert (row["score"], row["gates"]) == (None, ["set_aside:8A"])
    assert await hub.told() == []


async def test_a_replay_tells_nothing_again(hub: Hub) -> None:
    event = await hub.record(discovered())
    await hub.handle([event])
    hub.meaning.similarity = 0.2
    await hub.handle([event])
    await hub.handle([event, event])
    assert len(await hub.told()) == 1


async def test_a_crash_before_the_checkpoint_tells_nothing_twice(hub: Hub) -> None:
    """Another process, which remembers nothing, gets the same batch."""
    batch = [await hub.record(discovered()), await hub.record(discovered(ROOF), "n2")]
    await hub.handle(batch)
    await Hub(hub.pool, hub.relay).handle(batch)
    assert len(await hub.told()) == 1


async def test_an_amendment_that_changes_the_fit_is_told(hub: Hub) -> None:
    await hub.handle([await hub.record(discovered())])
    open_to_all = GLOVES.model_copy(update={"set_aside": None})
    amended = OpportunityAmended(notice=open_to_all, form=LATEST, changed=("set_aside",))
    await hub.handle([await hub.record(amended)])
    assert [one.score for one in await hub.matches()] == [87, 77]


async def test_an_amendment_that_changes_nothing_for_us_is_not_told(hub: Hub) -> None:
    await hub.handle([await hub.record(discovered())])
    renumbered = GLOVES.model_copy(update={"solicitation_number": "X-2"})
    amended = OpportunityAmended(notice=renumbered, form=LATEST, changed=("solicitation_number",))
    await hub.handle([await hub.record(amended)])
    assert len(await hub.told()) == 1
    assert (await hub.row())["notice_version"] == 2


async def test_what_closes_loses_its_number(hub: Hub) -> None:
    await hub.handle([await hub.record(discovered())])
    await hub.handle([await hub.record(OpportunityClosed(notice_id="n1", reason="deadline"))])
    row = await hub.row()
    assert (row["score"], row["gates"]) == (None, ["closed"])
    assert len(await hub.told()) == 1


async def test_a_match_comes_from_where_its_notice_came(hub: Hub) -> None:
    await hub.handle([await hub.record(discovered(), origin="import")])
    [told] = await hub.told()
    assert told.origin == "import"


async def test_each_company_has_its_own_matches(hub: Hub) -> None:
    roofer = SAMPLE.model_copy(
        update={"name": "Roofs", "naics": ("238160",), "psc": ("Z2",), "keywords": ("roof",)}
    )
    await PostgresProfiles(hub.pool).put(THEIRS, roofer)
    await hub.handle([await hub.record(discovered()), await hub.record(discovered(ROOF), "n2")])
    assert len(await hub.told(OURS)) == 1
    assert await hub.told(THEIRS) == []
    assert len(await hub.told(THEIRS, "n2")) == 1
    async with as_tenant(hub.pool, THEIRS) as connection:
        tenants = await connection.fetch("select distinct tenant_id from opportunity_match")
    assert [row["tenant_id"] for row in tenants] == [THEIRS]


async def test_waits_for_embeddings_and_writes_nothing_before(hub: Hub) -> None:
    event = await hub.record(discovered())
    hub.meaning.is_ready = False
    with pytest.raises(Unavailable):
        await hub.handle([event])
    assert await hub.row() == {}
    hub.meaning.is_ready = True
    await hub.handle([event])
    assert len(await hub.told()) == 1


async def rematch(hub: Hub) -> int:
    """Until nothing is left. Returns how many polls had something to do."""
    poll = MatchProfiles(hub.companies, PostgresMatches(hub.pool), hub.opportunities, hub.handle)
    mark: Mapping[str, Any] = {}
    for polls in range(20):
        polled = await poll(mark, LEASE)
        if polled.again_in_s is None:
            return polls
        mark = polled.mark
    raise AssertionError("it never ends")


async def test_a_changed_profile_matches_again_and_notifies_nobody(hub: Hub) -> None:
    await hub.handle([await hub.record(discovered())])
    changed = SAMPLE.model_copy(update={"psc": ()})
    await PostgresProfiles(hub.pool).put(OURS, changed)
    assert await rematch(hub) == 2
    row = await hub.row()
    assert (row["profile_version"], row["score"]) == (2, 67)
    assert [told.origin for told in await hub.told()] == ["live", "replay"]
    assert await rematch(hub) == 1


async def test_the_same_profile_again_is_no_change(hub: Hub) -> None:
    profiles = PostgresProfiles(hub.pool)
    await profiles.put(OURS, SAMPLE)
    await seed_sample_company(hub.pool, OURS)
    assert (await profiles.get(OURS)).version == 1


async def test_what_came_after_the_profile_is_left_to_its_own_event(hub: Hub) -> None:
    await hub.record(discovered())
    await rematch(hub)
    assert await hub.row() == {}
