"""Where a page of results ended: opaque to callers, and bound to the search that it continues."""

import base64
import hashlib
import json
from dataclasses import dataclass

from domain.errors import Invalid
from domain.search import SearchQuery


@dataclass(frozen=True, slots=True)
class Place:
    """After which row to go on: the larger the rank the earlier, then by notice id."""

    rank: float
    notice_id: str


def write_cursor(query: SearchQuery, place: Place) -> str:
    content = json.dumps([place.rank, place.notice_id])
    return base64.urlsafe_b64encode(f"{_seal(query, content)}{content}".encode()).decode()


def read_cursor(query: SearchQuery) -> Place | None:
    """Raises `Invalid` for what `write_cursor` did not give out for this search."""
    if query.cursor is None:
        return None
    try:
        told = base64.b64decode(query.cursor.encode(), altchars=b"-_", validate=True).decode()
        seal, content = told[:16], told[16:]
        rank, notice_id = json.loads(content)
        place = Place(float(rank), str(notice_id))
    except (ValueError, TypeError) as error:
        raise Invalid(what="cursor", reason="it is not one of ours") from error
    if seal != _seal(query, content):
        raise Invalid(what="cursor", reason="it belongs to another search")
    return place


def _seal(query: SearchQuery, content: str) -> str:
    """Whoever changes the search starts again at its first page."""
    asked = query.model_dump_json(exclude={"cursor", "limit"})
    return hashlib.sha256(f"{asked}\n{content}".encode()).hexdigest()[:16]
