"""Files of notices for companies that want them: those asked for, those of strong matches."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Protocol
from uuid import UUID

from actors.consumer import open_consumer
from actors.fetching_task import Counter, fetch_attachment
from actors.lanes import Lanes
from actors.sync_notices import Pace
from actors.work_pool import WorkPool
from cluster.clients.sam_gov_files import SamGovFiles, open_sam_gov_files
from cluster.settings import Settings
from cluster.stores.api_quota import PostgresApiQuota
from cluster.stores.attachments import (
    FETCH,
    Awaited,
    NoticeFiles,
    PostgresAttachments,
    awaiting,
    followers,
)
from cluster.stores.blob_store import open_blob_store
from cluster.stores.documents import project_documents
from cluster.stores.doorbell import Ring, open_doorbell
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.opportunities import OpportunityRow, PostgresOpportunities
from cluster.stores.postgres import Pool, open_pool
from cluster.stores.profiles import PostgresProfiles, Profiled
from cluster.stores.tenant_documents import TenantDocuments
from cluster.stores.work import PostgresWork
from domain.attachments import MOST_LINKS
from domain.clock import utc_now
from domain.errors import NotFound
from domain.events import Cause, Recorded
from domain.flows import EVENT_TYPES
from domain.matching import STRONG, OpportunityMatched
from domain.notifications import is_news
from domain.opportunity import OpportunityAmended, OpportunityDiscovered
from domain.solicitation import NoticeLinked

POST = "fetch_attachments"
HEEDED = (OpportunityDiscovered, OpportunityMatched, OpportunityAmended, NoticeLinked)

Followers = Callable[[str], Awaitable[list[UUID]]]
"""Who asked for files of this notice, or of another one of its solicitation."""

Awaiting = Callable[[Sequence[str]], Awaitable[list[Awaited]]]
"""Who pasted the link of one of these notices before it was known."""


class Opportunities(Protocol):
    """The part of `PostgresOpportunities` that is needed here."""

    async def get(self, notice_id: str) -> OpportunityRow: ...


class Profiles(Protocol):
    """The part of `PostgresProfiles` that is needed here."""

    async def get(self, tenant_id: UUID) -> Profiled: ...


class WantAttachments:
    """Asks for files that nobody asked for by hand: those of strong matches, where the company's
    profile wants that, and new ones where it has files of the notice or its solicitation. And for
    those that somebody asked for by a link before their notice was known.

    Repeating changes nothing.
    """

    def __init__(
        self,
        opportunities: Opportunities,
        profiles: Profiles,
        attachments: PostgresAttachments,
        followers: Followers,
        awaiting: Awaiting,
    ) -> None:
        self._opportunities = opportunities
        self._profiles = profiles
        self._attachments = attachments
        self._followers = followers
        self._awaiting = awaiting

    async def __call__(self, batch: Sequence[Recorded]) -> None:
        """What was imported, replayed or is old costs no quota, save where it was waited for."""
        await self._serve(batch)
        now = utc_now()
        for recorded in batch:
            if not is_news(recorded, now):
                continue
            match recorded.event:
                case OpportunityMatched() as matched:
                    await self._follow_match(recorded, matched)
                case OpportunityAmended() as amended if "resource_links" in amended.changed:
                    await self._follow(recorded, amended.notice.notice_id)
                case NoticeLinked(reason="amendment") as linked:
                    await self._follow(recorded, linked.notice_id)

    async def _serve(self, batch: Sequence[Recorded]) -> None:
        found = {
            recorded.event.notice.notice_id: recorded
            for recorded in batch
            if isinstance(recorded.event, OpportunityDiscovered)
        }
        for one in await self._awaiting(list(found)) if found else ():
            links = (await self._opportunities.get(one.notice_id)).notice.resource_links
            links, cause = links[:MOST_LINKS], _caused_by(found[one.notice_id])
            if links:
                await self._attachments.ask(
                    one.tenant_id, one.notice_id, links, one.asked_by, cause
                )
            await self._attachments.came(one.tenant_id, one.notice_id, with_files=bool(links))

    async def _follow_match(self, recorded: Recorded, matched: OpportunityMatched) -> None:
        tenant_id = recorded.stream.tenant_id
        if (matched.score or 0) < STRONG or not await self._wants(tenant_id):
            return
        await self._ask(tenant_id, matched.notice_id, _caused_by(recorded))

    async def _follow(self, recorded: Recorded, notice_id: str) -> None:
        for tenant_id in await self._followers(notice_id):
            await self._ask(tenant_id, notice_id, _caused_by(recorded))

    async def _ask(self, tenant_id: UUID, notice_id: str, cause: Cause) -> None:
        row = await self._opportunities.get(notice_id)
        links = row.notice.resource_links[:MOST_LINKS]
        if links and not row.is_closed:
            await self._attachments.ask(tenant_id, notice_id, links, POST, cause)

    async def _wants(self, tenant_id: UUID) -> bool:
        try:
            return (await self._profiles.get(tenant_id)).profile.fetches_documents
        except NotFound:
            return False


@asynccontextmanager
async def open_fetch_attachments() -> AsyncIterator[Lanes]:
    settings = Settings()
    async with (
        open_pool(settings.postgres, "mch_app", size=3) as app,
        open_pool(settings.postgres, "mch_relay", size=2) as relay,
        open_doorbell(app) as ring,
        open_sam_gov_files(
            settings.sam_gov,
            PostgresApiQuota(app, "sam_gov", Pace.of(settings.sam_gov).quota_a_day),
        ) as source,
    ):
        wanting = WantAttachments(
            PostgresOpportunities(app, EVENT_TYPES),
            PostgresProfiles(app),
            PostgresAttachments(app),
            partial(followers, relay),
            partial(awaiting, relay),
        )
        counter = _open_counter(settings, app, ring, source)
        work = PostgresWork(app, relay)
        pool = WorkPool(POST, work, {FETCH: partial(fetch_attachment, counter)})
        async with open_consumer(
            POST, wanting, aggregates=("Match", "Opportunity", "Solicitation"), on=HEEDED
        ) as worker:
            yield Lanes(POST, [worker, pool])


def _open_counter(settings: Settings, app: Pool, ring: Ring, source: SamGovFiles) -> Counter:
    events = PostgresEventStore(app, EVENT_TYPES, {"Document": project_documents}, ring)
    return Counter(
        source=source,
        attachments=PostgresAttachments(app),
        public_files=NoticeFiles(app),
        documents=TenantDocuments(app, open_blob_store(settings.s3), events),
    )


def _caused_by(recorded: Recorded) -> Cause:
    return replace(recorded.cause, causation_id=recorded.event_id, user_id=None)
