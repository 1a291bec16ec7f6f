"""A long document, some of it scanned, and what is left of it in every store, counted outside."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
import pymupdf

from tests.faults.hub import Hub

MU: Any = pymupdf
PAGES = 200
SCANNED = frozenset(range(10, 10 + 12 * 16, 16))
"""Twelve, all through the document."""

_SCAN_DPI = 150
_SHEET = re.compile(r"Sheet number (\d+)")

_PAGE_ROWS = """
select run, number, state, ended_at, coalesce(engine, '') as engine
from document_page where document_id = $1 order by number
"""
_CHUNKS = "select chunk from document_chunk where document_id = $1"
_VECTORS = "select chunk from vectors_document where key = $1::text"
_EVENTS = """
select event_id::text, event_type from event
where aggregate_type = 'Document' and aggregate_id = $1::text order by version
"""


def long_pdf(name: str) -> bytes:
    """`PAGES` sheets that tell their number, those of `SCANNED` as a picture only."""
    with MU.open() as document:
        for number in range(1, PAGES + 1):
            sheet = document.new_page(width=612, height=792)
            if number in SCANNED:
                sheet.insert_image(sheet.rect, stream=_picture(name, number))
            else:
                _write(sheet, name, number)
        content: bytes = document.tobytes(deflate=True)
    return content


def _picture(name: str, number: int) -> bytes:
    with MU.open() as document:
        sheet = document.new_page(width=612, height=792)
        _write(sheet, name, number)
        picture: bytes = sheet.get_pixmap(dpi=_SCAN_DPI, colorspace=MU.csGRAY).tobytes("png")
    return picture


def _write(sheet: Any, name: str, number: int) -> None:
    sheet.insert_text((72, 90), f"Sheet number {number}", fontsize=18)
    for line in range(24):
        text = f"The contractor shall deliver box {line} of the {name} on every working day."
        sheet.insert_text((72, 130 + 22 * line), text, fontsize=12)


@dataclass(frozen=True, slots=True)
class Progress:
    state: str
    done: int
    failed: int

    @property
    def is_in_the_middle(self) -> bool:
        return self.state == "reading" and 0 < self.done < PAGES


@dataclass(frozen=True, slots=True)
class LongDocument:
    """One that was uploaded over HTTP."""

    hub: Hub
    document_id: UUID

    @classmethod
    async def upload(cls, hub: Hub, name: str, content: bytes) -> "LongDocument":
        async with client_of(hub) as client:
            file = {"file": (f"{name}.pdf", content, "application/pdf")}
            answer = await client.post("/api/v1/documents", files=file)
        assert answer.status_code == 202, answer.text
        return cls(hub, UUID(answer.json()["document_id"]))

    async def progress(self) -> Progress:
        told = await self._ask("/progress")
        return Progress(told["state"], told["done"], told["failed"])

    async def has_ended(self) -> bool:
        return (await self.progress()).state in {"processed", "failed"}

    async def is_searchable(self) -> bool:
        """Every chunk has its vector."""
        chunks, vectors = await self._numbers(_CHUNKS), await self._numbers(_VECTORS)
        return bool(chunks) and len(vectors) >= len(chunks)

    async def ended_at(self) -> list[datetime]:
        async with self.hub.audit.postgres() as connection:
            rows = await connection.fetch(_PAGE_ROWS, self.document_id)
        return [row["ended_at"] for row in rows]

    async def complaints(self) -> list[str]:
        """One line for whatever is not there exactly once. Read from outside, store by store."""
        return [
            *await self._told_by_the_api(),
            *await self._pages(),
            *await self._events(),
            *dense("chunks", await self._numbers(_CHUNKS)),
            *await self._vectors(),
        ]

    async def _told_by_the_api(self) -> list[str]:
        told = await self._ask("")
        counts = told["state"], told["pages"], told["pages_done"], told["pages_failed"]
        wrong = [] if counts == ("processed", PAGES, PAGES, 0) else [f"the API tells {counts}"]
        text = " ".join(page["text"] for page in (await self._ask("/text"))["pages"])
        return wrong + list(each_once("sheets in the text", _SHEET.findall(text)))

    async def _pages(self) -> list[str]:
        async with self.hub.audit.postgres() as connection:
            rows = await connection.fetch(_PAGE_ROWS, self.document_id)
        wrong = list(each_once("pages", [str(row["number"]) for row in rows]))
        wrong += [f"page {row['number']}: {row['state']}" for row in rows if row["state"] != "done"]
        read = {row["number"] for row in rows if "tesseract" in row["engine"]}
        return wrong if read == SCANNED else [*wrong, f"read from their pictures: {sorted(read)}"]

    async def _events(self) -> list[str]:
        async with self.hub.audit.postgres() as connection:
            rows = await connection.fetch(_EVENTS, str(self.document_id))
        types = Counter(row["event_type"] for row in rows)
        wrong = []
        for name in ("DocumentUploaded", "DocumentProcessed"):
            if types[name] != 1:
                wrong.append(f"{name} {types[name]} times in the log")
        ids = {row["event_id"] for row in rows}
        sent = {one.event_id for one in await self.hub.audit.sent(ids)}
        return wrong if ids <= sent else [*wrong, f"Kafka lacks {len(ids - sent)} events"]

    async def _vectors(self) -> list[str]:
        chunks, vectors = await self._numbers(_CHUNKS), await self._numbers(_VECTORS)
        if sorted(chunks) == sorted(vectors):
            return []
        return [f"{len(vectors)} vectors ({len(set(vectors))} chunks) of {len(chunks)} chunks"]

    async def _numbers(self, statement: str) -> list[int]:
        async with self.hub.audit.postgres() as connection:
            rows = await connection.fetch(statement, str(self.document_id))
        return [row[0] for row in rows]

    async def _ask(self, path: str) -> Any:
        async with client_of(self.hub) as client:
            answer = await client.get(f"/api/v1/documents/{self.document_id}{path}")
        answer.raise_for_status()
        return answer.json()


def client_of(hub: Hub) -> httpx.AsyncClient:
    address = f"http://127.0.0.1:{hub.audit.servers['port']}"
    return httpx.AsyncClient(base_url=address, trust_env=False, timeout=20.0)


def each_once(what: str, told: list[str]) -> Iterator[str]:
    counted = Counter(map(int, told))
    wanted = set(range(1, PAGES + 1))
    if missing := wanted - counted.keys():
        yield f"{what}: {len(missing)} are missing: {sorted(missing)[:9]}"
    if doubled := [number for number, times in counted.items() if times > 1]:
        yield f"{what}: {len(doubled)} more than once: {sorted(doubled)[:9]}"
    if surplus := counted.keys() - wanted:
        yield f"{what}: {sorted(surplus)[:9]} too many"


def dense(what: str, numbers: list[int]) -> Iterator[str]:
    if not numbers or sorted(numbers) != list(range(len(numbers))):
        yield f"{what} are not dense: {len(numbers)} up to {max(numbers, default=None)}"
