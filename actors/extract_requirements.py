"""Document flow, after reading: draw requirements, key facts and line items from the pages."""

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from actors.consumer import open_consumer
from actors.worker import Worker
from cluster.settings import Settings
from cluster.stores.blob_store import open_blob_store
from cluster.stores.document_pages import DocumentPages
from cluster.stores.event_consumer import Limits
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.letters import Delivered
from cluster.stores.postgres import open_pool
from cluster.stores.requirements import PostgresRequirements
from domain.decider import execute
from domain.document import DocumentProcessed
from domain.errors import NotFound
from domain.events import Recorded
from domain.extraction import EXTRACTION, Extracted, extract_document
from domain.flows import EVENT_TYPES
from domain.pages import Page
from domain.ports import EventStore

logger = logging.getLogger(__name__)

POST = "extract_requirements"
HEEDED = (DocumentProcessed,)

_BATCH = Limits(records=4)


class Pages(Protocol):
    """The part of `DocumentPages` that is needed here."""

    async def read(self, tenant_id: UUID, document_id: UUID) -> list[Page]: ...


class Requirements(Protocol):
    """The part of `PostgresRequirements` that is needed here."""

    async def save(self, tenant_id: UUID, document_id: UUID, extracted: Extracted) -> None: ...


class ExtractRequirements:
    """Draws from each document of a batch once. Repeating it changes nothing and tells nobody.

    Rules over text that take 0.1 s a page: on a thread, in a process of the post's own.
    """

    def __init__(self, pages: Pages, requirements: Requirements, events: EventStore) -> None:
        self._pages = pages
        self._requirements = requirements
        self._events = events

    async def __call__(self, batch: Sequence[Recorded]) -> None:
        newest = {event.stream: event for event in batch}
        for recorded in newest.values():
            await self._extract(recorded)

    async def _extract(self, recorded: Recorded) -> None:
        stream = recorded.stream
        document_id = UUID(stream.aggregate_id)
        try:
            pages = await self._pages.read(stream.tenant_id, document_id)
        except NotFound:  # It was erased while its event travelled: nothing is left to do.
            logger.info("document %s is gone", document_id)
            return
        extracted = await asyncio.to_thread(extract_document, pages)
        await self._requirements.save(stream.tenant_id, document_id, extracted)
        cause = replace(recorded.cause, causation_id=recorded.event_id)
        told = extracted.told(document_id)
        await execute(self._events, EXTRACTION, stream, told, cause=cause)


@asynccontextmanager
async def open_extract_requirements() -> AsyncIterator[Worker[Delivered]]:
    settings = Settings()
    async with open_pool(settings.postgres, "mch_app", size=2) as pool:
        handle = ExtractRequirements(
            DocumentPages(pool, open_blob_store(settings.s3)),
            PostgresRequirements(pool),
            PostgresEventStore(pool, EVENT_TYPES),
        )
        async with open_consumer(
            POST, handle, aggregates=("Document",), on=HEEDED, limits=_BATCH
        ) as worker:
            yield worker
