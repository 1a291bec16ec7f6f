"""Opportunity flow, last step: tell people what suits them, and open pages what has changed."""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from pydantic import JsonValue

from actors.consumer import open_consumer
from actors.worker import Worker
from cluster.failpoints import reach
from cluster.settings import Settings
from cluster.stores.companies import PostgresRecipients
from cluster.stores.letters import Delivered
from cluster.stores.live_feed import RedisLiveFeed
from cluster.stores.notifications import PostgresNotifications
from cluster.stores.postgres import open_pool
from cluster.stores.redis import open_redis
from domain.clock import Clock, utc_now
from domain.document import DocumentFailed, DocumentProcessed
from domain.events import Event, Recorded
from domain.feed import dashboard_room, opportunity_room, user_room
from domain.matching import OpportunityMatched
from domain.matrix_events import MatrixAmended
from domain.medical import is_medical
from domain.notifications import NewNotification, Notification, is_news
from domain.opportunity import (
    OpportunityAmended,
    OpportunityAwarded,
    OpportunityClosed,
    OpportunityDiscovered,
)
from domain.ports import LiveFeed, Notifications

CHANGES: dict[type[Event], str] = {
    OpportunityAmended: "amended",
    OpportunityClosed: "closed",
    OpportunityAwarded: "awarded",
}
DOCUMENTS = (DocumentProcessed, DocumentFailed)
HEEDED: tuple[type[Event], ...] = (
    OpportunityMatched,
    OpportunityDiscovered,
    *CHANGES,
    MatrixAmended,
    *DOCUMENTS,
)

Recipients = Callable[[UUID], Awaitable[Sequence[str]]]
"""The users of a tenant who want to be told."""


class Notify:
    """Handles matches, amendments, and what befalls an opportunity.

    A match becomes a row for each user, an amendment one for each owner of a row that it touches,
    once; rows that the feed has not had yet are announced under their ids. So a crash at any point
    tells nothing twice that a page does not recognise.
    """

    def __init__(
        self,
        notifications: Notifications,
        feed: LiveFeed,
        recipients: Recipients,
        clock: Clock = utc_now,
    ) -> None:
        self._notifications = notifications
        self._feed = feed
        self._recipients = recipients
        self._clock = clock

    async def __call__(self, batch: Sequence[Recorded]) -> None:
        now = self._clock()
        news = [recorded for recorded in batch if is_news(recorded, now)]
        for tenant_id, new in (await self._wanted(news)).items():
            await self._tell(tenant_id, new)
        await self._tell_pages(news)

    async def _wanted(self, news: Sequence[Recorded]) -> dict[UUID, list[NewNotification]]:
        wanted: dict[UUID, list[NewNotification]] = defaultdict(list)
        for recorded in news:
            tenant_id = recorded.stream.tenant_id
            if isinstance(recorded.event, OpportunityMatched):
                for user_id in await self._recipients(tenant_id):
                    wanted[tenant_id].append(_match(recorded, recorded.event, user_id))
            if isinstance(recorded.event, MatrixAmended):
                wanted[tenant_id] += _amended(recorded, recorded.event)
            if (document := _document(recorded)) is not None:
                wanted[tenant_id].append(document)
        return wanted

    async def _tell(self, tenant_id: UUID, new: Sequence[NewNotification]) -> None:
        told = await self._notifications.add(tenant_id, new)
        reach("between_row_and_announcement")
        for notification in told:
            room = user_room(tenant_id, notification.user_id)
            await self._feed.publish(room, "notification", _body(notification))
        if told:
            ids = [notification.notification_id for notification in told]
            await self._notifications.mark_announced(tenant_id, ids)

    async def _tell_pages(self, news: Sequence[Recorded]) -> None:
        """One message a room, however much the batch holds for it."""
        changes: dict[str, list[Recorded]] = defaultdict(list)
        for recorded in news:
            if type(recorded.event) in CHANGES:
                changes[recorded.stream.aggregate_id].append(recorded)
        for notice_id, changed in changes.items():
            await self._feed.publish(
                opportunity_room(notice_id), "changed", _changed(notice_id, changed)
            )
        discovered = [each for each in news if isinstance(each.event, OpportunityDiscovered)]
        if discovered or changes:
            body = _listed(discovered, list(changes), news[-1])
            await self._feed.publish(dashboard_room(), "changed", body)


@asynccontextmanager
async def open_notify() -> AsyncIterator[Worker[Delivered]]:
    settings = Settings()
    async with (
        open_pool(settings.postgres, "mch_app", size=2) as pool,
        open_pool(settings.postgres, "mch_relay", size=1) as relay_pool,
        open_redis(settings.redis) as redis,
        open_consumer(
            "notify",
            Notify(
                PostgresNotifications(pool), RedisLiveFeed(redis), PostgresRecipients(relay_pool)
            ),
            aggregates=("Opportunity", "Match", "Document", "Matrix"),
            on=HEEDED,
        ) as worker,
    ):
        yield worker


def _match(recorded: Recorded, matched: OpportunityMatched, user_id: str) -> NewNotification:
    return NewNotification(
        user_id=user_id,
        kind="match",
        subject=matched.notice_id,
        score=matched.score,
        at=recorded.recorded_at,
    )


def _amended(recorded: Recorded, amended: MatrixAmended) -> Iterator[NewNotification]:
    """Whoever amended it knows."""
    for owner in amended.owners:
        if owner != amended.by:
            yield NewNotification(
                user_id=owner,
                kind="amendment",
                subject=f"{amended.document_id}/{recorded.version}",
                score=None,
                at=recorded.recorded_at,
            )


def _document(recorded: Recorded) -> NewNotification | None:
    """For who had it read, when that ends other than by their own hand."""
    event, user_id = recorded.event, recorded.cause.user_id
    if not isinstance(event, DOCUMENTS) or user_id is None:
        return None
    if isinstance(event, DocumentFailed) and event.reason == "cancelled":
        return None
    return NewNotification(
        user_id=user_id,
        kind="document",
        subject=f"{event.document_id}/{event.run}",
        score=None,
        at=recorded.recorded_at,
    )


def _body(notification: Notification) -> dict[str, JsonValue]:
    told: dict[str, JsonValue] = {
        "id": str(notification.notification_id),
        "kind": notification.kind,
        "title": notification.title,
    }
    if notification.kind in {"document", "amendment"}:
        return {**told, "document_id": notification.subject.partition("/")[0]}
    return {**told, "notice_id": notification.subject, "score": notification.score}


def _changed(notice_id: str, changed: Sequence[Recorded]) -> dict[str, JsonValue]:
    fields = {
        field
        for recorded in changed
        if isinstance(recorded.event, OpportunityAmended)
        for field in recorded.event.changed
    }
    return {
        "id": str(changed[-1].event_id),
        "notice_id": notice_id,
        "what": [*sorted({CHANGES[type(recorded.event)] for recorded in changed})],
        "changed": [*sorted(fields)],
    }


def _listed(
    discovered: Sequence[Recorded], changed: Sequence[str], last: Recorded
) -> dict[str, JsonValue]:
    """For lists: which notices are new, which of those are medical, which are not as they were."""
    notices = [
        recorded.event.notice
        for recorded in discovered
        if isinstance(recorded.event, OpportunityDiscovered)
    ]
    medical = [notice.notice_id for notice in notices if is_medical(notice.naics, notice.psc)]
    return {
        "id": str(last.event_id),
        "discovered": [notice.notice_id for notice in notices],
        "medical": [*medical],
        "changed": [*changed],
    }
