"""The application over memory: a hub with a few notices, whose parts can be taken away."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from cluster.engines.page_images import PageImages
from cluster.engines.reading_process import Bounds
from cluster.settings_gateway import GatewaySettings
from cluster.stores.attachments import PostgresAttachments
from cluster.stores.audit import MemoryAudit
from cluster.stores.idempotency import MemoryIdempotency
from cluster.stores.matches import KnownMatch
from cluster.stores.notifications import MemoryNotifications
from cluster.stores.opportunities import Change, HistoryEntry, OpportunityRow
from cluster.stores.opportunity_reads import Contact, RelatedNotice
from cluster.stores.posts import PostStatus
from cluster.stores.rates import MemoryRates, Rates
from cluster.stores.system_reads import Quota, StoppedEvent, SyncState
from cluster.stores.tenant_documents import TenantDocuments
from cluster.stores.uploads import Uploads
from deployments.app import build_app
from deployments.auth import LOCAL, Identify, OpenIdentify, local_principal
from deployments.backends import Backends, Entities, Probe, SunkMails
from deployments.gateway.callers import Callers, FindCaller
from deployments.parts import EXPECTED
from domain.analytics import (
    Summary,
    SummaryFilters,
)
from domain.audit import AuditTrail
from domain.errors import NotFound, Unavailable
from domain.idempotency import Idempotency
from domain.notice import Award, Notice
from domain.notifications import NewNotification
from domain.opportunity import CloseReason
from domain.precision import Place
from domain.search import SearchItem
from tests.app_matrix import MatrixHub
from tests.app_search import ITEMS, NOW, MemorySearch
from tests.app_texts import DIGEST, HeldTexts
from tests.documents import attachments_away, documents_away, uploads_away
from tests.summary import summary_of

LINKS = ("https://sam.gov/files/1", "javascript:alert(3)")


@dataclass
class Hub:
    """Memory in place of every store. A part in `down` raises `Unavailable`."""

    down: set[str] = field(default_factory=set)
    search: MemorySearch = field(default_factory=MemorySearch)
    notifications: MemoryNotifications = field(default_factory=MemoryNotifications)
    rates: Rates = field(default_factory=MemoryRates)
    find_caller: FindCaller = field(default_factory=Callers)
    idempotency: Idempotency = field(default_factory=MemoryIdempotency)
    audit: AuditTrail = field(default_factory=MemoryAudit)
    sunk_mails: SunkMails | None = None
    gateway: GatewaySettings = field(default_factory=GatewaySettings)
    identity: Any = None
    """Tests that sign someone in bring a real one."""
    links: dict[str, tuple[str, ...]] = field(default_factory=dict)
    entities: Entities | None = None
    taking_along: Any = None
    """Tests that take data along bring a real one."""
    matrix: MatrixHub = field(default_factory=MatrixHub)
    documents: TenantDocuments | None = None
    """None: their store is away."""
    uploads: Uploads | None = None
    attachments: PostgresAttachments | None = None

    def backends(self) -> Backends:
        documents = self.documents or documents_away()
        return Backends(
            search=self.search,
            opportunities=self,
            reads=self,
            texts=HeldTexts(),
            matches=self,
            documents=documents,
            page_images=PageImages(documents.files, Bounds()),
            uploads=self.uploads or uploads_away(),
            attachments=self.attachments or attachments_away(),
            analytics=self,
            notifications=self.notifications,
            matrix=self.matrix.desk,
            answers=self.matrix.answers,
            system=self,
            posts=self,
            lags=self,
            probes={
                name: self._probe(name)
                for name in ("postgres", "redis", "kafka", "clickhouse", "vectors", "s3", "ai")
            },
            rates=self.rates,
            find_caller=self.find_caller,
            idempotency=self.idempotency,
            audit=self.audit,
            identity=self.identity,
            taking_along=self.taking_along,
            requests_per_day=1_000,
            entities=self.entities,
            sunk_mails=self.sunk_mails,
        )

    def stop(self, *parts: str) -> None:
        self.down |= set(parts)
        self.search.missing |= set(parts) & {"postgres", "vectors"}

    async def get(self, notice_id: str) -> OpportunityRow:
        self._need("postgres")
        return self._row(self._item(notice_id))

    async def history(self, notice_id: str) -> list[HistoryEntry]:
        self._need("postgres")
        self._item(notice_id)
        changed = (
            Change("response_deadline", "2026-04-13T10:00:00-07:00", "2026-04-15T10:00:00-07:00"),
            Change("archive_date", "2026-04-28", "2026-06-14"),
            Change("description_digest", "a" * 64, DIGEST),
        )
        return [
            HistoryEntry(1, NOW - timedelta(days=3), "OpportunityDiscovered"),
            HistoryEntry(2, NOW - timedelta(days=1), "OpportunityAmended", changed),
        ]

    async def holding(self, path: str) -> str | None:
        return next((key for key, links in self.links.items() if path in "".join(links)), None)

    async def counts(self) -> dict[str, int]:
        self._need("postgres")
        return {"known": len(ITEMS), "open": len(ITEMS) - 1, "medical": len(ITEMS)}

    async def related(self, notice_id: str) -> Sequence[RelatedNotice]:
        title, posted_at = "Gloves, sources sought", NOW - timedelta(30)
        return [RelatedNotice("n3", title, "r", posted_at, True, "sources_sought")]

    async def contacts(self, notice_id: str) -> Sequence[Contact]:
        details = {"full_name": "Contract Specialist", "email": "office@example.gov"}
        return [Contact("primary", details)]

    async def known(self, tenant_id: UUID, notice_ids: Sequence[str]) -> dict[str, KnownMatch]:
        return {key: KnownMatch(self._item(key).fit, 1, 1, 1) for key in notice_ids}

    async def summary(self, filters: SummaryFilters) -> Summary:
        self._need("clickhouse")
        return summary_of(filters.now)

    async def syncs(self) -> Sequence[SyncState]:
        self._need("postgres")
        failed = "sam_gov" in self.down
        return [
            SyncState(
                name="sam_gov",
                synced_to=NOW.date(),
                last_success_at=NOW - timedelta(minutes=20 if failed else 2),
                last_error="SAM.gov answered 500" if failed else None,
                last_error_kind="outage" if failed else None,
                last_error_at=NOW - timedelta(minutes=1) if failed else None,
                next_try_at=NOW + timedelta(minutes=5),
                quota_left=388,
                quota_resets_at=None,
                seen=214,
                rejected=0,
            )
        ]

    async def quotas(self) -> Sequence[Quota]:
        self._need("postgres")
        return [Quota("sam_gov", NOW.date(), 612, None)]

    async def stopped(self, *, limit: int) -> Sequence[StoppedEvent]:
        return [StoppedEvent(7, "notify", "OpportunityMatched", "ValueError: no user", NOW)]

    async def statuses(self) -> Sequence[PostStatus]:
        self._need("postgres")
        names = sorted(EXPECTED - self.down)
        return [
            PostStatus(name, "run", None, self._told(name), datetime.now(UTC)) for name in names
        ]

    async def lags(self) -> Mapping[str, int]:
        return {"write_analytics": 1_204 if "clickhouse" in self.down else 0}

    async def relay_lag(self) -> int:
        return 0

    def _told(self, name: str) -> dict[str, object]:
        waits = name == "write_analytics" and "clickhouse" in self.down
        trouble = "clickhouse is unavailable: stopped" if waits else None
        return {"post": name, "state": "degraded" if waits else "up", "trouble": trouble}

    def _probe(self, name: str) -> Probe:
        async def ask() -> str:
            self._need(name)
            return "answers"

        return ask

    def _need(self, part: str) -> None:
        if part in self.down:
            raise Unavailable(service=part, reason="stopped")

    def _item(self, notice_id: str) -> SearchItem:
        for one in self.search.items:
            if one.notice_id == notice_id:
                return one
        raise NotFound(what="opportunity", key=notice_id)

    def _row(self, one: SearchItem) -> OpportunityRow:
        notice = Notice(
            notice_id=one.notice_id,
            title=one.title,
            solicitation_number=one.solicitation_number,
            type=one.type,
            posted_date=one.posted_at,
            response_deadline=one.response_deadline,
            set_aside=one.set_aside,
            naics=one.naics,
            psc=one.psc,
            department=one.department,
            office=one.office,
            place=Place(city="Bay Pines", state=one.state, country="USA"),
            award=Award(number="36C1", amount=Decimal("280851.24000000")),
            description_digest=DIGEST,
            resource_links=self.links.get(one.notice_id, LINKS),
        )
        closed: CloseReason | None = "deadline" if one.is_closed else None
        return OpportunityRow(
            notice, 2, one.is_closed, closed, True, None, NOW - timedelta(3), one.updated_at
        )


def always(identify: Identify) -> OpenIdentify:
    @asynccontextmanager
    async def open_identify() -> AsyncIterator[Identify]:
        yield identify

    return open_identify


@asynccontextmanager
async def running(hub: Hub, identify: Identify = local_principal) -> AsyncIterator[FastAPI]:
    @asynccontextmanager
    async def open_backends() -> AsyncIterator[Backends]:
        backends = hub.backends()
        yield backends
        await backends.page_images.close()

    app = build_app(open_backends, always(identify), hub.gateway)
    async with app.router.lifespan_context(app):
        yield app


@asynccontextmanager
async def client_of(
    hub: Hub, identify: Identify = local_principal, *, host: str = "127.0.0.1"
) -> AsyncIterator[AsyncClient]:
    async with (
        running(hub, identify) as app,
        AsyncClient(
            transport=ASGITransport(app, client=(host, 1), raise_app_exceptions=False),
            base_url="http://127.0.0.1:8000",
        ) as client,
    ):
        yield client


async def notify(hub: Hub, notice_id: str, score: int) -> None:
    new = NewNotification(
        user_id=LOCAL.user_id, kind="match", subject=notice_id, score=score, at=NOW
    )
    await hub.notifications.add(LOCAL.tenant_id, [new])
