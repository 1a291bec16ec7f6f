"""Files that notices link to: fetched from SAM.gov, or from where it sends us, into a file."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path, PurePosixPath
from typing import BinaryIO

import httpx

from cluster.clients.public_only import PublicOnly
from cluster.clients.sam_gov import SAM_GOV, base_url, hide_keys
from cluster.clients.sam_gov_answers import TryAgain, failure, redact
from cluster.clients.sam_gov_attempts import Attempts, Quota
from cluster.settings import SamGovSettings
from domain.attachments import file_path
from domain.document import MAX_DOCUMENT_BYTES
from domain.errors import Forbidden, Invalid, NotFound, Unreadable

FILES = "https://sam.gov"
"""Where links lead; a server that stands in for SAM.gov has them under its own address."""

MOST_REDIRECTS = 5
_TIMEOUT_S = 30.0
_REFUSAL_BYTES = 64 * 1024
_PAGES = ("text/html", "application/json")


@dataclass(frozen=True, slots=True)
class Most:
    """What one file may take: in seconds, with all that it is sent on to, and in bytes."""

    seconds: float = 900.0
    size_bytes: int = MAX_DOCUMENT_BYTES


@dataclass(frozen=True, slots=True)
class FetchedFile:
    """`name` is the sender's, and only to be shown."""

    name: str
    size_bytes: int


class SamGovFiles:
    """The key goes to SAM.gov alone, and reaches neither logs nor errors.

    `http` must refuse what is not public (`PublicOnly`) and follow no redirect by itself.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        settings: SamGovSettings,
        attempts: Attempts,
        most: Most | None = None,
    ) -> None:
        self._http = http
        self._key = settings.api_key.get_secret_value()
        base = base_url(settings)
        self._origin = FILES if base == SAM_GOV else base
        self._attempts = attempts
        self._most = most or Most()

    async def fetch(self, link: str, path: Path) -> FetchedFile:
        """Into the file, a piece at a time. Repeating it overwrites.

        Raises `Unavailable` and `QuotaExceeded` for what may work later; `NotFound`, `Forbidden`,
        `Unreadable` (too large) and `Invalid` (an address that we don't ask) for what won't.
        """
        first = httpx.URL(self._origin + file_path(link))
        if self._key:
            first = first.copy_add_param("api_key", self._key)

        async def once() -> FetchedFile:
            try:
                async with asyncio.timeout(self._most.seconds):
                    return await self._follow(first, path)
            except TimeoutError:
                raise TryAgain(f"it took longer than {self._most.seconds:g} s") from None
            except httpx.TransportError as error:
                raise TryAgain(f"{type(error).__name__} {redact(str(error))}".strip()) from None

        return await self._attempts(once)

    async def _follow(self, url: httpx.URL, path: Path) -> FetchedFile:
        for _ in range(MOST_REDIRECTS + 1):
            async with self._http.stream("GET", url, follow_redirects=False) as answer:
                if not answer.has_redirect_location:
                    await _check(answer)
                    return await _save(answer, path, self._most.size_bytes)
                url = _next(url, answer.headers["Location"])
        raise Invalid(what="the link", reason=f"it was sent on more than {MOST_REDIRECTS} times")


@asynccontextmanager
async def open_sam_gov_files(settings: SamGovSettings, quota: Quota) -> AsyncIterator[SamGovFiles]:
    """Asks nothing yet. Raises `Invalid` where the settings name no server."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).addFilter(hide_keys)
    base = base_url(settings)
    besides = "" if base == SAM_GOV else base
    transport = PublicOnly(httpx.AsyncHTTPTransport(), besides)
    async with httpx.AsyncClient(transport=transport, timeout=_TIMEOUT_S, trust_env=False) as http:
        yield SamGovFiles(http, settings, Attempts(quota))


def _next(url: httpx.URL, location: str) -> httpx.URL:
    """With nothing of ours added: where it leads is checked when it is asked."""
    try:
        found = url.join(location)
    except httpx.InvalidURL as error:
        raise Invalid(what="the link", reason="it was sent on to no address") from error
    if found.scheme not in {"http", "https"} or found.userinfo:
        raise Invalid(what="the link", reason="it was sent on to an address that we don't ask")
    return found


async def _check(answer: httpx.Response) -> None:
    """Raises for what is no file."""
    status = answer.status_code
    if status in {httpx.codes.NOT_FOUND, httpx.codes.GONE}:
        raise NotFound(what="attachment", key="at SAM.gov")
    if status in {httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN}:
        raise Forbidden(who="the hub", what="fetch this file: SAM.gov wants a sign-in for it")
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
    if status != httpx.codes.OK:
        body = b"".join([piece async for piece in _start_of(answer)])
        raise failure(httpx.Response(status, headers=answer.headers, content=body))
    if kind in _PAGES and "Content-Disposition" not in answer.headers:
        raise TryAgain(f"it answered with {kind}, not with a file")


async def _start_of(answer: httpx.Response) -> AsyncIterator[bytes]:
    left = _REFUSAL_BYTES
    async for piece in answer.aiter_raw():
        yield piece[:left]
        left -= len(piece)
        if left <= 0:
            return


async def _save(answer: httpx.Response, path: Path, most: int) -> FetchedFile:
    """Raises `Unreadable` for more than we take, `TryAgain` for less than was announced."""
    announced = answer.headers.get("Content-Length", "")
    if announced.isdigit() and int(announced) > most:
        raise _oversized(int(announced), most)
    size = 0
    with path.open("wb") as file:
        async for piece in answer.aiter_bytes():
            size += len(piece)
            if size > most:
                raise _oversized(size, most)
            await _write(file, piece)
    encoded = "Content-Encoding" in answer.headers
    if announced.isdigit() and not encoded and size != int(announced):
        raise TryAgain(f"it sent {size} of {announced} bytes")
    return FetchedFile(_name(answer), size)


async def _write(file: BinaryIO, piece: bytes) -> None:
    await asyncio.to_thread(file.write, piece)


def _oversized(size: int, most: int) -> Unreadable:
    reason = f"it has {size:,} bytes or more; at most {most:,} are taken"
    return Unreadable(file="the file", reason=reason, code="oversized")


def _name(answer: httpx.Response) -> str:
    """From Content-Disposition (RFC 6266, RFC 5987), else the address's last part."""
    told = Message()
    told["Content-Disposition"] = answer.headers.get("Content-Disposition", "")
    return told.get_filename() or PurePosixPath(answer.request.url.path).name or "attachment"
