"""One run of the sync, in steps of seconds: pages, then what is due, then descriptions."""

from collections.abc import AsyncIterator, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256
from typing import Protocol
from uuid import UUID, uuid4

from cluster.clients.sam_gov import Page
from cluster.clients.sam_gov_records import RawRecord, Sighting, describe, from_api
from cluster.clients.sam_gov_values import present
from cluster.stores.notice_intake import Enrich, Tally
from domain.access import PUBLIC
from domain.errors import HubError, Kind
from domain.events import Cause
from domain.medical import is_medical
from domain.ports import BlobStore
from domain.sync_run import SyncRunFinished

SOURCE = "api"
BATCH = 250
DESCRIBED_AT_ONCE = 10
DESCRIBED_A_RUN = 25
RESERVED_SHARE = 0.2
"""Of the day's quota, which descriptions leave to the searches."""


class Source(Protocol):
    """As `cluster.clients.sam_gov.SamGov`."""

    def search(
        self, posted_from: date, posted_to: date, /, *, limit: int
    ) -> AsyncIterator[Page]: ...
    async def description(self, notice_id: str) -> str | None: ...
    async def quota_left(self) -> int: ...


class Intake(Protocol):
    """As `cluster.stores.notice_intake.NoticeIntake`."""

    async def record(
        self,
        source: str,
        raw: Sequence[RawRecord],
        cause: Cause,
        *,
        kept_in: str = "",
        enrich: Enrich | None = None,
    ) -> Tally: ...
    async def describe(self, notice_id: str, text: str | None, cause: Cause) -> Tally: ...
    async def close_due(self, cause: Cause) -> Tally: ...
    async def undescribed(self, *, limit: int) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Plan:
    """What to ask for. A peek stops at the first page without news; a whole run sees all."""

    posted_from: date
    posted_to: date
    is_peek: bool
    page_size: int
    quota_a_day: int


@dataclass(slots=True)
class Run:
    """A run and what has come of it so far."""

    source: Source
    intake: Intake
    blobs: BlobStore
    plan: Plan
    run_id: UUID = field(default_factory=uuid4)
    tally: Tally = field(default_factory=Tally)
    pages: list[str] = field(default_factory=list)
    described: int = 0
    complete: bool = True
    trouble: HubError | None = None
    """Why descriptions had to wait. Notices come first: they wait for nothing else."""

    @property
    def cause(self) -> Cause:
        return Cause(correlation_id=self.run_id, causation_id=self.run_id)

    async def steps(self) -> AsyncIterator[None]:
        """Yields after each piece of work. Repeating a run causes no event twice."""
        async for _ in self._take_pages():
            yield
        self.tally.add(await self.intake.close_due(self.cause))
        yield
        async for _ in self._fetch_descriptions():
            yield

    async def finished(self) -> SyncRunFinished:
        events = self.tally.events
        return SyncRunFinished(
            source=SOURCE,
            posted_from=self.plan.posted_from,
            posted_to=self.plan.posted_to,
            seen=self.tally.seen,
            discovered=events["OpportunityDiscovered"],
            amended=events["OpportunityAmended"],
            closed=events["OpportunityClosed"],
            awarded=events["OpportunityAwarded"],
            unchanged=self.tally.unchanged,
            rejected=len(self.tally.rejected),
            described=self.described,
            quota_left=await self.source.quota_left(),
            pages=tuple(self.pages),
        )

    async def _take_pages(self) -> AsyncIterator[None]:
        plan = self.plan
        pages = self.source.search(plan.posted_from, plan.posted_to, limit=plan.page_size)
        async for page in pages:
            self.complete = self.complete and page.complete
            before = self.tally.unchanged
            for batch in _batches(page):
                self.tally.add(await self._record(batch, sha256(page.raw).hexdigest()))
                yield
            if self.tally.unchanged - before < len(page.records):
                self.pages.append(await self.blobs.put(PUBLIC, page.raw))
            elif plan.is_peek:
                return

    async def _record(self, batch: Sequence[RawRecord], kept_in: str) -> Tally:
        return await self.intake.record(
            SOURCE, batch, self.cause, kept_in=kept_in, enrich=self._describe_new
        )

    async def _describe_new(
        self, sightings: Sequence[Sighting], known: Collection[str]
    ) -> Sequence[Sighting]:
        """Medical notices that are new come with their description, where there are few."""
        new = [
            one.notice.notice_id
            for one in sightings
            if one.notice.notice_id not in known and is_medical(one.notice.naics, one.notice.psc)
        ]
        if not 0 < len(new) <= DESCRIBED_AT_ONCE:
            return sightings
        texts = {key: text for key in new if (text := await self._description(key))}
        return [_with_text(one, texts.get(one.notice.notice_id)) for one in sightings]

    async def _fetch_descriptions(self) -> AsyncIterator[None]:
        for notice_id in await self.intake.undescribed(limit=DESCRIBED_A_RUN):
            text = await self._description(notice_id)
            if self.trouble:
                return
            self.tally.add(await self.intake.describe(notice_id, text, self.cause))
            yield

    async def _description(self, notice_id: str) -> str | None:
        """None also where it has to wait, for which `trouble` tells the reason."""
        enough = await self.source.quota_left() > self.plan.quota_a_day * RESERVED_SHARE
        if self.trouble or not enough:
            return None
        try:
            text = await self.source.description(notice_id)
        except HubError as error:
            if error.kind is Kind.INVALID:
                raise
            self.trouble = error
            return None
        self.described += 1
        return text


def _batches(page: Page) -> Iterator[list[RawRecord]]:
    raw = [
        RawRecord(
            str(present(record.get("noticeId")) or f"nameless {number}"), "", record, from_api
        )
        for number, record in enumerate(page.records)
    ]
    return (raw[start : start + BATCH] for start in range(0, len(raw), BATCH))


def _with_text(one: Sighting, text: str | None) -> Sighting:
    if text is None:
        return one
    told = one.notice.model_dump(exclude_unset=True) | describe(text)
    return replace(one, notice=type(one.notice).model_validate(told), description=text)
