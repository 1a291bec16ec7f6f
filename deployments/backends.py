"""The ports that the application needs, opened once per replica."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Annotated, Any, Protocol
from uuid import UUID

from fastapi import Depends, Request

from cluster.engines.page_images import PageImages
from cluster.servers.mail_sink.box import SunkMail
from cluster.stores.attachments import PostgresAttachments
from cluster.stores.matches import KnownMatch
from cluster.stores.opportunities import HistoryEntry, OpportunityRow
from cluster.stores.opportunity_reads import Contact, RelatedNotice
from cluster.stores.posts import PostStatus
from cluster.stores.rates import Rates
from cluster.stores.system_reads import Quota, StoppedEvent, SyncState
from cluster.stores.tenant_documents import TenantDocuments
from cluster.stores.uploads import Uploads
from deployments.document_answers import DocumentAnswers
from deployments.gateway.callers import FindCaller
from deployments.identity import Identity
from deployments.matrix_desk import MatrixDesk
from deployments.taking_along import TakingAlong
from domain.analytics import Summary, SummaryFilters
from domain.audit import AuditTrail
from domain.idempotency import Idempotency
from domain.ports import Notifications, OpportunitySearch, TextStore


class Opportunities(Protocol):
    """Opportunities one by one. Every call raises `Unavailable`."""

    async def get(self, notice_id: str) -> OpportunityRow:
        """Raises `NotFound`."""

    async def history(self, notice_id: str) -> list[HistoryEntry]:
        """Raises `NotFound`."""

    async def holding(self, path: str) -> str | None:
        """The newest notice with a link that this stands in."""

    async def counts(self) -> dict[str, int]:
        """How many are `known`, `open`, `medical`."""


class OpportunityReads(Protocol):
    """What stands beside an opportunity. Every call raises `Unavailable`."""

    async def related(self, notice_id: str) -> Sequence[RelatedNotice]: ...

    async def contacts(self, notice_id: str) -> Sequence[Contact]: ...


class Matches(Protocol):
    """How notices suit a tenant's company. Raises `Unavailable`."""

    async def known(self, tenant_id: UUID, notice_ids: Sequence[str]) -> dict[str, KnownMatch]:
        """Of each that is asked for; its fit is None while it was not looked at."""


class Analytics(Protocol):
    """Raises `Unavailable`."""

    async def summary(self, filters: SummaryFilters) -> Summary: ...


class Entities(Protocol):
    """Companies' registrations at SAM.gov."""

    async def entity(self, uei: str) -> Mapping[str, Any]:
        """Raises `NotFound`, `QuotaExceeded`, `Forbidden` (the key) and `Unavailable`."""


class SystemReads(Protocol):
    """How the hub is, as its parts wrote it down. Every call raises `Unavailable`."""

    async def syncs(self) -> Sequence[SyncState]: ...

    async def quotas(self) -> Sequence[Quota]: ...

    async def stopped(self, *, limit: int) -> Sequence[StoppedEvent]:
        """Dead letters that nobody has settled, the newest first."""


class Posts(Protocol):
    """How the posts fare, as they said themselves. Raises `Unavailable`."""

    async def statuses(self) -> Sequence[PostStatus]: ...


class Lags(Protocol):
    """How far each post is behind what is published. Raises `Unavailable`."""

    async def lags(self) -> Mapping[str, int]:
        """In positions, by consumer group, which is named like its post."""

    async def relay_lag(self) -> int:
        """Positions given and not yet published."""


class SunkMails(Protocol):
    """Mails that the hub's own sink took over. Blocks for as long as files take."""

    def newest(self, limit: int) -> Sequence[SunkMail]: ...

    def get(self, mail_id: str) -> SunkMail:
        """Raises `NotFound`."""


Probe = Callable[[], Coroutine[Any, Any, str]]
"""Asks a part whether it works, and returns what it says of itself. Raises `Unavailable`."""


@dataclass(frozen=True, slots=True)
class Backends:
    """What the routes ask."""

    search: OpportunitySearch
    opportunities: Opportunities
    reads: OpportunityReads
    texts: TextStore
    matches: Matches
    documents: TenantDocuments
    page_images: PageImages
    uploads: Uploads
    attachments: PostgresAttachments
    analytics: Analytics
    notifications: Notifications
    matrix: MatrixDesk
    answers: DocumentAnswers
    system: SystemReads
    posts: Posts
    lags: Lags
    probes: Mapping[str, Probe]
    rates: Rates
    find_caller: FindCaller
    idempotency: Idempotency
    audit: AuditTrail
    identity: Identity
    taking_along: TakingAlong
    requests_per_day: int
    """What SAM.gov's quota is set to."""
    published_keys: Mapping[str, object] = field(default_factory=lambda: {"keys": []})
    """The JWK Set of our own issuer: public keys alone."""
    entities: Entities | None = None
    """None where neither SAM.gov's key nor a server in its place is set."""
    sunk_mails: SunkMails | None = None
    """None where mail goes out into the world."""


OpenBackends = Callable[[], AbstractAsyncContextManager[Backends]]


async def _ports(request: Request) -> Backends:
    return request.app.state.backends  # type: ignore[no-any-return]


Ports = Annotated[Backends, Depends(_ports)]
