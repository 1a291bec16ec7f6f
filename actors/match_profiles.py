"""When a company's profile changes: match again what it was matched with before. Nobody is told."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Protocol
from uuid import UUID, uuid5

from actors.match_opportunities import (
    Companies,
    MatchOpportunities,
    Opportunities,
    open_matching,
)
from actors.matcher import Candidate
from actors.poller import Polled, Poller, open_poller
from cluster.settings import Settings
from cluster.stores.matches import PostgresMatches
from cluster.stores.opportunities import PostgresOpportunities
from cluster.stores.postgres import open_pool
from cluster.stores.profiles import Profiled, all_profiles
from domain.events import Cause
from domain.flows import EVENT_TYPES
from domain.ports import Lease

POST = "match_profiles"
EVERY_S = 5.0
PAGE = 500


class Outdated(Protocol):
    """The part of `PostgresMatches` that is needed here."""

    async def outdated(self, company: Profiled, *, after: str, limit: int) -> list[str]: ...


class MatchProfiles:
    """Implements `actors.poller.Poll`: a page of one company's notices at a time.

    The mark holds, by tenant, the profile's version and the last notice done with it, None at the
    end.
    """

    def __init__(
        self,
        companies: Companies,
        outdated: Outdated,
        opportunities: Opportunities,
        handler: MatchOpportunities,
    ) -> None:
        self._companies = companies
        self._outdated = outdated
        self._opportunities = opportunities
        self._handler = handler

    async def __call__(self, mark: Mapping[str, Any], lease: Lease) -> Polled:
        for company in await self._companies():
            version, after = mark.get(str(company.tenant_id), (0, ""))
            if version != company.version:
                after = ""
            if after is not None:
                last = await self._page(company, after)
                news = {str(company.tenant_id): [company.version, last]}
                return Polled({**mark, **news}, again_in_s=0.0)
        return Polled(mark)

    async def _page(self, company: Profiled, after: str) -> str | None:
        """Returns the last notice done, None where none was left."""
        ids = await self._outdated.outdated(company, after=after, limit=PAGE)
        if not ids:
            return None
        rows = await self._opportunities.many(ids)
        candidates = {key: Candidate(row, _cause(company)) for key, row in rows.items()}
        await self._handler.match(company, candidates, {})
        return ids[-1]


@asynccontextmanager
async def open_match_profiles() -> AsyncIterator[Poller]:
    settings = Settings()
    async with (
        open_matching(settings) as handler,
        open_pool(settings.postgres, "mch_app", size=1) as pool,
        open_pool(settings.postgres, "mch_relay", size=1) as relay_pool,
    ):
        poll = MatchProfiles(
            partial(all_profiles, relay_pool),
            PostgresMatches(pool),
            PostgresOpportunities(pool, EVENT_TYPES),
            handler,
        )
        async with open_poller(POST, poll, every_s=EVERY_S) as poller:
            yield poller


def _cause(company: Profiled) -> Cause:
    """Origin `replay`: a company that changes its profile wants no hundred mails."""
    change: UUID = uuid5(company.tenant_id, f"profile/{company.version}")
    return Cause(correlation_id=change, causation_id=change, origin="replay")
