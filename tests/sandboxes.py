"""The SAM.gov sandbox in this process, and clients of it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import httpx
from pydantic import SecretStr

from cluster.clients.sam_gov import SamGov
from cluster.clients.sam_gov_records import CSV_COLUMNS
from cluster.servers.sam_gov_sandbox.app import Sandbox, build_sandbox
from cluster.servers.sam_gov_sandbox.moods import Mood
from cluster.servers.sam_gov_sandbox.shelf import Held, Releases, Shelf
from cluster.settings import SamGovSettings
from cluster.stores.api_quota import MemoryApiQuota

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
KEY = "k-secret-1"


@dataclass
class Seen:
    """What the client did: the requests, and the pauses between them in seconds."""

    requests: list[httpx.Request] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)


def row(notice_id: str, **columns: str) -> dict[str, str]:
    """A row of the bulk file, medical and posted on 2026-03-31."""
    told = {
        "NoticeId": notice_id,
        "Title": f"Gloves {notice_id}",
        "Type": "Solicitation",
        "BaseType": "Solicitation",
        "PostedDate": "2026-03-31 09:00:00.5-04",
        "ResponseDeadLine": "2026-05-01T17:00:00-04:00",
        "ArchiveDate": "2026-05-16",
        "NaicsCode": "339113",
        "ClassificationCode": "6515",
        "Active": "Yes",
        "Description": f"Nitrile gloves, lot {notice_id}.",
    }
    return dict.fromkeys(CSV_COLUMNS, "") | told | columns


def shelf_of(*rows: dict[str, str]) -> Shelf:
    shelf = Shelf()
    for one in rows:
        shelf.put(Held(one))
    return shelf


def generated(folder: Path, backlog: int) -> tuple[Shelf, Releases]:
    shelf = Shelf()
    return shelf, Releases(shelf, folder, backlog, lambda: NOW)


@asynccontextmanager
async def client_of(
    shelf: Shelf,
    mood: Mood | None = None,
    *,
    key: str = KEY,
    quota: MemoryApiQuota | None = None,
    seen: Seen | None = None,
) -> AsyncIterator[SamGov]:
    """Our client, whose server is the sandbox in this process, and which never really pauses."""
    seen = seen or Seen()

    async def pause(seconds: float) -> None:
        seen.pauses.append(seconds)

    async def note(request: httpx.Request) -> None:
        seen.requests.append(request)

    app = build_sandbox(Sandbox(shelf, None, mood), new_every_s=0)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://sandbox",
        event_hooks={"request": [note]},
    ) as http:
        settings = SamGovSettings(api_key=SecretStr(key))
        yield SamGov(http, settings, quota or MemoryApiQuota(1_000, lambda: NOW), pause)
