"""Opportunity flow, step 1: ask SAM.gov for notices, and record what is new about them."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from uuid import uuid4

from actors.poller import Polled, Poller, open_poller
from actors.sync_run import Intake, Plan, Run, Source
from cluster.clients.sam_gov import PAGE_SIZE, open_sam_gov
from cluster.settings import SamGovSettings, Settings
from cluster.stores.api_quota import PostgresApiQuota
from cluster.stores.blob_store import open_blob_store
from cluster.stores.doorbell import open_doorbell
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.notice_intake import NoticeIntake
from cluster.stores.opportunity_projection import project_opportunities
from cluster.stores.postgres import open_pool
from cluster.stores.sync_states import Failure, PostgresSyncStates, Success, Trouble
from cluster.stores.texts import PostgresTextStore
from domain.access import PUBLIC
from domain.clock import Clock, utc_now
from domain.errors import Forbidden, HubError, Invalid, QuotaExceeded
from domain.events import Event, Stream
from domain.flows import EVENT_TYPES
from domain.ports import BlobStore, EventStore, Lease

NAME = "sync_notices"
SANDBOX_CALLS_PER_DAY = 1_000_000
PEEK_SIZE = 100
OVERLAP = timedelta(days=2)
"""A notice may be published later than it is dated, and is amended under its own id."""
PATIENCE_S = 5.0
"""A step that takes longer is waited for in the next poll, so that slow is not stuck."""
REFUSED_PAUSE_S = 600.0
LONGEST_PAUSE_S = 3_600.0


class States(Protocol):
    """As `cluster.stores.sync_states.PostgresSyncStates`."""

    async def succeeded(self, run: Success) -> None: ...
    async def failed(self, run: Failure) -> None: ...


@dataclass(frozen=True, slots=True)
class Keeping:
    """Where a run's outcome goes: its fact, the raw answers, how it fares."""

    events: EventStore
    blobs: BlobStore
    states: States


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds between runs, and between whole ones: those between are peeks."""

    every_s: float
    whole_every_s: float
    first_days: int
    quota_a_day: int

    @classmethod
    def of(cls, settings: SamGovSettings) -> "Pace":
        """Without a key the server is a sandbox, whose calls cost nothing."""
        whole_s = settings.poll_interval_s
        if settings.api_key.get_secret_value():
            return cls(whole_s, whole_s, settings.first_days, settings.requests_per_day)
        every_s = min(settings.sandbox_poll_interval_s, whole_s)
        return cls(every_s, whole_s, settings.first_days, SANDBOX_CALLS_PER_DAY)


class SyncNotices:
    """Implements `actors.poller.Poll`: each poll is one step of a run. Idempotent.

    The mark holds the last day that was seen whole and when that was. A run that a crash cuts short
    is begun again.
    """

    def __init__(
        self,
        source: Source,
        intake: Intake,
        keeping: Keeping,
        pace: Pace,
        now: Clock = utc_now,
    ) -> None:
        self._source = source
        self._intake = intake
        self._keeping = keeping
        self._pace = pace
        self._now = now
        self._going: _Going | None = None

    async def __call__(self, mark: Mapping[str, Any], lease: Lease) -> Polled:
        going = self._going = self._going or self._begin(mark)
        try:
            if await going.step(PATIENCE_S):
                return Polled(mark, again_in_s=0.0)
            self._going = None
            return await self._finish(going, mark)
        except HubError as error:
            self._going = None
            return await self._fail(error, mark)
        except BaseException:
            self._going = None
            raise

    def _begin(self, mark: Mapping[str, Any]) -> "_Going":
        now = self._now()
        whole_at = mark.get("whole_at")
        age_s = (now - datetime.fromisoformat(whole_at)).total_seconds() if whole_at else None
        is_peek = age_s is not None and age_s < self._pace.whole_every_s
        plan = Plan(
            posted_from=self._posted_from(mark, now, is_peek),
            posted_to=now.date(),
            is_peek=is_peek,
            page_size=PEEK_SIZE if is_peek else PAGE_SIZE,
            quota_a_day=self._pace.quota_a_day,
        )
        return _Going(Run(self._source, self._intake, self._keeping.blobs, plan), now)

    def _posted_from(self, mark: Mapping[str, Any], now: datetime, is_peek: bool) -> date:
        if is_peek:
            return now.date() - timedelta(days=1)
        if "synced_to" in mark:
            return date.fromisoformat(mark["synced_to"]) - OVERLAP
        return now.date() - timedelta(days=self._pace.first_days)

    async def _finish(self, going: "_Going", mark: Mapping[str, Any]) -> Polled:
        run, now = going.run, self._now()
        fact = await run.finished()
        if run.tally.events or run.tally.rejected or not run.plan.is_peek:
            await self._announce(run, fact)
        if not run.plan.is_peek and run.complete:
            mark = {
                "synced_to": run.plan.posted_to.isoformat(),
                "whole_at": going.started_at.isoformat(),
            }
        await self._keeping.states.succeeded(
            Success(
                synced_to=run.plan.posted_to,
                started_at=going.started_at,
                ended_at=now,
                next_try_at=now + timedelta(seconds=self._pace.every_s),
                quota_left=fact.quota_left,
                seen=fact.seen,
                rejected=fact.rejected,
            )
        )
        if run.trouble:
            return await self._fail(run.trouble, mark)
        return Polled(mark)

    async def _announce(self, run: Run, fact: Event) -> None:
        stream = Stream(PUBLIC, "Sync", str(run.run_id))
        await self._keeping.events.append(
            stream, {uuid4(): fact}, expected_version=0, cause=run.cause
        )

    async def _fail(self, error: HubError, mark: Mapping[str, Any]) -> Polled:
        """Told on the system page. An outage is the poller's to wait for; the rest is ours."""
        kind, pause_s, resets_at = self._judge(error)
        at = self._now()
        await self._keeping.states.failed(
            Failure(
                kind=kind,
                error=str(error),
                at=at,
                next_try_at=at + timedelta(seconds=pause_s),
                quota_resets_at=resets_at,
            )
        )
        if kind == "outage":
            raise error
        return Polled(mark, again_in_s=pause_s)

    def _judge(self, error: HubError) -> tuple[Trouble, float, datetime | None]:
        match error:
            case QuotaExceeded(retry_at=retry_at):
                wait_s = (retry_at - self._now()).total_seconds()
                return "quota", min(max(wait_s, 1.0), LONGEST_PAUSE_S), retry_at
            case Forbidden():
                return "key", REFUSED_PAUSE_S, None
            case Invalid():
                return "request", REFUSED_PAUSE_S, None
            case _:
                return "outage", self._pace.every_s, None


class _Going:
    """A run under way, whose step in hand may outlast a poll."""

    def __init__(self, run: Run, started_at: datetime) -> None:
        self.run = run
        self.started_at = started_at
        self._steps = run.steps()
        self._task: asyncio.Task[bool] | None = None

    async def step(self, patience_s: float) -> bool:
        """False when the run is over."""
        self._task = self._task or asyncio.create_task(self._next())
        done, _ = await asyncio.wait([self._task], timeout=patience_s)
        if not done:
            return True
        task, self._task = self._task, None
        return task.result()

    async def _next(self) -> bool:
        async for _ in self._steps:
            return True
        return False


@asynccontextmanager
async def open_sync_notices() -> AsyncIterator[Poller]:
    settings = Settings()
    pace = Pace.of(settings.sam_gov)
    async with (
        open_pool(settings.postgres, "mch_app", size=3) as pool,
        open_doorbell(pool) as ring,
        open_sam_gov(
            settings.sam_gov, PostgresApiQuota(pool, "sam_gov", pace.quota_a_day)
        ) as source,
    ):
        events = PostgresEventStore(pool, EVENT_TYPES, {"Opportunity": project_opportunities}, ring)
        sync = SyncNotices(
            source,
            NoticeIntake(pool, events, PostgresTextStore(pool)),
            Keeping(events, open_blob_store(settings.s3), PostgresSyncStates(pool, "sam_gov")),
            pace,
        )
        async with open_poller(NAME, sync, every_s=pace.every_s) as poller:
            yield poller
