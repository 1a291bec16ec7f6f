"""Dead letters: what a consumer group could not handle, for operators to see and to send again.

Each is announced on the topic `contracts.dead-letters` with its origin in headers. The table is
what operators work with: a letter that is sent again goes to its own group alone.
"""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aiokafka.errors import KafkaError

from cluster.settings import KafkaSettings
from cluster.stores.event_topic import open_producer
from cluster.stores.letters import Letter
from cluster.stores.postgres import Pool, fetch_row, fetch_rows
from domain.errors import NotFound, Unavailable
from domain.wire import DEAD_LETTERS

_COUNT = """
select count from dead_letter
where (consumer, topic, partition, kafka_offset) = ($1, $2, $3, $4)
"""

_PUT = """
insert into dead_letter (consumer, topic, partition, kafka_offset, position, event_id, event_type,
                         error, count, key, value, headers)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::text::jsonb)
on conflict (consumer, topic, partition, kafka_offset) do update
set error = excluded.error, count = excluded.count, state = 'parked', at = now()
"""

_TO_RETRY = """
select * from dead_letter where consumer = $1 and state = 'retry' order by id limit $2
"""

_SETTLE = "update dead_letter set state = 'done' where id = any($1) and state = 'retry'"

_LIST = """
select id, consumer, topic, partition, kafka_offset, position, event_id, event_type, error, count,
       state, at
from dead_letter
where state in ('parked', 'retry') and ($1::text is null or consumer = $1)
order by id limit $2
"""

_SHOW = "select * from dead_letter where id = $1"

_MOVE = """
update dead_letter set state = $2
where id = any($1) and state in ('parked', 'retry')
returning id
"""

Announce = Callable[[Letter, Mapping[str, str]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """One line of the list. `position` and what follows are None where it cannot be read."""

    id: int
    consumer: str
    topic: str
    partition: int
    kafka_offset: int
    position: int | None
    event_id: str | None
    event_type: str | None
    error: str
    count: int
    state: str
    at: datetime


class GroupDeadLetters:
    """Implements `cluster.stores.event_consumer.DeadLetters` for one consumer group."""

    def __init__(self, pool: Pool, group: str, announce: Announce) -> None:
        self._pool = pool
        self._group = group
        self._announce = announce

    async def put(self, letter: Letter, reason: str) -> None:
        place = (self._group, letter.topic, letter.partition, letter.offset)
        row = await fetch_row(self._pool, _COUNT, *place)
        count = (row["count"] if row else 0) + 1
        await self._announce(letter, _facts(letter, self._group, reason, count))
        headers = json.dumps([[name, value.hex()] for name, value in letter.headers])
        told = _told(letter)
        position, event_id, event_type = (told.get(n) for n in ("position", "id", "type"))
        content = (letter.key, letter.value, headers)
        await fetch_rows(
            self._pool, _PUT, *place, position, event_id, event_type, reason, count, *content
        )

    async def to_retry(self, limit: int) -> Sequence[Letter]:
        rows = await fetch_rows(self._pool, _TO_RETRY, self._group, limit)
        return [_letter(row) for row in rows]

    async def settle(self, retries: Sequence[int]) -> None:
        await fetch_rows(self._pool, _SETTLE, list(retries))


def announcing(settings: KafkaSettings) -> Announce:
    """Opens a producer for each letter: they are few."""

    async def announce(letter: Letter, facts: Mapping[str, str]) -> None:
        headers = [*letter.headers, *((name, fact.encode()) for name, fact in facts.items())]
        async with open_producer(settings) as producer:
            try:
                await producer.send_and_wait(
                    DEAD_LETTERS, letter.value, key=letter.key, headers=headers
                )
            except KafkaError as error:
                raise Unavailable(service="kafka", reason=repr(error)) from error

    return announce


async def list_dead_letters(
    pool: Pool, *, consumer: str | None = None, limit: int = 100
) -> list[DeadLetter]:
    """Those that wait for a decision or to be handled again, the oldest first."""
    rows = await fetch_rows(pool, _LIST, consumer, limit)
    return [DeadLetter(**row) for row in rows]


async def show_dead_letter(pool: Pool, number: int) -> tuple[DeadLetter, Letter]:
    """Raises `NotFound`."""
    row = await fetch_row(pool, _SHOW, number)
    if row is None:
        raise NotFound(what="dead letter", key=str(number))
    told = {name: row[name] for name in DeadLetter.__dataclass_fields__}
    return DeadLetter(**told), _letter(row)


async def retry_dead_letters(pool: Pool, numbers: Sequence[int]) -> list[int]:
    """Their groups get them again within seconds, though later events may have come before.

    Tells which: not those that are done or dropped.
    """
    return [row["id"] for row in await fetch_rows(pool, _MOVE, list(numbers), "retry")]


async def drop_dead_letters(pool: Pool, numbers: Sequence[int]) -> list[int]:
    """They stay in the table and the topic, and are listed no more."""
    return [row["id"] for row in await fetch_rows(pool, _MOVE, list(numbers), "dropped")]


def _facts(letter: Letter, group: str, reason: str, count: int) -> dict[str, str]:
    return {
        "original-topic": letter.topic,
        "original-partition": str(letter.partition),
        "original-offset": str(letter.offset),
        "group": group,
        "error": reason,
        "count": str(count),
    }


def _told(letter: Letter) -> dict[str, Any]:
    """What can be read of it, which may be nothing."""
    position = dict(letter.headers).get("position", b"")
    told: dict[str, Any] = {"position": int(position)} if position.isdigit() else {}
    try:
        wire = json.loads(letter.value)
        return {**told, "id": str(wire["eventId"]), "type": str(wire["eventType"])}
    except (ValueError, KeyError, TypeError):
        return told


def _letter(row: Any) -> Letter:
    return Letter(
        topic=row["topic"],
        partition=row["partition"],
        offset=row["kafka_offset"],
        key=row["key"],
        value=row["value"],
        headers=tuple((name, bytes.fromhex(value)) for name, value in json.loads(row["headers"])),
        retry=row["id"],
    )
