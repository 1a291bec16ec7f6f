"""What SAM.gov's answers mean: rows, nothing, a refusal, a spent quota, or an outage."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from domain.errors import Forbidden, HubError, Invalid, QuotaExceeded, Unavailable

SERVICE = "sam_gov"

_KEY = re.compile(r"(api_key=)[^&\s\"']+", re.IGNORECASE)
_MOMENT = re.compile(r"(\d{4}-\w{3}-\d{2} \d{2}:\d{2}:\d{2})(?:\.\d+)?\s*(?:[+-]\d{4})?\s*UTC")
_DEFAULT_PAUSE = timedelta(hours=1)
_RETRIED = {408, 500, 502, 503, 504}


class TryAgain(Exception):
    """A passing failure: the same request may work soon."""


def redact(text: str) -> str:
    """Text without any API key in an address."""
    return _KEY.sub(r"\1…", text)


def read_json(answer: httpx.Response, *, absent: str) -> Mapping[str, Any] | None:
    """The object of a good answer; None for a 404 in the words that mean absence, in lower case.

    Raises `Unavailable` for an answer that is not the API's, which never reads as no data, and
    else what `failure` tells.
    """
    body = _object(answer)
    if answer.status_code == httpx.codes.OK and body is not None:
        return body
    if answer.status_code == httpx.codes.NOT_FOUND and absent in answer.text.casefold():
        return None
    raise failure(answer)


def failure(answer: httpx.Response) -> Exception:
    """What an answer that brings nothing stands for.

    `TryAgain`, `QuotaExceeded`, `Forbidden` (the key), `Invalid` (the request) or `Unavailable`.
    """
    status, body = answer.status_code, _object(answer)
    if status in _RETRIED:
        return TryAgain(f"HTTP {status}")
    if status == httpx.codes.TOO_MANY_REQUESTS or (body or {}).get("code") == "900804":
        return QuotaExceeded(service=SERVICE, retry_at=retry_at(answer, body or {}))
    return _refusal(status, _text(answer, body))


def retry_at(answer: httpx.Response, body: Mapping[str, Any]) -> datetime:
    """When the answer lets us come back. It says so in up to three ways; the latest counts."""
    now = datetime.now(UTC)
    told = [_after(answer.headers.get("Retry-After"), now)]
    told += [_named(str(body.get(key, ""))) for key in ("nextAccessTime", "description")]
    return max((moment for moment in told if moment), default=now + _DEFAULT_PAUSE)


def _after(header: str | None, now: datetime) -> datetime | None:
    """Seconds or an HTTP date. None where it is neither."""
    if not header:
        return None
    if header.strip().isdigit():
        return now + timedelta(seconds=int(header))
    try:
        return parsedate_to_datetime(header).astimezone(UTC)
    except ValueError:
        return None


def _named(text: str) -> datetime | None:
    """`2026-Sep-12 20:00:00+0000 UTC`, alone or in a sentence."""
    found = _MOMENT.search(text)
    if not found:
        return None
    return datetime.strptime(found[1], "%Y-%b-%d %H:%M:%S").replace(tzinfo=UTC)


def _refusal(status: int, text: str) -> HubError:
    if status in (401, 403) or "api_key" in text:
        return Forbidden(who="the API key", what=f"ask SAM.gov ({status}: {text})")
    if status == httpx.codes.BAD_REQUEST:
        return Invalid(what="the request to SAM.gov", reason=text)
    return Unavailable(service=SERVICE, reason=f"it answered {status}: {text}")


def _object(answer: httpx.Response) -> Mapping[str, Any] | None:
    try:
        body = json.loads(answer.content)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def _text(answer: httpx.Response, body: Mapping[str, Any] | None) -> str:
    told = (
        next((body[key] for key in ("errorMessage", "message", "error") if key in body), None)
        if body
        else None
    )
    return redact(str(told or answer.text[:200]).strip())
