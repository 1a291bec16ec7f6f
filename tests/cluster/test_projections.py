"""Read models that are written in the transaction that appends."""

from collections.abc import Sequence
from uuid import uuid4

import pytest

from cluster.stores.event_store import PostgresEventStore
from cluster.stores.postgres import Connection, Pool
from domain.errors import VersionConflict
from domain.events import Stream, Written
from domain.flows import EVENT_TYPES
from tests.events import CAUSE, DISCOVERED, N1

pytestmark = pytest.mark.stores


class Noting:
    def __init__(self) -> None:
        self.seen: list[Written] = []

    async def __call__(self, connection: Connection, written: Sequence[Written]) -> None:
        assert await connection.fetchval("select count(*) from event") == 1
        self.seen.extend(written)


async def refuse(connection: Connection, written: Sequence[Written]) -> None:
    raise ValueError("no such column")


async def append(store: PostgresEventStore, stream: Stream = N1) -> None:
    await store.append(stream, {uuid4(): DISCOVERED}, expected_version=0, cause=CAUSE)


async def test_a_projection_sees_what_was_appended(app_pool: Pool) -> None:
    note = Noting()
    store = PostgresEventStore(app_pool, EVENT_TYPES, {"Opportunity": note})
    await append(store)
    assert note.seen == await store.read_stream(N1)


async def test_a_projection_gets_its_own_aggregates_alone(app_pool: Pool) -> None:
    note = Noting()
    store = PostgresEventStore(app_pool, EVENT_TYPES, {"Opportunity": note})
    await append(store, Stream(N1.tenant_id, "Proposal", "p1"))
    assert note.seen == []


async def test_what_a_projection_raises_undoes_the_append(app_pool: Pool) -> None:
    store = PostgresEventStore(app_pool, EVENT_TYPES, {"Opportunity": refuse})
    with pytest.raises(ValueError, match="no such column"):
        await append(store)
    assert (await store.load(N1)).version == 0


async def test_a_refused_append_projects_nothing(app_pool: Pool) -> None:
    note = Noting()
    await append(PostgresEventStore(app_pool, EVENT_TYPES))
    with pytest.raises(VersionConflict):
        await append(PostgresEventStore(app_pool, EVENT_TYPES, {"Opportunity": note}))
    assert note.seen == []
