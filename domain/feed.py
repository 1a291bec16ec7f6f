"""Live rooms: who may listen where, what a message is, and how a listener knows that it has all."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple
from uuid import UUID

from pydantic import AwareDatetime, JsonValue

from domain.access import PUBLIC, Permission, Principal, authorize
from domain.errors import Forbidden, NotFound

FeedKind = Literal["notification", "progress", "changed", "tokens", "presence"]
Body = Mapping[str, JsonValue]

MAX_MESSAGE_BYTES = 16_384
"""Of a message's body as JSON. What is larger is fetched, not pushed."""

OPPORTUNITIES = "dashboard:opportunities"

ROOMS: Mapping[str, Permission] = {
    "user": Permission.READ_NOTIFICATIONS,
    "tenant": Permission.READ_NOTIFICATIONS,
    "opportunity": Permission.READ_OPPORTUNITIES,
    "document": Permission.READ_DOCUMENTS,
    "dashboard": Permission.READ_OPPORTUNITIES,
}
"""What listening needs, by kind of room. A kind that is not here is no room; both of a client's
events, join and leave, name one.
"""

_OF_EVERYONE = {"opportunity", "dashboard"}
_ROOM = re.compile(rf"({'|'.join(ROOMS)}):([\w.@-]{{1,128}})", re.ASCII)


class Room(NamedTuple):
    """Where messages go, and whose it is: rooms of one name in two tenants don't meet."""

    tenant_id: UUID
    name: str


class Mark(NamedTuple):
    """How far a listener has got in a room.

    Offsets count from 1 without gaps within an epoch. A new epoch means that the room's history
    was lost; the empty one is that of a room in which nothing was said yet.
    """

    offset: int
    epoch: str


START = Mark(0, "")


@dataclass(frozen=True, slots=True)
class FeedMessage:
    offset: int
    epoch: str
    kind: FeedKind
    at: AwareDatetime
    body: Body


@dataclass(frozen=True, slots=True)
class FeedHistory:
    """What came after a mark, oldest first. `mark` is where the room stands now."""

    messages: Sequence[FeedMessage]
    complete: bool
    mark: Mark


def user_room(tenant_id: UUID, user_id: str) -> Room:
    return Room(tenant_id, f"user:{user_id}")


def tenant_room(tenant_id: UUID) -> Room:
    return Room(tenant_id, f"tenant:{tenant_id}")


def opportunity_room(notice_id: str) -> Room:
    return Room(PUBLIC, f"opportunity:{notice_id}")


def document_room(tenant_id: UUID, document_id: UUID) -> Room:
    return Room(tenant_id, f"document:{document_id}")


def dashboard_room() -> Room:
    return Room(PUBLIC, OPPORTUNITIES)


def room_for(principal: Principal, name: str) -> Room:
    """The room of this name that the principal may listen in.

    Raises `NotFound` for a name of no room, and `Forbidden`.
    """
    match = _ROOM.fullmatch(name)
    if not match:
        raise NotFound(what="room", key=name[:128])
    kind, key = match.groups()
    if kind in _OF_EVERYONE:
        authorize(principal, ROOMS[kind])
        return Room(PUBLIC, name)
    if kind == "document":  # Rooms of one name in two tenants don't meet.
        authorize(principal, Permission.READ_DOCUMENTS)
        return Room(principal.tenant_id, name)
    own = principal.user_id if kind == "user" else str(principal.tenant_id)
    if key != own:
        raise Forbidden(who=principal.user_id, what=f"listen in {name}")
    authorize(principal, ROOMS[kind])
    return Room(principal.tenant_id, name)
