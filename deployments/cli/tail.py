"""Events as they are on Kafka, for people who watch."""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from cluster.settings import KafkaSettings
from cluster.stores.kafka_client import client_options
from domain.errors import Unavailable
from domain.opportunity import OPPORTUNITY
from domain.wire import TOPICS

Show = Callable[[dict[str, Any]], None]


async def tail_events(kafka: KafkaSettings, show: Show, *, from_start: bool) -> None:
    """Until cancelled. Belongs to no consumer group, so nobody notices. Raises `Unavailable`."""
    consumer = AIOKafkaConsumer(
        *set(TOPICS.values()),
        **client_options(kafka),
        enable_auto_commit=False,
        auto_offset_reset="earliest" if from_start else "latest",
    )
    try:
        await consumer.start()
        async for message in consumer:
            show({"topic": message.topic, **_facts(message.headers), **json.loads(message.value)})
    except KafkaError as error:
        raise Unavailable(service="kafka", reason=repr(error)) from error
    finally:
        await _stop(consumer)


async def _stop(consumer: AIOKafkaConsumer) -> None:
    """Whoever stops one that is still joining hears of a task that it cancels itself."""
    with suppress(asyncio.CancelledError):
        await consumer.stop()


def _facts(headers: tuple[tuple[str, bytes], ...]) -> dict[str, str]:
    return {name: value.decode() for name, value in headers}


def _is_opportunity(message: Any) -> bool:
    """Solicitations share the topic."""
    is_one: bool = json.loads(message.value)["aggregateType"] == OPPORTUNITY.aggregate_type
    return is_one


async def published_ids(kafka: KafkaSettings, topic: str, heads: dict[int, int]) -> set[str]:
    """Distinct opportunities in their topic, read until each partition's head position is seen."""
    consumer = AIOKafkaConsumer(
        **client_options(kafka), enable_auto_commit=False, auto_offset_reset="earliest"
    )
    missing = {number: position for number, position in heads.items() if position > 0}
    found: set[str] = set()
    try:
        await consumer.start()
        consumer.assign([TopicPartition(topic, number) for number in missing])
        while missing:
            for partition, messages in (await consumer.getmany(timeout_ms=500)).items():
                found |= {message.key.decode() for message in messages if _is_opportunity(message)}
                if int(_facts(messages[-1].headers)["position"]) >= missing.get(
                    partition.partition, 0
                ):
                    missing.pop(partition.partition, None)
    except KafkaError as error:
        raise Unavailable(service="kafka", reason=repr(error)) from error
    finally:
        await _stop(consumer)
    return found
