"""A broker of paper, and a consumer group's source over it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition

from cluster.stores.event_consumer import KafkaEventSource, Limits
from cluster.stores.memory import MemoryDeadLetters
from domain.events import Recorded
from domain.flows import EVENT_TYPES
from domain.wire import TOPICS, headers, to_wire
from tests.events import recorded

TOPIC = TOPICS["Opportunity"]
HERE = TopicPartition(TOPIC, 0)


@dataclass
class Record:
    offset: int
    value: bytes
    headers: Sequence[tuple[str, bytes]]
    topic: str = TOPIC
    partition: int = 0
    key: bytes = b"n1"


@dataclass
class PaperConsumer:
    """Serves the given records as long as the limit allows, then nothing."""

    records: list[Record]
    error: Exception | None = None
    owned: set[TopicPartition] = field(default_factory=lambda: {HERE})
    committed: dict[TopicPartition, int] = field(default_factory=dict)
    asleep: set[TopicPartition] = field(default_factory=set)
    at_once: int = 1_000

    async def getmany(
        self, *, timeout_ms: int, max_records: int
    ) -> Mapping[TopicPartition, Sequence[Any]]:
        if self.error:
            raise self.error
        most = min(max_records, self.at_once)
        taken, self.records = self.records[:most], self.records[most:]
        return {HERE: taken} if taken else {}

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        if self.error:
            raise self.error
        self.committed.update(offsets)

    def assignment(self) -> set[TopicPartition]:
        return self.owned

    def pause(self, *partitions: TopicPartition) -> None:
        self.asleep |= set(partitions)

    def resume(self, *partitions: TopicPartition) -> None:
        self.asleep -= set(partitions)


def record(offset: int, event: Recorded | None = None, **changed: Any) -> Record:
    sent = event or recorded(position=offset + 1)
    wire = {**to_wire(sent), **changed}
    return Record(offset, json.dumps(wire).encode(), headers(sent))


UNREADABLE = Record(1, b"{", headers(recorded(position=2)))


def source_of(
    *records: Record, limits: Limits | None = None
) -> tuple[KafkaEventSource, PaperConsumer, MemoryDeadLetters]:
    consumer, dead = PaperConsumer(list(records)), MemoryDeadLetters()
    return KafkaEventSource(consumer, EVENT_TYPES, dead, limits), consumer, dead
