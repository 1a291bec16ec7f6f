"""Who listens to what in this replica, and getting each room's news to them in order."""

import asyncio
import logging
from dataclasses import dataclass, field

from pydantic import JsonValue, TypeAdapter

from deployments.realtime.connection import Connection
from deployments.realtime.packets import event
from domain.errors import Unavailable
from domain.feed import FeedHistory, FeedMessage, Mark, Room
from domain.ports import LiveFeed

logger = logging.getLogger(__name__)

RETRY_S = 0.5
AT_ONCE = 8
"""Rooms that are read at the same time."""

MESSAGE = TypeAdapter(FeedMessage)


@dataclass(slots=True)
class _Members:
    """A room with members. `mark` is what this replica has passed on; each member has its own,
    for one who has just joined may be ahead.
    """

    mark: Mark
    marks: dict[Connection, Mark] = field(default_factory=dict)


class Rooms:
    """What a ring tells is read from the feed, so a ring lost is made good by the next."""

    def __init__(self, feed: LiveFeed) -> None:
        self._feed = feed
        self._rooms: dict[Room, _Members] = {}
        self._rung: set[Room] = set()
        self._news = asyncio.Event()

    async def join(self, client: Connection, room: Room, mark: Mark | None) -> FeedHistory:
        """What the client has missed; what follows is offered to it. Raises `Unavailable`.

        Joining again starts at the mark given.
        """
        history = await self._feed.since(room, mark)
        members = self._rooms.setdefault(room, _Members(history.mark))
        members.marks[client] = history.mark
        self.ring(room)  # Something may have been said before we listened to its bell.
        return history

    def leave(self, client: Connection, room: Room) -> None:
        if members := self._rooms.get(room):
            members.marks.pop(client, None)
            if not members.marks:
                del self._rooms[room]

    def count(self) -> int:
        return len(self._rooms)

    def ring(self, room: Room | None) -> None:
        """There may be news in the room, or in any."""
        rung = set(self._rooms) if room is None else {room} & self._rooms.keys()
        self._rung |= rung
        if rung:
            self._news.set()

    async def deliver(self) -> None:
        """Until cancelled, through outages of the feed."""
        while True:
            await self._news.wait()
            self._news.clear()
            rooms, self._rung = self._rung, set()
            places = asyncio.Semaphore(AT_ONCE)
            outages = await asyncio.gather(*(self._deliver(room, places) for room in rooms))
            if any(outages):
                await asyncio.sleep(RETRY_S)

    async def _deliver(self, room: Room, places: asyncio.Semaphore) -> bool:
        """Whether the feed did not answer: then the room rings again."""
        members = self._rooms.get(room)
        if members is None:
            return False
        try:
            async with places:
                history = await self._feed.since(room, members.mark)
        except Unavailable as error:
            logger.warning("news of a room wait: %s", error)
            self.ring(room)
            return True
        members.mark = history.mark
        for message in history.messages:
            _offer(room, message, members)
        return False


def to_json(message: FeedMessage) -> JsonValue:
    """As the contract has it: offset, epoch, kind, at, body."""
    told: JsonValue = MESSAGE.dump_python(message, mode="json")
    return told


def _offer(room: Room, message: FeedMessage, members: _Members) -> None:
    """Encoded once for all; not to those who have it from joining."""
    frame = event("message", room.name, to_json(message))
    for client, mark in members.marks.items():
        if mark.epoch != message.epoch or mark.offset < message.offset:
            members.marks[client] = Mark(message.offset, message.epoch)
            client.offer(frame)
