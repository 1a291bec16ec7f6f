"""SAM.gov's opportunities (v2) and entities (v3), or any server that behaves like it."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx

from cluster.clients.sam_gov_answers import SERVICE, TryAgain, failure, read_json, redact
from cluster.clients.sam_gov_attempts import Attempts, Quota, Sleep
from cluster.clients.sam_gov_entities import read_entity
from cluster.clients.sam_gov_filters import check_filters, check_rows
from cluster.clients.sam_gov_paging import Paging
from cluster.clients.sam_gov_values import readable
from cluster.settings import SamGovSettings
from domain.breaker import Breaker
from domain.errors import Invalid, Unavailable

SAM_GOV = "https://api.sam.gov"
LOOPBACK = "http://127.0.0.1"
PAGE_SIZE = 1_000
LONGEST_WINDOW = timedelta(days=364)
NO_KEY = "none"
"""What we say where no key is set: a sandbox only wants to hear something."""
TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Page:
    """One answer: the records that earlier pages did not hold, and the raw answer.

    `complete` is false on a last page after which SAM.gov's own total is not reached.
    """

    records: Sequence[Mapping[str, Any]]
    raw: bytes
    total: int
    complete: bool = True


class SamGov:
    """Documented requests alone. The key reaches neither logs nor errors.

    Methods raise `Unavailable` (an outage), `QuotaExceeded` (try after its `retry_at`),
    `Forbidden` (the key) and `Invalid` (the request): none of them ever reads as "no data".
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        settings: SamGovSettings,
        quota: Quota,
        sleep: Sleep = asyncio.sleep,
        breaker: Breaker | None = None,
    ) -> None:
        self._http = http
        self._key = settings.api_key
        self._quota = quota
        self._attempts = Attempts(quota, sleep, breaker)

    async def search(
        self, posted_from: date, posted_to: date, /, *, limit: int = PAGE_SIZE, **filters: str
    ) -> AsyncIterator[Page]:
        """All that was posted from one day to another, both included, in windows of a year.

        `filters` are documented parameters under SAM.gov's names; `Invalid` for any other.
        """
        check_filters(filters)
        for first, last in windows(posted_from, posted_to):
            days = {"postedFrom": f"{first:%m/%d/%Y}", "postedTo": f"{last:%m/%d/%Y}"}
            async for page in self._pages(days | filters, limit):
                check_rows(page.records, first, last, filters)
                yield page

    async def description(self, notice_id: str) -> str | None:
        """The text of a notice without HTML, or None where it has none. Costs one call."""
        asked = {"noticeid": notice_id}
        answer = await self._ask("/opportunities/v1/noticedesc", asked)
        text = (read_json(answer, absent="description not found") or {}).get("description")
        return readable(text) or None if isinstance(text, str) else None

    async def entity(self, uei: str) -> Mapping[str, Any]:
        """A company's registration. Costs one call. Raises `NotFound` for an unknown UEI."""
        sections = "entityRegistration,coreData,assertions"
        asked = {"ueiSAM": uei, "includeSections": sections}
        answer = await self._ask("/entity-information/v3/entities", asked)
        return read_entity(read_json(answer, absent="no data found"), uei)

    async def quota_left(self) -> int:
        return await self._quota.left()

    async def _pages(self, parameters: Mapping[str, str], limit: int) -> AsyncIterator[Page]:
        paging = Paging(limit)
        while paging.offset is not None:
            asked = {**parameters, "limit": str(limit), "offset": str(paging.offset)}
            answer = await self._ask("/opportunities/v2/search", asked)
            total, records = _rows(read_json(answer, absent="no data found"))
            fresh = paging.turn(records, total)
            yield Page(fresh, answer.content, total, complete=paging.complete)

    async def _ask(self, path: str, parameters: Mapping[str, str]) -> httpx.Response:
        """One request. While the API fails and fails, it is not asked, and no quota is spent."""

        async def once() -> httpx.Response:
            return await self._once(path, parameters)

        return await self._attempts(once)

    async def _once(self, path: str, parameters: Mapping[str, str]) -> httpx.Response:
        secret = {"api_key": self._key.get_secret_value() or NO_KEY}
        try:
            answer = await self._http.get(path, params={**secret, **parameters})
        except httpx.TransportError as error:
            raise TryAgain(f"{type(error).__name__} {redact(str(error))}".strip()) from None
        if answer.status_code not in (httpx.codes.OK, httpx.codes.NOT_FOUND):
            raise failure(answer)
        return answer


@asynccontextmanager
async def open_sam_gov(settings: SamGovSettings, quota: Quota) -> AsyncIterator[SamGov]:
    """Asks nothing yet. Raises `Invalid` where the settings name no server."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).addFilter(hide_keys)
    url = base_url(settings)
    proxied = not url.startswith(LOOPBACK)  # A sandbox is never behind the environment's proxy.
    async with httpx.AsyncClient(base_url=url, timeout=TIMEOUT_S, trust_env=proxied) as http:
        yield SamGov(http, settings, quota)


def base_url(settings: SamGovSettings) -> str:
    """The server that is named, else SAM.gov if there is a key for it."""
    if settings.base_url:
        return settings.base_url.rstrip("/")
    if settings.api_key.get_secret_value():
        return SAM_GOV
    raise Invalid(what="MCH_SAM_GOV", reason="neither api_key nor base_url is set")


def windows(first: date, last: date) -> list[tuple[date, date]]:
    """The span in pieces that SAM.gov takes, at most a year each."""
    pieces = []
    while first <= last:
        end = min(first + LONGEST_WINDOW, last)
        pieces.append((first, end))
        first = end + timedelta(days=1)
    return pieces


def _rows(body: Mapping[str, Any] | None) -> tuple[int, Sequence[Mapping[str, Any]]]:
    """The total and the rows of an envelope. What is none is an outage, not zero rows."""
    if body is None:
        return 0, []
    total, rows = body.get("totalRecords"), body.get("opportunitiesData")
    if not isinstance(total, int) or not isinstance(rows, list | None):
        raise Unavailable(service=SERVICE, reason="it answered without totalRecords and rows")
    return total, [row for row in rows or [] if isinstance(row, dict)]


def hide_keys(record: logging.LogRecord) -> bool:
    """A filter for the loggers of HTTP clients."""
    record.msg, record.args = redact(record.getMessage()), ()
    return True
