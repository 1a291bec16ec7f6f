"""The consumer group's source, over a broker of paper; and the same over a real one."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import pytest
from aiokafka.errors import CommitFailedError, NodeNotReadyError

from cluster.settings import KafkaSettings, Settings
from cluster.stores.doorbell import Ears
from cluster.stores.event_consumer import (
    KafkaEventSource,
    Limits,
    fetch_wait_ms,
    open_event_source,
)
from cluster.stores.event_topic import open_event_topic, open_producer
from cluster.stores.letters import Letter
from cluster.stores.memory import MemoryDeadLetters
from domain.access import PUBLIC
from domain.errors import Unavailable
from domain.events import Recorded, Stream
from domain.flows import EVENT_TYPES
from domain.wire import headers, to_wire
from tests.events import DISCOVERED, recorded
from tests.kafka_on_paper import HERE, TOPIC, UNREADABLE, PaperConsumer, Record, record, source_of


async def test_an_event_arrives_as_it_was_recorded() -> None:
    source, _, _ = source_of(record(0))
    [event] = await source.take()
    sent = recorded(position=1)
    assert {name: getattr(event, name) for name in Recorded.__slots__} == {
        name: getattr(sent, name) for name in Recorded.__slots__
    }
    assert (event.place, event.letter.offset, event.letter.key) == ((TOPIC, 0), 0, b"n1")


async def test_offsets_are_committed_after_the_effect() -> None:
    source, consumer, _ = source_of(record(0), record(1))
    batch = await source.take()
    assert consumer.committed == {}
    await source.checkpoint(batch[:1])
    await source.checkpoint(batch)
    assert consumer.committed == {HERE: 2}


async def test_a_type_of_the_future_is_delivered_whole() -> None:
    source, _, dead = source_of(record(0, eventType="OpportunityPraised", eventData={"stars": 5}))
    [event] = await source.take()
    assert event.event.model_dump() == {"type": "OpportunityPraised", "stars": 5}
    assert dead.letters == []


async def test_a_field_of_the_future_is_ignored() -> None:
    data = {**to_wire(recorded())["eventData"], "mood": "good"}
    source, _, dead = source_of(record(0, eventData=data))
    [event] = await source.take()
    assert (event.event, dead.letters) == (DISCOVERED, [])


async def test_what_only_newer_code_can_read_waits_for_it() -> None:
    newer = replace(recorded(position=2), schema_version=99)
    source, consumer, dead = source_of(record(0), record(1, newer, eventData={"notice": 7}))
    assert [event.letter.offset for event in await source.take()] == [0]
    with pytest.raises(Unavailable, match="newer code"):
        await source.take()
    assert (consumer.committed, dead.letters) == ({}, [])


async def test_what_nobody_can_read_is_set_aside_with_its_bytes() -> None:
    source, consumer, dead = source_of(record(0), UNREADABLE, record(2))
    batch = await source.take()
    assert [event.letter.offset for event in batch] == [0, 2]
    [letter] = dead.letters
    assert (letter.value, letter.offset) == (b"{", 1)
    await source.checkpoint(batch)
    assert consumer.committed == {HERE: 3}


@pytest.mark.parametrize("name", ["tenant", "position", "schema", "origin"])
async def test_a_header_that_is_missing_makes_it_unreadable(name: str) -> None:
    told = [(key, value) for key, value in headers(recorded()) if key != name]
    source, _, dead = source_of(Record(0, record(0).value, told))
    assert await source.take() == []
    assert len(dead.letters) == 1


async def test_what_cannot_be_read_is_not_read_for_ever() -> None:
    source, consumer, _ = source_of(UNREADABLE)
    assert await source.take() == []
    assert consumer.committed == {HERE: 2}


async def test_batches_are_bounded_in_bytes_and_nothing_is_left_out() -> None:
    size = len(record(0).value)
    source, _, _ = source_of(*map(record, range(5)), limits=Limits(bytes=2 * size + 1))
    batches = [await source.take() for _ in range(3)]
    assert [[event.letter.offset for event in batch] for batch in batches] == [[0, 1], [2, 3], [4]]


async def test_a_batch_that_may_wait_is_filled_from_many_answers() -> None:
    source, consumer, _ = source_of(*map(record, range(5)), limits=Limits(records=3, linger_s=9.0))
    consumer.at_once = 1
    assert [len(await source.take()) for _ in range(3)] == [3, 2, 0]


async def test_batches_are_bounded_in_number() -> None:
    source, _, _ = source_of(*map(record, range(3)), limits=Limits(records=2))
    assert [len(await source.take()) for _ in range(2)] == [2, 1]


async def test_one_message_larger_than_a_batch_passes() -> None:
    source, _, _ = source_of(record(0), limits=Limits(bytes=1))
    assert len(await source.take()) == 1


async def test_a_partition_that_went_elsewhere_is_not_committed() -> None:
    source, consumer, _ = source_of(record(0))
    batch = await source.take()
    consumer.owned = set()
    await source.checkpoint(batch)
    assert consumer.committed == {}


async def test_a_rebalance_drops_what_waits_and_a_late_commit_is_no_error() -> None:
    source, consumer, _ = source_of(record(0), record(1), limits=Limits(bytes=1))
    batch = await source.take()
    consumer.error = CommitFailedError()
    await source.checkpoint(batch)
    consumer.error = None
    assert await source.take() == []


async def test_an_outage_is_told() -> None:
    source, consumer, _ = source_of(record(0))
    batch = await source.take()
    consumer.error = NodeNotReadyError()
    for ask in (source.take(), source.checkpoint(batch)):
        with pytest.raises(Unavailable, match="kafka"):
            await ask


async def test_the_broker_is_left_alone_until_the_doorbell_rings() -> None:
    consumer, ears = PaperConsumer([]), Ears()
    source = KafkaEventSource(consumer, EVENT_TYPES, MemoryDeadLetters(), ears=ears)
    waiting = asyncio.create_task(source.take())
    await asyncio.sleep(0.05)
    assert consumer.asleep == {HERE}
    ears.hear()
    assert await asyncio.wait_for(waiting, 0.5) == []
    assert consumer.asleep == set()


@pytest.mark.parametrize(
    ("limits", "is_rung", "wait_ms"),
    [(None, True, 50), (Limits(), True, 50), (Limits(ahead=True), True, 240), (None, False, 240)],
)
def test_only_who_is_rung_and_wants_few_lets_the_broker_wait_but_shortly(
    limits: Limits | None, is_rung: bool, wait_ms: int
) -> None:
    settings = KafkaSettings.model_validate({"brokers": "localhost:1", "fetch_max_wait_ms": 240})
    assert fetch_wait_ms(settings, limits, Ears() if is_rung else None) == wait_ms


async def test_what_an_operator_sends_again_comes_first_and_once() -> None:
    source, consumer, dead = source_of(record(5))
    poison = replace(letter_of(record(1)), offset=1)
    await dead.put(poison, "no title")
    dead.retry_all()
    [again] = await source.take()
    assert (again.letter.offset, again.retry) == (1, 1)
    await source.checkpoint([again])
    assert consumer.committed == {}
    assert [event.letter.offset for event in await source.take()] == [5]


def letter_of(one: Record) -> Letter:
    return Letter(
        topic=one.topic,
        partition=one.partition,
        offset=one.offset,
        key=one.key,
        value=one.value,
        headers=tuple(one.headers),
    )


def sent(key: str, position: int) -> Recorded:
    return replace(recorded(position=position), stream=Stream(PUBLIC, "Opportunity", key))


async def collect(settings: Settings, group: str, wanted: set[str]) -> list[tuple[str, int]]:
    """What the group reads of these aggregates, until it has met all of them."""
    met: list[tuple[str, int]] = []
    async with asyncio.timeout(60):
        async with open_event_source(
            settings.kafka, group, {TOPIC}, EVENT_TYPES, MemoryDeadLetters()
        ) as source:
            while {key for key, _ in met} < wanted:
                batch = await source.take()
                met += [
                    (event.stream.aggregate_id, event.position)
                    for event in batch
                    if event.stream.aggregate_id in wanted
                ]
                if batch:
                    await source.checkpoint(batch)
    return met


@pytest.mark.stores
async def test_a_group_starts_at_the_earliest_and_goes_on_where_it_ended(
    embedded_stores: Settings,
) -> None:
    group, first, second = (uuid4().hex for _ in range(3))
    async with open_event_topic(embedded_stores.kafka) as topic:
        await topic.publish([sent(first, position) for position in (1, 2, 3)])
        assert await collect(embedded_stores, group, {first}) == [(first, n) for n in (1, 2, 3)]
        await topic.publish([sent(second, 4)])
    assert await collect(embedded_stores, group, {first, second} - {first}) == [(second, 4)]


@pytest.mark.stores
async def test_raw_bytes_from_a_real_broker_are_set_aside(embedded_stores: Settings) -> None:
    mark, dead = uuid4().hex.encode(), MemoryDeadLetters()
    async with open_producer(embedded_stores.kafka) as producer:
        await producer.send_and_wait(TOPIC, mark, key=b"k", headers=[("position", b"1")])
    async with (
        asyncio.timeout(60),
        open_event_source(embedded_stores.kafka, uuid4().hex, {TOPIC}, EVENT_TYPES, dead) as source,
    ):
        while mark not in [letter.value for letter in dead.letters]:
            if batch := await source.take():
                await source.checkpoint(batch)


async def test_a_broker_that_is_away_is_unavailable() -> None:
    away = Settings(profile="cluster", kafka={"brokers": "127.0.0.1:1"}).kafka
    with pytest.raises(Unavailable, match="kafka"):
        async with open_event_source(away, "g", {TOPIC}, EVENT_TYPES, MemoryDeadLetters()):
            pytest.fail("reached a broker that is away")
    with pytest.raises(Unavailable, match="kafka"):
        async with open_producer(away):
            pytest.fail("reached a broker that is away")
