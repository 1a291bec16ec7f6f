"""How the sandbox misbehaves: quotas, outages and quirks, as tests ask for them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

Failure = Literal["500", "503", "401", "403", "html", "timeout", "garbage", "ignores"]
"""An answer of that status, an HTML page, silence, broken JSON, or filters that are ignored."""


class Mood(BaseModel):
    """What `POST /control/mood` takes; what is left out stays as it is."""

    model_config = ConfigDict(extra="forbid")

    fail_next: int = 0
    fail_with: Failure = "500"
    quota_left: int | None = None
    """Calls until 429; None: without end."""
    retry_after_s: int = 60
    tells_next_access: bool = True
    counts_rows: bool = False
    """`offset` counts rows, not pages."""
    valid_key: str | None = None
    """None: every key but an empty one is good."""
    files_lead_to: str | None = None
    """Where a file's link sends to; None: to the file."""


@dataclass(slots=True)
class Answer:
    """Status, body (JSON unless it is text) and headers."""

    status: int
    body: Any
    headers: dict[str, str]


def refuse(status: int, text: str) -> Answer:
    return Answer(status, {"errorCode": status, "errorMessage": text}, {})


def check_key(mood: Mood, key: str | None) -> Answer | None:
    if not key:
        return refuse(400, "No api_key was supplied")
    if mood.valid_key is not None and key != mood.valid_key:
        return refuse(400, "An invalid api_key was supplied")
    return None


def spend(mood: Mood) -> Answer | None:
    """One call of quota; the 429 once it is used up."""
    if mood.quota_left is None:
        return None
    if mood.quota_left > 0:
        mood.quota_left -= 1
        return None
    at = datetime.now(UTC) + timedelta(seconds=mood.retry_after_s)
    told = f"{at:%Y-%b-%d %H:%M:%S}+0000 UTC"
    body = {
        "code": "900804",
        "message": "Message throttled out",
        "description": f"You have exceeded your quota. You can access API after {told}",
    }
    next_access = {"nextAccessTime": told} if mood.tells_next_access else {}
    return Answer(429, body | next_access, {"Retry-After": str(mood.retry_after_s)})


def fail(mood: Mood) -> Failure | None:
    """What goes wrong with this call, if anything."""
    if mood.fail_next <= 0:
        return None
    mood.fail_next -= 1
    return mood.fail_with
