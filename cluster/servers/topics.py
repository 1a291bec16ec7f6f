"""Kafka's topics, made alike on the embedded broker and on one that the settings name."""

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import TopicAlreadyExistsError, for_code

from cluster.settings import KafkaSettings
from cluster.stores.event_topic import PARTITIONS
from cluster.stores.kafka_client import client_options
from domain.wire import DEAD_LETTERS, TOPICS


async def make_topics(kafka: KafkaSettings, *, replication_factor: int = 1) -> None:
    """Those that are missing. Safe to repeat and to run twice at once."""
    admin = AIOKafkaAdminClient(**client_options(kafka))
    await admin.start()
    try:
        missing = {*TOPICS.values(), DEAD_LETTERS} - set(await admin.list_topics())
        answer = await admin.create_topics(
            [NewTopic(topic, PARTITIONS, replication_factor) for topic in sorted(missing)]
        )
        for topic, code, *_ in answer.topic_errors if missing else ():
            error = for_code(code)
            if code and error is not TopicAlreadyExistsError:
                raise error(topic)
    finally:
        await admin.close()
