"""The live feed in Redis: a bounded stream a room, and a bell that rings when one has news.

Beside each stream lies a hash with the room's epoch and its last offset. Both expire together when
nothing is said for a while. After a failover to a replica that lags, offsets of one epoch can stand
for other messages: the price of Redis's asynchronous replication, paid with toasts and never with
facts, which lie in Postgres.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from pydantic import TypeAdapter
from redis.asyncio import Redis

from cluster.stores.redis import key, outages
from domain.access import PUBLIC
from domain.clock import Clock, utc_now
from domain.errors import Invalid
from domain.feed import (
    MAX_MESSAGE_BYTES,
    START,
    Body,
    FeedHistory,
    FeedKind,
    FeedMessage,
    Mark,
    Room,
)
from domain.ports import OnRing

KEPT_MESSAGES = 200
KEPT_S = 7 * 24 * 3600
BELL: Final = key(PUBLIC, "bell", "feed")
"""The channel on which each room's name is called after it got a message."""

# Stored and announced in one step. An entry's id is its offset, so that a gap can be seen.
_PUBLISH = """
local stream, state = KEYS[1], KEYS[2]
if redis.call('exists', state) == 0 then
    redis.call('del', stream)
    redis.call('hset', state, 'epoch', ARGV[1], 'last', 0)
end
local offset = redis.call('hincrby', state, 'last', 1)
redis.call('xadd', stream, 'maxlen', ARGV[2], offset .. '-0', 'message', ARGV[3])
redis.call('expire', stream, ARGV[4])
redis.call('expire', state, ARGV[4])
redis.call('publish', ARGV[5], ARGV[6])
return {offset, redis.call('hget', state, 'epoch')}
"""

_STORED = TypeAdapter(dict[str, Any])
_BODY = TypeAdapter(Body)
_MESSAGE = TypeAdapter(FeedMessage)


class RedisLiveFeed:
    """Implements `domain.ports.LiveFeed`."""

    def __init__(self, client: Redis, clock: Clock = utc_now) -> None:
        self._client = client
        self._clock = clock
        self._publish = client.register_script(_PUBLISH)

    async def publish(self, room: Room, kind: FeedKind, body: Body) -> FeedMessage:
        check_size(body)
        at = self._clock()
        stored = _STORED.dump_json({"kind": kind, "at": at, "body": body})
        with outages():
            offset, epoch = await self._publish(
                keys=[_stream(room), _state(room)],
                args=[uuid4().hex, KEPT_MESSAGES, stored, KEPT_S, BELL, ring(room)],
            )
        return FeedMessage(offset, epoch.decode(), kind, at, body)

    async def since(self, room: Room, mark: Mark | None) -> FeedHistory:
        now, messages = await self._read(room, after=mark.offset if mark else None)
        if mark is None:
            return FeedHistory([], True, now)
        if mark.epoch != now.epoch:
            now, messages = await self._read(room, after=0)
        return FeedHistory(messages, is_complete(mark, now, messages), now)

    async def _read(self, room: Room, *, after: int | None) -> tuple[Mark, list[FeedMessage]]:
        """Where the room stands and what came after an offset, seen at the same moment."""
        async with self._client.pipeline(transaction=True) as pipeline:
            pipeline.hmget(_state(room), ["epoch", "last"])
            if after is not None:
                pipeline.xrange(_stream(room), min=f"{after + 1}-0")
            with outages():
                (epoch, last), *entries = await pipeline.execute()
        if epoch is None:
            return START, []
        now = Mark(int(last), epoch.decode())
        return now, [_message(now.epoch, *entry) for found in entries for entry in found]


def check_size(body: Body) -> None:
    size = len(_BODY.dump_json(body))
    if size > MAX_MESSAGE_BYTES:
        raise Invalid(what="a live message", reason=f"{size} bytes, more than {MAX_MESSAGE_BYTES}")


def is_complete(mark: Mark, now: Mark, messages: Sequence[FeedMessage]) -> bool:
    """Whether the messages are all that a listener at this mark has missed."""
    if mark != START and mark.epoch != now.epoch:
        return False
    return now.offset - mark.offset == len(messages)


def ring(room: Room) -> str:
    """A room, as the bell calls it."""
    return f"{room.tenant_id}/{room.name}"


def rung(call: bytes) -> Room:
    tenant_id, _, name = call.decode().partition("/")
    return Room(UUID(tenant_id), name)


def _message(epoch: str, entry_id: bytes, fields: dict[bytes, bytes]) -> FeedMessage:
    stored = _STORED.validate_json(fields[b"message"])
    offset = int(entry_id.partition(b"-")[0])
    return _MESSAGE.validate_python({**stored, "offset": offset, "epoch": epoch})


def _stream(room: Room) -> str:
    return key(room.tenant_id, "feed", room.name)


def _state(room: Room) -> str:
    return key(room.tenant_id, "feed-state", room.name)


class MemoryLiveFeed:
    """Implements `domain.ports.LiveFeed` and `FeedBell`, for one process."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self._clock = clock
        self._on_ring: set[OnRing] = set()
        self._rooms: dict[Room, tuple[str, list[FeedMessage]]] = {}

    async def publish(self, room: Room, kind: FeedKind, body: Body) -> FeedMessage:
        check_size(body)
        epoch, said = self._rooms.setdefault(room, (uuid4().hex, []))
        offset = said[-1].offset + 1 if said else 1
        said.append(FeedMessage(offset, epoch, kind, self._clock(), body))
        del said[:-KEPT_MESSAGES]
        for on_ring in self._on_ring:
            on_ring(room)
        return said[-1]

    async def since(self, room: Room, mark: Mark | None) -> FeedHistory:
        if room not in self._rooms:
            return FeedHistory([], mark in (None, START), START)
        epoch, said = self._rooms[room]
        now = Mark(said[-1].offset, epoch)
        if mark is None:
            return FeedHistory([], True, now)
        after = mark.offset if mark.epoch == epoch else 0
        messages = [message for message in said if message.offset > after]
        return FeedHistory(messages, is_complete(mark, now, messages), now)

    async def listen(self, on_ring: OnRing) -> None:
        self._on_ring.add(on_ring)
        on_ring(None)
        try:
            await asyncio.Event().wait()
        finally:
            self._on_ring.discard(on_ring)

    def trouble(self) -> str | None:
        return None if self._on_ring else "nobody listens"

    def forget(self, room: Room) -> None:
        """As Redis does with a room in which nothing was said for long."""
        del self._rooms[room]
