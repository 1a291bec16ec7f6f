"""From records of a source to events: one way in for the sync and for the import."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from uuid import uuid4

from pydantic import ValidationError

from cluster.clients.sam_gov_records import RawRecord, Sighting, describe, digest_of, text_digest
from cluster.stores.opportunities import PostgresOpportunities
from cluster.stores.opportunity_projection import Versioned
from cluster.stores.postgres import Pool, transaction
from domain.access import PUBLIC
from domain.clock import Clock, utc_now
from domain.errors import VersionConflict
from domain.events import Append, Cause
from domain.opportunity import (
    OPPORTUNITY,
    CloseOpportunity,
    Opportunity,
    OpportunityCommand,
    OpportunityEvent,
    RecordNotice,
    evolve,
)
from domain.ports import EventStore, TextStore

TRIES = 3
DESCRIPTION = "description"
"""The source that carries only descriptions, one a call."""

_SOURCES = "select notice_id, digest from notice_source where source = $1 and notice_id = any($2)"

_REMEMBER = """
insert into notice_source (source, notice_id, digest)
select $1, * from unnest($2::text[], $3::text[])
on conflict (source, notice_id) do update set digest = excluded.digest
where notice_source.digest <> excluded.digest
"""

_CONTACTS = """
insert into notice_contact (notice_id, kind, details)
select * from unnest($1::text[], $2::text[], $3::jsonb[])
on conflict (notice_id, kind) do update set details = notice_contact.details || excluded.details
where notice_contact.details <> notice_contact.details || excluded.details
"""

_REJECT = """
insert into notice_rejected (source, record_key, digest, reason)
select $1, * from unnest($2::text[], $3::text[], $4::text[])
on conflict (source, record_key) do update
set digest = excluded.digest, reason = excluded.reason, seen_at = now()
"""

_ACCEPT = "delete from notice_rejected where source = $1 and record_key = any($2)"


@dataclass(frozen=True, slots=True)
class Rejected:
    """A record that cannot be read: where it stood, and why."""

    row: str
    reason: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A batch of records, read: of `seen` records `news` are not known in these very words."""

    source: str
    keys: frozenset[str]
    seen: int
    news: int
    sightings: Sequence[Sighting]
    rejected: Sequence[tuple[str, Rejected]]


Enrich = Callable[[Sequence[Sighting], Collection[str]], Awaitable[Sequence[Sighting]]]
"""Adds to sightings what another call of the source tells; beside them the ids known already."""


@dataclass(slots=True)
class Tally:
    """What came of records. `events` by type, `told` the ids that have any."""

    seen: int = 0
    unchanged: int = 0
    told: list[str] = field(default_factory=list)
    events: Counter[str] = field(default_factory=Counter)
    rejected: list[Rejected] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        self.seen += other.seen
        self.unchanged += other.unchanged
        self.told += other.told
        self.events += other.events
        self.rejected += other.rejected


class NoticeIntake:
    """Records notices in batches. Repeating a batch causes no event. Raises `Unavailable`."""

    def __init__(
        self, pool: Pool, events: EventStore, texts: TextStore, now: Clock = utc_now
    ) -> None:
        self._pool = pool
        self._events = events
        self._texts = texts
        self._now = now
        self._opportunities = PostgresOpportunities(pool, {})

    async def record(
        self,
        source: str,
        raw: Sequence[RawRecord],
        cause: Cause,
        *,
        kept_in: str = "",
        enrich: Enrich | None = None,
    ) -> Tally:
        """Take in what a source tells. `kept_in` is the digest under which the raw answer lies.

        A record that cannot be read is set aside; its neighbours go on. One told before in the
        very same words is not looked at again.
        """
        reading = await self.read(source, raw)
        sightings = reading.sightings
        if enrich:
            reading = replace(reading, sightings=await self._enriched(sightings, enrich))
        return await self.record_read(reading, cause, kept_in=kept_in)

    async def read(
        self, source: str, raw: Sequence[RawRecord], *, unsettled: Collection[str] = ()
    ) -> Reading:
        """The first half of `record`, on a thread: writes nothing.

        `unsettled` are keys that a batch tells which was read before and is not recorded yet.
        """
        digests = {one.key: digest_of(one.record) for one in raw}
        known = await self._sources(source, list(digests))
        news = [
            one for one in raw if one.key in unsettled or known.get(one.key) != digests[one.key]
        ]
        sightings, rejected = await asyncio.to_thread(_read, news)
        return Reading(source, frozenset(digests), len(raw), len(news), sightings, rejected)

    async def record_read(self, reading: Reading, cause: Cause, *, kept_in: str = "") -> Tally:
        """The second half of `record`: readings in the order in which they were made."""
        tally = await self._take(reading.sightings, cause)
        tally.seen, tally.rejected = reading.seen, [no for _, no in reading.rejected]
        tally.unchanged += reading.seen - reading.news
        refused = [(key, no, kept_in) for key, no in reading.rejected]
        await self._settle(reading.source, reading.sightings, refused)
        return tally

    async def describe(self, notice_id: str, text: str | None, cause: Cause) -> Tally:
        """Record what the description's own source tells; also that it has none."""
        known = await self._opportunities.get(notice_id)
        notice = known.notice.described(**(describe(text) if text else {}))
        sighting = Sighting(notice, text_digest(text or ""), text)
        tally = await self._take([sighting], cause)
        await self._settle(DESCRIPTION, [sighting], [])
        return Tally(told=tally.told, events=tally.events)

    async def _enriched(self, read: Sequence[Sighting], enrich: Enrich) -> Sequence[Sighting]:
        known = await self._opportunities.states([one.notice.notice_id for one in read])
        return await enrich(read, known.keys())

    async def _take(self, sightings: Sequence[Sighting], cause: Cause) -> Tally:
        await self._texts.put(_texts(sightings))
        commands = [(s.notice.notice_id, RecordNotice(s.notice, self._now())) for s in sightings]
        events, told = await self._decide(commands, cause)
        return Tally(0, len(commands) - len(told), told, events)

    async def close_due(self, cause: Cause, *, limit: int = 500) -> Tally:
        """Close what the clock has closed."""
        now = self._now()
        due = await self._opportunities.due(now, limit=limit)
        commands = [(key, CloseOpportunity(key, now=now)) for key in due]
        events, told = await self._decide(commands, cause)
        return Tally(told=told, events=events)

    async def undescribed(self, *, limit: int) -> list[str]:
        """Open notices whose description nobody asked for yet, the most wanted first."""
        return await self._opportunities.undescribed(limit=limit)

    async def _decide(
        self, commands: Sequence[tuple[str, OpportunityCommand]], cause: Cause
    ) -> tuple[Counter[str], list[str]]:
        """Append what the commands cause, as one. Returns the events, and whom they tell of."""
        for attempt in range(1, TRIES + 1):
            states = await self._opportunities.states([key for key, _ in commands])
            decided, told = _outcome(commands, states)
            try:
                await self._events.append_many(_appends(decided, states, cause))
                break
            except VersionConflict:
                if attempt == TRIES:
                    raise
        return Counter(event.type for events in decided.values() for event in events), told

    async def _sources(self, source: str, keys: Sequence[str]) -> dict[str, str]:
        async with transaction(self._pool) as connection:
            rows = await connection.fetch(_SOURCES, source, keys)
        return {row["notice_id"]: row["digest"] for row in rows}

    async def _settle(
        self,
        source: str,
        sightings: Sequence[Sighting],
        rejected: Sequence[tuple[str, Rejected, str]],
    ) -> None:
        """Remember what was told, last of all: a crash before means only looking again."""
        told = {one.notice.notice_id: one for one in sightings}
        contacts = {
            (key, kind): json.dumps(details)
            for key, one in told.items()
            for kind, details in one.contacts.items()
        }
        refused = {key: (kept_in, no.reason) for key, no, kept_in in rejected}
        async with transaction(self._pool) as connection:
            if told:
                digests = [one.digest for one in told.values()]
                await connection.execute(_REMEMBER, source, list(told), digests)
                await connection.execute(_ACCEPT, source, list(told))
            if contacts:
                keys, kinds = zip(*contacts, strict=True)
                await connection.execute(_CONTACTS, keys, kinds, list(contacts.values()))
            if refused:
                kept, reasons = zip(*refused.values(), strict=True)
                await connection.execute(_REJECT, source, list(refused), kept, reasons)


def _read(raw: Iterable[RawRecord]) -> tuple[list[Sighting], list[tuple[str, Rejected]]]:
    sightings, rejected = [], []
    for one in raw:
        try:
            sightings.append(one.read(one.record))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            rejected.append((one.key, Rejected(one.place, reason_of(error))))
    return sightings, rejected


def reason_of(error: Exception) -> str:
    """One line that names the field. No value beyond it: a record may hold a person's name."""
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return f"{type(error).__name__}: {error}"[:300]


def _texts(sightings: Iterable[Sighting]) -> Mapping[str, str]:
    return {text_digest(one.description): one.description for one in sightings if one.description}


def _outcome(
    commands: Sequence[tuple[str, OpportunityCommand]], states: Mapping[str, Versioned]
) -> tuple[dict[str, list[OpportunityEvent]], list[str]]:
    """The events of each opportunity in the order of its commands, and those that had effect."""
    decided: dict[str, list[OpportunityEvent]] = {}
    now = {key: versioned.opportunity for key, versioned in states.items()}
    told: list[str] = []
    for key, command in commands:
        state = now.get(key, Opportunity())
        events = OPPORTUNITY.decide(command, state)
        now[key] = reduce(evolve, events, state)
        if events:
            told.append(key)
            decided.setdefault(key, []).extend(events)
    return decided, told


def _appends(
    decided: Mapping[str, Sequence[OpportunityEvent]],
    states: Mapping[str, Versioned],
    cause: Cause,
) -> list[Append]:
    return [
        Append(
            stream=OPPORTUNITY.stream(PUBLIC, key),
            events={uuid4(): event for event in events},
            expected_version=states[key].version if key in states else 0,
            cause=cause,
        )
        for key, events in decided.items()
    ]
