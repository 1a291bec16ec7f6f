"""What the command line reads from a real topic."""

import json
from uuid import uuid4

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from cluster.settings import KafkaSettings, Settings
from cluster.stores.event_topic import open_producer
from cluster.stores.kafka_client import client_options
from deployments.cli.tail import published_ids
from domain.access import PUBLIC
from domain.events import Event, Recorded, Stream
from domain.solicitation import NoticeLinked
from domain.wire import headers, to_wire
from tests.events import DISCOVERED, FACTS

pytestmark = pytest.mark.stores

LINKED = NoticeLinked(
    solicitation_number="36C24726Q0269", notice_id="n1", reason="original", stage="solicitation"
)


def recorded(position: int, aggregate_type: str, aggregate_id: str, event: Event) -> Recorded:
    stream = Stream(PUBLIC, aggregate_type, aggregate_id)
    return Recorded(**{**FACTS, "stream": stream}, event=event, position=position)


async def new_topic(kafka: KafkaSettings) -> str:
    """One that no other test reads."""
    admin = AIOKafkaAdminClient(**client_options(kafka))
    await admin.start()
    name = f"test-{uuid4().hex}"
    await admin.create_topics([NewTopic(name, 1, 1)])
    await admin.close()
    return name


async def test_solicitations_are_not_counted_among_the_opportunities(
    embedded_stores: Settings,
) -> None:
    kafka = embedded_stores.kafka
    topic = await new_topic(kafka)
    async with open_producer(kafka) as producer:
        for event in (
            recorded(1, "Opportunity", "n1", DISCOVERED),
            recorded(2, "Solicitation", LINKED.solicitation_number, LINKED),
        ):
            await producer.send_and_wait(
                topic,
                json.dumps(to_wire(event)).encode(),
                key=event.stream.aggregate_id.encode(),
                headers=headers(event),
            )
    assert await published_ids(kafka, topic, {0: 2}) == {"n1"}
