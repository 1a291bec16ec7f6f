"""A post that fetches its next batch while it handles a large one."""

import asyncio

import pytest
from aiokafka.errors import NodeNotReadyError

from cluster.stores.event_consumer import Limits
from domain.errors import Unavailable
from tests.kafka_on_paper import record, source_of

AHEAD = Limits(records=4, ahead=True)


async def test_the_next_batch_is_fetched_while_a_large_one_is_handled() -> None:
    source, consumer, _ = source_of(*map(record, range(5)), limits=AHEAD)
    first = await source.take()
    await asyncio.sleep(0)
    assert not consumer.records
    assert [event.position for event in first + await source.take()] == [1, 2, 3, 4, 5]
    consumer.records = [record(5)]
    await asyncio.sleep(0)  # The last batch was small: nothing is fetched ahead.
    assert consumer.records


async def test_what_was_fetched_ahead_is_forgotten_at_a_rebalance() -> None:
    source, _, _ = source_of(*map(record, range(8)), limits=AHEAD)
    await source.take()
    await asyncio.sleep(0)
    source.forget_waiting()
    assert await source.take() == []


async def test_an_outage_while_fetching_ahead_is_told_at_the_next_batch() -> None:
    source, consumer, _ = source_of(*map(record, range(8)), limits=AHEAD)
    await source.take()
    consumer.error = NodeNotReadyError()
    with pytest.raises(Unavailable):
        await source.take()
    consumer.error = None
    assert [event.position for event in await source.take()] == [5, 6, 7, 8]
    await source.close()
