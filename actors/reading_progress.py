"""How far the reading of a document is, told in its live room and no more often than eyes need."""

import time
from collections.abc import Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID

from pydantic import JsonValue

from actors.reading_task import Reading
from cluster.stores.documents import DocumentRow
from domain.clock import Clock, utc_now
from domain.feed import document_room
from domain.ports import LiveFeed

EVERY_S = 0.5
_REMEMBERED = 1_000


class Rows(Protocol):
    """The part of `PostgresDocuments` that is needed here."""

    async def get(self, tenant_id: UUID, document_id: UUID) -> DocumentRow: ...


class ReadingProgress:
    """Implements `actors.reading_task.Announce`. Raises `Unavailable`."""

    def __init__(self, documents: Rows, feed: LiveFeed, clock: Clock = utc_now) -> None:
        self._documents = documents
        self._feed = feed
        self._clock = clock
        self._told: dict[UUID, float] = {}

    async def __call__(self, reading: Reading, *, is_over: bool = False) -> None:
        now = time.monotonic()
        if not is_over and now - self._told.get(reading.document_id, 0.0) < EVERY_S:
            return
        if len(self._told) >= _REMEMBERED:
            self._told.clear()
        self._told[reading.document_id] = now
        row = await self._documents.get(reading.tenant_id, reading.document_id)
        room = document_room(reading.tenant_id, reading.document_id)
        await self._feed.publish(room, "progress", progress_body(row, self._clock()))


def progress_body(row: DocumentRow, now: datetime) -> Mapping[str, JsonValue]:
    """As `GET /api/v1/documents/{id}/progress` tells it too."""
    done = row.pages_done + row.pages_failed
    return {
        "id": f"{row.document_id}/{row.run}/{done}/{row.state}",
        "document_id": str(row.document_id),
        "state": row.state,
        "stage": stage_of(row),
        "done": row.pages_done,
        "failed": row.pages_failed,
        "total": row.pages,
        "eta_s": eta_s(row, now),
        "reason": row.detail or row.reason,
    }


def stage_of(row: DocumentRow) -> str:
    if row.state == "waiting":
        return "waits for its turn"
    if row.state == "reading":
        return "reading pages"
    return "done" if row.state == "processed" else "stopped"


def eta_s(row: DocumentRow, now: datetime) -> float | None:
    """From the pace so far; None where there is none yet, or nothing is left."""
    done = row.pages_done + row.pages_failed
    if row.state != "reading" or row.started_at is None or not row.pages or not done:
        return None
    passed_s = max((now - row.started_at).total_seconds(), 0.0)
    return round(passed_s / done * (row.pages - done), 1)
