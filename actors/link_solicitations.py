"""Opportunity flow, beside matching: which notices are of one solicitation, and why?"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Protocol
from uuid import uuid4

from actors.consumer import open_consumer
from actors.worker import Worker
from cluster.settings import Settings
from cluster.stores.event_consumer import Limits
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.letters import Delivered
from cluster.stores.opportunities import OpportunityRow, PostgresOpportunities
from cluster.stores.postgres import Pool, open_pool
from cluster.stores.solicitations import (
    PostgresSolicitations,
    VersionedSolicitation,
    project_solicitations,
)
from domain.access import PUBLIC
from domain.events import Append, Cause, Recorded
from domain.flows import EVENT_TYPES
from domain.opportunity import OpportunityAmended, OpportunityClosed, OpportunityDiscovered
from domain.solicitation import SOLICITATION, LinkNotices, NumberedNotice, solicitation_key

POST = "link_solicitations"
HEEDED = (OpportunityDiscovered, OpportunityAmended, OpportunityClosed)

_BATCH = Limits(records=500)


class Opportunities(Protocol):
    """The part of `PostgresOpportunities` that is needed here."""

    async def many(self, notice_ids: Sequence[str]) -> dict[str, OpportunityRow]: ...


class Solicitations(Protocol):
    """As `PostgresSolicitations`."""

    async def linked(self, notice_ids: Sequence[str]) -> dict[str, str]: ...
    async def states(self, numbers: Sequence[str]) -> dict[str, VersionedSolicitation]: ...


class Events(Protocol):
    """The part of `domain.ports.EventStore` that is needed here."""

    async def append_many(self, appends: Sequence[Append]) -> None: ...


class LinkSolicitations:
    """Links each notice of a batch once, as it stands now. Replays cause no event.

    `events` must project what it appends into what `solicitations` reads. Raises
    `VersionConflict` if another one links meanwhile, and then has written nothing.
    """

    def __init__(
        self, opportunities: Opportunities, solicitations: Solicitations, events: Events
    ) -> None:
        self._opportunities = opportunities
        self._solicitations = solicitations
        self._events = events

    async def __call__(self, batch: Sequence[Recorded]) -> None:
        newest = {event.stream.aggregate_id: event for event in batch}
        rows = await self._opportunities.many(list(newest))
        commands = _commands(rows, await self._solicitations.linked(list(rows)))
        states = await self._solicitations.states(list(commands))
        appends = []
        for number, command in commands.items():
            told = [*(notice.notice_id for notice in command.notices), *command.gone]
            cause = _cause(max((newest[key] for key in told), key=lambda event: event.position))
            if append := _append(command, states[number], cause):
                appends.append(append)
        await self._events.append_many(appends)


def _commands(
    rows: Mapping[str, OpportunityRow], linked: Mapping[str, str]
) -> dict[str, LinkNotices]:
    """By number: what bears it, and what was in it and bears it no longer."""
    bear: dict[str, list[NumberedNotice]] = {}
    gone: dict[str, list[str]] = {}
    for key, row in rows.items():
        number, before = solicitation_key(row.notice), linked.get(key)
        if number:
            bear.setdefault(number, []).append(NumberedNotice.of(row.notice, row.close_reason))
        if before and before != number:
            gone.setdefault(before, []).append(key)
    return {
        number: LinkNotices(number, tuple(bear.get(number, ())), tuple(gone.get(number, ())))
        for number in [*bear, *(number for number in gone if number not in bear)]
    }


def _append(command: LinkNotices, state: VersionedSolicitation, cause: Cause) -> Append | None:
    events = SOLICITATION.decide(command, state.solicitation)
    if not events:
        return None
    return Append(
        stream=SOLICITATION.stream(PUBLIC, command.solicitation_number),
        events={uuid4(): event for event in events},
        expected_version=state.version,
        cause=cause,
    )


def _cause(event: Recorded) -> Cause:
    """Of what follows from this event: the same intent, and its origin."""
    return replace(event.cause, causation_id=event.event_id)


@asynccontextmanager
async def open_link_solicitations() -> AsyncIterator[Worker[Delivered]]:
    async with (
        open_pool(Settings().postgres, "mch_app", size=1) as pool,
        open_consumer(
            POST, build_linking(pool), aggregates=("Opportunity",), on=HEEDED, limits=_BATCH
        ) as worker,
    ):
        yield worker


def build_linking(pool: Pool) -> LinkSolicitations:
    events = PostgresEventStore(
        pool, EVENT_TYPES, {SOLICITATION.aggregate_type: project_solicitations}
    )
    opportunities = PostgresOpportunities(pool, EVENT_TYPES)
    return LinkSolicitations(opportunities, PostgresSolicitations(pool, EVENT_TYPES), events)
