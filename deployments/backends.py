"""The ports that the application needs, opened once per replica."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Annotated, Protocol
from uuid import UUID

from fastapi import Depends, Request

from cluster.stores.opportunities import HistoryEntry, OpportunityRow
from cluster.stores.opportunity_reads import Contact, RelatedNotice
from cluster.stores.system_reads import PostState, Quota, SyncState
from domain.ports import OpportunitySearch, TextStore
from domain.search import Fit


class Opportunities(Protocol):
    """Opportunities one by one. Every call raises `Unavailable`."""

    async def get(self, notice_id: str) -> OpportunityRow:
        """Raises `NotFound`."""

    async def history(self, notice_id: str) -> list[HistoryEntry]:
        """Raises `NotFound`."""

    async def counts(self) -> dict[str, int]:
        """How many are `known`, `open`, `medical`."""


class OpportunityReads(Protocol):
    """What stands beside an opportunity. Every call raises `Unavailable`."""

    async def related(
        self, solicitation_number: str | None, *, without: str
    ) -> Sequence[RelatedNotice]: ...

    async def contacts(self, notice_id: str) -> Sequence[Contact]: ...


class Fits(Protocol):
    """How notices suit a tenant's company. Raises `Unavailable`."""

    async def fit(self, tenant_id: UUID, notice_id: str) -> Fit | None:
        """None while it was not looked at."""


class SystemReads(Protocol):
    """How the hub is, as its parts wrote it down. Every call raises `Unavailable`."""

    async def syncs(self) -> Sequence[SyncState]: ...

    async def quotas(self) -> Sequence[Quota]: ...

    async def posts(self) -> Sequence[PostState]: ...

    async def lags(self) -> Mapping[str, int]:
        """Of each post: positions between what is published and what it has finished."""


Probe = Callable[[], Awaitable[str]]
"""Asks a part whether it works, and returns what it says of itself. Raises `Unavailable`."""


@dataclass(frozen=True, slots=True)
class Backends:
    """What the routes ask."""

    search: OpportunitySearch
    opportunities: Opportunities
    reads: OpportunityReads
    texts: TextStore
    fits: Fits
    system: SystemReads
    probes: Mapping[str, Probe]


OpenBackends = Callable[[], AbstractAsyncContextManager[Backends]]


async def _ports(request: Request) -> Backends:
    return request.app.state.backends  # type: ignore[no-any-return]


Ports = Annotated[Backends, Depends(_ports)]
