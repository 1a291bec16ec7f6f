"""Documents read: turned into rows of work for their pages, which a pool of processes does."""

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from uuid import UUID

import httpx

from actors.consumer import open_consumer
from actors.lanes import Lanes
from actors.reading_pool import ReadingPool, Slot, reading_payload
from actors.reading_progress import ReadingProgress
from actors.reading_task import KINDS, OPEN, Desk, Reading
from actors.unpacking_task import UNPACK, open_bench, unpack_archive
from actors.work_pool import WorkPool
from cluster.clients.mistral_ocr import MistralOcr
from cluster.engines.reading_process import Bounds, ReadingProcess
from cluster.engines.second_reading import LocalEngine, MistralEngine, SecondReading
from cluster.engines.sniff import ZIP
from cluster.engines.vocabulary import vocabulary
from cluster.settings import ReadingSettings, Settings
from cluster.settings_ocr import OcrSettings
from cluster.stores.blob_store import S3BlobStore, open_blob_store
from cluster.stores.consents import PostgresConsents
from cluster.stores.document_pages import DocumentPages
from cluster.stores.documents import PostgresDocuments, project_documents
from cluster.stores.doorbell import open_doorbell
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.live_feed import RedisLiveFeed
from cluster.stores.postgres import Pool, open_pool
from cluster.stores.redis import open_redis
from cluster.stores.tenant_documents import TenantDocuments
from cluster.stores.work import PostgresWork
from domain.decider import execute
from domain.document import (
    DOCUMENT,
    DocumentFailed,
    DocumentProcessed,
    DocumentReadingRequested,
    DocumentUploaded,
    FailReading,
    FinishReading,
)
from domain.events import Cause, Recorded
from domain.flows import EVENT_TYPES
from domain.ports import EventStore, LiveFeed, SecondEngine

POST = "process_documents"
ALL_KINDS = (*KINDS, UNPACK)
Elsewhere = Callable[[UUID], SecondEngine]
"""Somebody else's engine, for a tenant."""
HEEDED = (DocumentUploaded, DocumentReadingRequested, DocumentProcessed, DocumentFailed)


class ProcessDocuments:
    """Lays out the work for what is to be read, and clears away that of what was stopped."""

    def __init__(
        self, documents: PostgresDocuments, work: PostgresWork, nudge: Callable[[], None]
    ) -> None:
        self._documents = documents
        self._work = work
        self._nudge = nudge

    async def __call__(self, batch: Sequence[Recorded]) -> None:
        for recorded in batch:
            tenant_id, event = recorded.stream.tenant_id, recorded.event
            match event:
                case DocumentUploaded() | DocumentReadingRequested():
                    await self._begin(recorded, event)
                case DocumentFailed():
                    prefix = f"{event.document_id}/{event.run}"
                    await self._work.drop(tenant_id, ALL_KINDS, prefix)
                case DocumentProcessed():
                    await self._work.tidy(tenant_id, ALL_KINDS)
                case _:
                    continue
        self._nudge()

    async def _begin(
        self, recorded: Recorded, event: DocumentUploaded | DocumentReadingRequested
    ) -> None:
        """A replay finds that the reading is over."""
        reading = Reading(
            tenant_id=recorded.stream.tenant_id,
            document_id=event.document_id,
            digest=event.digest,
            run=event.run if isinstance(event, DocumentReadingRequested) else 1,
            mode=event.mode if isinstance(event, DocumentReadingRequested) else "auto",
            cause=_caused_by(recorded),
        )
        who = reading.tenant_id, reading.document_id
        if await self._documents.is_reading(*who, reading.run):
            key = f"{reading.document_id}/{reading.run}"
            row = await self._documents.get(*who)
            kind = UNPACK if row.media_type == ZIP else OPEN
            await self._work.enqueue(reading.tenant_id, kind, {key: reading_payload(reading)})


class Concluding:
    """Implements `actors.reading_task.Conclude`."""

    def __init__(self, events: EventStore) -> None:
        self._events = events

    async def __call__(self, reading: Reading, command: FinishReading | FailReading) -> None:
        stream = DOCUMENT.stream(reading.tenant_id, str(reading.document_id))
        await execute(self._events, DOCUMENT, stream, command, cause=reading.cause)


def open_slots(
    settings: ReadingSettings, files: S3BlobStore, elsewhere: Elsewhere | None = None
) -> tuple[Slot, ...]:
    """`elsewhere` is asked for doubtful pages before our own second engine is."""
    bounds = Bounds.of(settings)

    async def fetch(reading: Reading, path: Path) -> None:
        await files.fetch(reading.tenant_id, reading.digest, path)

    async def start(path: Path, reading: Reading) -> SecondReading:
        reader = await ReadingProcess.start(path, reading.mode, bounds)
        engines: list[SecondEngine] = [elsewhere(reading.tenant_id)] if elsewhere else []
        if settings.second_engine:
            engines.append(LocalEngine(path, bounds))
        return SecondReading(reader, engines, vocabulary())

    count = settings.processes or len(os.sched_getaffinity(0))
    return tuple(Slot(fetch, start) for _ in range(count))


@asynccontextmanager
async def open_elsewhere(
    settings: OcrSettings, consents: PostgresConsents
) -> AsyncIterator[Elsewhere | None]:
    """None without a key. One client and breaker for all documents."""
    if not settings.sends:
        yield None
        return
    async with httpx.AsyncClient(trust_env=not settings.is_here) as http:
        client = MistralOcr(settings, http)
        yield lambda tenant_id: MistralEngine(client, consents, tenant_id)


def open_desk(
    app: Pool, relay: Pool, files: S3BlobStore, feed: LiveFeed, events: EventStore
) -> Desk:
    documents = PostgresDocuments(app)
    return Desk(
        documents=documents,
        pages=DocumentPages(app, files),
        work=PostgresWork(app, relay),
        conclude=Concluding(events),
        announce=ReadingProgress(documents, feed),
    )


@asynccontextmanager
async def open_process_documents() -> AsyncIterator[Lanes]:
    settings = Settings()
    files = open_blob_store(settings.s3)
    async with (
        open_pool(settings.postgres, "mch_app", size=4) as app,
        open_pool(settings.postgres, "mch_relay", size=3) as relay,
        open_redis(settings.redis) as redis,
        open_doorbell(app) as ring,
        open_elsewhere(settings.ocr, PostgresConsents(app)) as elsewhere,
    ):
        events = PostgresEventStore(app, EVENT_TYPES, {"Document": project_documents}, ring)
        desk = open_desk(app, relay, files, RedisLiveFeed(redis), events)
        pool = ReadingPool(POST, desk, open_slots(settings.reading, files, elsewhere))
        bench = open_bench(desk, TenantDocuments(app, files, events), Bounds.of(settings.reading))
        unpacking = WorkPool(POST, desk.work, {UNPACK: partial(unpack_archive, bench)}, at_once=1)

        def nudge() -> None:
            pool.nudge()
            unpacking.nudge()

        handler = ProcessDocuments(desk.documents, desk.work, nudge)
        async with open_consumer(POST, handler, aggregates=("Document",), on=HEEDED) as worker:
            yield Lanes(POST, [worker, pool, unpacking])


def _caused_by(recorded: Recorded) -> Cause:
    return Cause(
        correlation_id=recorded.cause.correlation_id,
        causation_id=recorded.event_id,
        user_id=recorded.cause.user_id,
        traceparent=recorded.cause.traceparent,
    )
