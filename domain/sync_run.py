"""A run of `sync_notices`, as one fact: what was asked, what came of it, what it may still ask."""

from datetime import date
from typing import Literal

from domain.events import Event


class SyncRunFinished(Event):
    """`pages` are the digests under which the raw answers are kept, in the order they came."""

    type: Literal["SyncRunFinished"] = "SyncRunFinished"
    source: str
    posted_from: date
    posted_to: date
    seen: int
    discovered: int
    amended: int
    closed: int
    awarded: int
    unchanged: int
    rejected: int
    described: int
    quota_left: int
    pages: tuple[str, ...]
