"""Opportunity flow, step 3: how does each notice suit each company? Tell of those that do."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Protocol

from actors.consumer import LIVE
from actors.lanes import Lanes, open_lanes
from actors.matcher import Candidate, Candidates, Matcher, worth_asking
from actors.meaning import Meaning, Place
from cluster.clients.embedding import open_text_embedding
from cluster.settings import Settings
from cluster.stores.cache import RedisCache
from cluster.stores.event_consumer import Limits
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.letters import Delivered
from cluster.stores.matches import PostgresMatches, project_matches
from cluster.stores.opportunities import OpportunityRow, PostgresOpportunities
from cluster.stores.postgres import Pool, open_pool
from cluster.stores.profiles import Profiled, all_profiles
from cluster.stores.progress import PostgresProgress
from cluster.stores.redis import open_redis
from cluster.stores.vectors import open_vectors
from domain.events import Cause
from domain.flows import EVENT_TYPES
from domain.matching import MATCH
from domain.opportunity import (
    OpportunityAmended,
    OpportunityClosed,
    OpportunityDiscovered,
)
from domain.vectors import OPPORTUNITIES

POST = "match_opportunities"
HEEDED = (OpportunityDiscovered, OpportunityAmended, OpportunityClosed)

_BATCH = Limits(records=500)

Companies = Callable[[], Awaitable[Sequence[Profiled]]]


class Opportunities(Protocol):
    """The part of `PostgresOpportunities` that is needed here."""

    async def many(self, notice_ids: Sequence[str]) -> dict[str, OpportunityRow]: ...


class Similarities(Protocol):
    """As `actors.meaning.Meaning`."""

    async def similarities(
        self, statement: str, notices: Mapping[str, Place | None]
    ) -> dict[str, float]: ...


class MatchOpportunities:
    """Matches each notice of a batch once, as it stands now, for every company there is.

    Replays are harmless: what was matched in the same versions is left alone.
    """

    def __init__(
        self,
        opportunities: Opportunities,
        companies: Companies,
        matcher: Matcher,
        meaning: Similarities,
    ) -> None:
        self._opportunities = opportunities
        self._companies = companies
        self._matcher = matcher
        self._meaning = meaning

    async def __call__(self, batch: Sequence[Delivered]) -> None:
        newest = {event.stream.aggregate_id: event for event in batch}
        rows = await self._opportunities.many(list(newest))
        candidates = {key: Candidate(row, _cause(newest[key])) for key, row in rows.items()}
        places: dict[str, Place | None] = {
            event.stream.aggregate_id: _place(event)
            for event in batch
            if isinstance(event.event, OpportunityDiscovered | OpportunityAmended)
        }
        for company in await self._companies():
            await self.match(company, candidates, places)

    async def match(
        self, company: Profiled, candidates: Candidates, places: Mapping[str, Place | None]
    ) -> None:
        """`places` say which event must be embedded first; where there is none, nothing must."""
        known = await self._matcher.fresh(company, candidates)
        asked = worth_asking(company, {key: candidates[key] for key in known})
        similarity = await self._meaning.similarities(
            company.profile.statement, {key: places.get(key) for key in asked}
        )
        await self._matcher.match(company, candidates, known, similarity)


@asynccontextmanager
async def open_match_opportunities() -> AsyncIterator[Lanes]:
    async with (
        open_matching(Settings()) as handler,
        open_lanes(
            POST, handler, aggregates=("Opportunity",), on=HEEDED, live=_BATCH, quiet=_BATCH
        ) as lanes,
    ):
        yield lanes


@asynccontextmanager
async def open_matching(settings: Settings) -> AsyncIterator[MatchOpportunities]:
    async with (
        open_pool(settings.postgres, "mch_app", size=2) as pool,
        open_pool(settings.postgres, "mch_relay", size=1) as relay_pool,
        open_vectors(settings, pool) as vectors,
        open_redis(settings.redis) as redis,
        open_text_embedding(settings, RedisCache(redis)) as embedding,
    ):
        index = vectors.index(OPPORTUNITIES)
        meaning = Meaning(embedding, index, PostgresProgress(relay_pool))
        yield build_matching(pool, partial(all_profiles, relay_pool), meaning)


def build_matching(pool: Pool, companies: Companies, meaning: Similarities) -> MatchOpportunities:
    events = PostgresEventStore(pool, EVENT_TYPES, {MATCH: project_matches})
    opportunities = PostgresOpportunities(pool, EVENT_TYPES)
    return MatchOpportunities(
        opportunities, companies, Matcher(PostgresMatches(pool), events), meaning
    )


def _place(event: Delivered) -> Place:
    return Place(event.place, event.position, event.cause.origin in LIVE)


def _cause(event: Delivered) -> Cause:
    """Of what follows from this event: the same intent, and its origin, so imports stay quiet."""
    return replace(event.cause, causation_id=event.event_id)
