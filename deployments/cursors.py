"""Where a page of a list ends, as an opaque word in an address."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from uuid import UUID

from domain.errors import Invalid
from domain.notifications import Place


def spell_place(place: Place) -> str:
    text = f"{place.created_at.isoformat()} {place.notification_id}"
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_place(cursor: str) -> Place:
    """Raises `Invalid` for what is not ours."""
    try:
        text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        at, _, notification_id = text.partition(" ")
        place = Place(datetime.fromisoformat(at), UUID(notification_id))
    except ValueError as error:
        raise Invalid(what="cursor", reason="it is not one of ours") from error
    if place.created_at.tzinfo is None:
        raise Invalid(what="cursor", reason="it is not one of ours")
    return place
