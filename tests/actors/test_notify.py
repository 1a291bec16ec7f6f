from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import JsonValue

from actors.notify import HEEDED, Notify
from cluster.stores.live_feed import MemoryLiveFeed
from cluster.stores.notifications import MemoryNotifications
from domain.access import PUBLIC
from domain.document import DocumentFailed, DocumentProcessed
from domain.errors import Unavailable
from domain.events import Cause, Event, Origin, Recorded, Stream
from domain.feed import (
    START,
    Body,
    FeedKind,
    FeedMessage,
    Room,
    dashboard_room,
    opportunity_room,
    user_room,
)
from domain.flows import FLOWS
from domain.matching import OpportunityMatched
from domain.matrix_events import MatrixAmended
from domain.notice import Notice
from domain.notifications import FRESH_FOR
from domain.opportunity import OpportunityAmended, OpportunityClosed, OpportunityDiscovered

NOW = datetime(2026, 4, 13, 12, 40, tzinfo=UTC)
OURS, THEIRS = UUID(int=1), UUID(int=2)
MATCHED = OpportunityMatched(notice_id="n1", score=91, profile_version=1, notice_version=1)


def told(
    event: Event,
    *,
    tenant_id: UUID = OURS,
    origin: Origin = "live",
    age: timedelta = timedelta(seconds=1),
) -> Recorded:
    notice_id: str = getattr(event, "notice_id", None) or getattr(event, "notice").notice_id  # noqa: B009
    is_match = isinstance(event, OpportunityMatched)
    return Recorded(
        position=1,
        stream=Stream(
            tenant_id if is_match else PUBLIC, "Match" if is_match else "Opportunity", notice_id
        ),
        version=1,
        event_id=uuid4(),
        schema_version=1,
        cause=Cause(correlation_id=uuid4(), causation_id=uuid4(), origin=origin),
        recorded_at=NOW - age,
        event=event,
    )


def discovered(notice_id: str, **fields: Any) -> Recorded:
    notice = Notice.model_validate({"notice_id": notice_id, "title": "Gloves", **fields})
    return told(OpportunityDiscovered(notice=notice))


def amended(notice_id: str, *changed: str) -> Recorded:
    notice = Notice(notice_id=notice_id, title="Gloves")
    return told(OpportunityAmended(notice=notice, changed=changed))


class Hub:
    """A notifier with what it writes to."""

    def __init__(self, feed: MemoryLiveFeed | None = None) -> None:
        self.notifications = MemoryNotifications()
        self.feed = feed or MemoryLiveFeed()
        self.notify = Notify(self.notifications, self.feed, users, lambda: NOW)

    async def heard(self, room: Room) -> list[dict[str, JsonValue]]:
        return [dict(message.body) for message in (await self.feed.since(room, START)).messages]

    async def subjects(self, tenant_id: UUID = OURS, user_id: str = "dana") -> list[str]:
        page = await self.notifications.page(tenant_id, user_id, limit=100)
        return [one.subject for one in page.items]


async def users(tenant_id: UUID) -> Sequence[str]:
    return ("dana", "sam") if tenant_id == OURS else ("dana",)


class FailingFeed(MemoryLiveFeed):
    """Is out of order after so many messages."""

    def __init__(self, messages: int) -> None:
        super().__init__()
        self.left = messages

    async def publish(self, room: Room, kind: FeedKind, body: Body) -> FeedMessage:
        if not self.left:
            raise Unavailable(service="redis", reason="test")
        self.left -= 1
        return await super().publish(room, kind, body)


async def test_a_match_is_told_to_each_user_of_its_tenant_and_to_nobody_else() -> None:
    hub = Hub()
    await hub.notify([told(MATCHED)])
    for user in ("dana", "sam"):
        (body,) = await hub.heard(user_room(OURS, user))
        assert (body["kind"], body["notice_id"], body["score"]) == ("match", "n1", 91)
        assert await hub.subjects(user_id=user) == ["n1"]
    assert await hub.heard(user_room(THEIRS, "dana")) == []
    assert await hub.subjects(THEIRS) == []


async def test_a_notice_that_matches_again_is_not_told_again() -> None:
    hub = Hub()
    again = MATCHED.model_copy(update={"score": 95, "notice_version": 2})
    await hub.notify([told(MATCHED)])
    await hub.notify([told(again)])
    assert len(await hub.heard(user_room(OURS, "dana"))) == 1
    assert await hub.subjects() == ["n1"]


@pytest.mark.parametrize("origin", ["import", "replay"])
async def test_imports_and_replays_tell_nobody(origin: Origin) -> None:
    hub = Hub()
    notice = OpportunityDiscovered(notice=Notice(notice_id="n1", title="Gloves"))
    await hub.notify([told(MATCHED, origin=origin), told(notice, origin=origin)])
    assert await hub.subjects() == []
    assert await hub.heard(user_room(OURS, "dana")) == []
    assert await hub.heard(dashboard_room()) == []


async def test_what_is_older_than_the_window_tells_nobody() -> None:
    hub = Hub()
    await hub.notify([told(MATCHED, age=FRESH_FOR + timedelta(seconds=1))])
    assert await hub.subjects() == []
    await hub.notify([told(MATCHED, age=FRESH_FOR)])
    assert await hub.subjects() == ["n1"]


@pytest.mark.parametrize("messages", [0, 1])
async def test_a_crash_before_the_feed_has_all_repeats_under_the_same_ids(messages: int) -> None:
    feed = FailingFeed(messages)
    hub = Hub(feed)
    batch = [told(MATCHED)]
    with pytest.raises(Unavailable):
        await hub.notify(batch)
    feed.left = 100
    await hub.notify(batch)
    bodies = await hub.heard(user_room(OURS, "dana"))
    assert {body["id"] for body in bodies} == {str(bodies[0]["id"])}
    assert len(bodies) == 1 + messages
    assert len(await hub.heard(user_room(OURS, "sam"))) == 1
    assert await hub.subjects() == ["n1"]


async def test_what_the_feed_has_is_not_announced_when_a_batch_repeats() -> None:
    hub = Hub()
    batch = [told(MATCHED)]
    await hub.notify(batch)
    await hub.notify(batch)
    assert len(await hub.heard(user_room(OURS, "dana"))) == 1


async def test_a_burst_of_changes_is_one_message_for_a_page() -> None:
    hub = Hub()
    closed = told(OpportunityClosed(notice_id="n1", reason="cancelled"))
    batch = [amended("n1", "title"), amended("n1", "psc", "title"), closed, amended("n2")]
    await hub.notify(batch)
    (body,) = await hub.heard(opportunity_room("n1"))
    assert body["what"] == ["amended", "closed"]
    assert body["changed"] == ["psc", "title"]
    assert len(await hub.heard(opportunity_room("n2"))) == 1
    (listed,) = await hub.heard(dashboard_room())
    assert listed["changed"] == ["n1", "n2"]


async def test_lists_hear_which_notices_are_new_and_which_of_them_are_medical() -> None:
    hub = Hub()
    await hub.notify([discovered("n1", psc="6515"), discovered("n2", psc="Y1DA")])
    (body,) = await hub.heard(dashboard_room())
    assert body["discovered"] == ["n1", "n2"]
    assert body["medical"] == ["n1"]


async def test_a_match_is_no_news_for_everybody() -> None:
    hub = Hub()
    await hub.notify([told(MATCHED)])
    assert await hub.heard(dashboard_room()) == []
    assert await hub.heard(opportunity_room("n1")) == []


async def test_an_amendment_is_told_to_owners_of_what_it_touches_but_not_to_who_made_it() -> None:
    hub = Hub()
    new = UUID(int=7)
    event = MatrixAmended(
        matrix_id=UUID(int=6), document_id=new, rows=("a",), owners=("dana", "sam"), by="dana"
    )
    news = replace(told(MATCHED), event=event, stream=Stream(OURS, "Matrix", str(UUID(int=6))))
    for _ in range(2):
        await hub.notify([news])
    (body,) = await hub.heard(user_room(OURS, "sam"))
    assert (body["kind"], body["document_id"]) == ("amendment", str(new))
    assert await hub.heard(user_room(OURS, "dana")) == []


def test_it_heeds_what_the_flows_say() -> None:
    steps = [step for flow in FLOWS.values() for step in flow if step.post == "notify"]
    assert {event for step in steps for event in step.on} == set(HEEDED)


def ended(event: DocumentProcessed | DocumentFailed, user_id: str | None) -> Recorded:
    return Recorded(
        position=1,
        stream=Stream(OURS, "Document", str(event.document_id)),
        version=2,
        event_id=uuid4(),
        schema_version=1,
        cause=Cause(correlation_id=uuid4(), causation_id=uuid4(), user_id=user_id),
        recorded_at=NOW,
        event=event,
    )


async def test_who_had_a_document_read_is_told_when_that_ends_and_nobody_else() -> None:
    hub, document_id = Hub(), uuid4()
    processed = DocumentProcessed(
        document_id=document_id, digest="ab", pages=2, pages_failed=0, characters=9, engine="text"
    )
    await hub.notify([ended(processed, "dana")])
    await hub.notify([ended(processed, "dana")])
    (body,) = await hub.heard(user_room(OURS, "dana"))
    assert (body["kind"], body["document_id"]) == ("document", str(document_id))
    assert await hub.subjects() == [f"{document_id}/1"]
    assert await hub.heard(user_room(OURS, "sam")) == []


async def test_a_failure_is_told_and_ones_own_stop_is_not() -> None:
    hub, one, two = Hub(), uuid4(), uuid4()
    await hub.notify(
        [
            ended(DocumentFailed(document_id=one, digest="ab", reason="locked", run=2), "dana"),
            ended(DocumentFailed(document_id=two, digest="cd", reason="cancelled"), "dana"),
            ended(DocumentFailed(document_id=two, digest="cd", reason="locked"), None),
        ]
    )
    assert await hub.subjects() == [f"{one}/2"]
