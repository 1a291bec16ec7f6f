"""How far each consumer group has got, and how far behind the relay that is, in positions."""

from collections.abc import Collection

from cluster.stores.postgres import Pool, fetch_row, fetch_rows
from domain.ports import Heads, Partition

_FINISHED = "select topic, partition, position from consumer_progress where consumer = $1"

_FINISHED_THERE = """
select position from consumer_progress where (consumer, topic, partition) = ($1, $2, $3)
"""

_ADVANCE = """
insert into consumer_progress (consumer, topic, partition, position)
select $1, * from unnest($2::text[], $3::integer[], $4::bigint[])
on conflict (consumer, topic, partition) do update
set position = greatest(consumer_progress.position, excluded.position)
"""

_ENROLL = """
with left_behind as (
    delete from consumer_progress where consumer = $1 and topic <> all($2::text[])
)
insert into consumer_progress (consumer, topic, partition, position)
select $1, * , 0 from unnest($2::text[], $3::integer[])
on conflict do nothing
"""

# A post's groups are named like it, or like it and a lane (`post.lane`): it lags as the worst of
# them. A partition lags if its head is past what the group has finished there. Then the group's
# state is as of the least that it has finished in one of those; else as of all that is published.
_LAGS = """
with published as (
    select coalesce((select position from checkpoint where name = 'relay_events'), 0) as position
)
select split_part(consumer, '.', 1) as post, published.position
       - coalesce(min(done.position) filter (where head.position > done.position),
                  published.position) as lag
from consumer_progress as done left join topic_head as head using (topic, partition)
cross join published
group by post, published.position
"""

_RELAY_LAG = """
select (select coalesce(max(position), 0) from event_position)
     - coalesce((select position from checkpoint where name = 'relay_events'), 0) as lag
"""


class PostgresProgress:
    """Implements `domain.ports.Progress`. Reading it also works as `mch_app`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def finished(self, consumer: str) -> Heads:
        rows = await fetch_rows(self._pool, _FINISHED, consumer)
        return {(row["topic"], row["partition"]): row["position"] for row in rows}

    async def finished_in(self, consumer: str, topic: str, partition: int) -> int:
        """0 where it has finished nothing yet."""
        row = await fetch_row(self._pool, _FINISHED_THERE, consumer, topic, partition)
        return row["position"] if row else 0

    async def advance(self, consumer: str, heads: Heads) -> None:
        topics, partitions = [topic for topic, _ in heads], [number for _, number in heads]
        positions = list(heads.values())
        await fetch_rows(self._pool, _ADVANCE, consumer, topics, partitions, positions)

    async def enroll(self, consumer: str, partitions: Collection[Partition]) -> None:
        """Tell what the group reads, so that it lags before it has finished anything."""
        pairs = sorted(partitions)
        topics, numbers = [topic for topic, _ in pairs], [number for _, number in pairs]
        await fetch_rows(self._pool, _ENROLL, consumer, topics, numbers)

    async def lags(self) -> dict[str, int]:
        """How many positions each post is behind what is published."""
        rows = await fetch_rows(self._pool, _LAGS)
        return {row["post"]: row["lag"] for row in rows}

    async def relay_lag(self) -> int:
        """Positions given and not yet published. Needs `mch_relay`."""
        row = await fetch_row(self._pool, _RELAY_LAG)
        return row["lag"] if row else 0
