"""A consumer whose effect can be counted from outside, in a process that can be crashed.

`python -m tests.faults.counting GROUP [OPTION…]`: each option takes one protection away, save
`--one-by-one`, which makes batches fail.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

from actors.consumer import WithoutRepeats
from actors.worker import Source, Worker
from cluster.settings import Settings
from cluster.stores.dead_letters import GroupDeadLetters, announcing
from cluster.stores.event_consumer import Limits, open_event_source
from cluster.stores.letters import Delivered
from cluster.stores.memory import MemoryProgress
from cluster.stores.postgres import Pool, fetch_rows, open_pool
from cluster.stores.progress import PostgresProgress
from domain.events import EventTypes
from domain.flows import EVENT_TYPES
from domain.wire import TOPICS

TOPIC = TOPICS["Opportunity"]

CREATE = """
create table effect (
    consumer text not null, position bigint not null, times integer not null,
    primary key (consumer, position)
);
grant select, insert, update on effect to mch_relay
"""

_IDEMPOTENT = """
insert into effect (consumer, position, times)
select $1, position, 1 from unnest($2::bigint[]) as done (position)
on conflict do nothing
"""

_COUNTING = """
insert into effect (consumer, position, times)
select $1, position, count(*) from unnest($2::bigint[]) as done (position) group by position
on conflict (consumer, position) do update set times = effect.times + excluded.times
"""


class Effect:
    """Notes each position, or counts how often it comes."""

    def __init__(self, pool: Pool, asked: argparse.Namespace) -> None:
        self._pool = pool
        self._asked = asked

    async def __call__(self, batch: Sequence[Delivered]) -> None:
        if self._asked.one_by_one and len(batch) > 1:
            raise ValueError("one by one, please")
        statement = _COUNTING if self._asked.doubles else _IDEMPOTENT
        positions = [event.position for event in batch]
        await fetch_rows(self._pool, statement, self._asked.group, positions)


class NeverDone:
    """The control of checkpoints: a source that forgets them."""

    def __init__(self, source: Source[Delivered]) -> None:
        self._source = source
        self.take = source.take
        self.dead_letter = source.dead_letter

    async def checkpoint(self, batch: Sequence[Delivered]) -> None:
        """Nothing, so all of it comes again after a restart."""


@asynccontextmanager
async def open_counting(
    settings: Settings, asked: argparse.Namespace, types: EventTypes = EVENT_TYPES
) -> AsyncIterator[Worker[Delivered]]:
    async with open_pool(settings.postgres, "mch_relay", size=3) as pool:
        letters = GroupDeadLetters(pool, asked.group, announcing(settings.kafka))
        async with open_event_source(
            settings.kafka, asked.group, {TOPIC}, types, letters, Limits(records=10)
        ) as kafka:
            progress = MemoryProgress() if asked.forgets else PostgresProgress(pool)
            source: Source[Delivered] = kafka
            if not asked.repeats:
                source = WithoutRepeats(kafka, progress, asked.group)
            if asked.never_done:
                source = NeverDone(source)
            yield Worker(asked.group, source, Effect(pool, asked), backoff_s=0.1)


def options(*argv: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("group")
    parser.add_argument("--doubles", action="store_true", help="the effect is not idempotent")
    parser.add_argument("--repeats", action="store_true", help="repeats are not dropped")
    parser.add_argument("--forgets", action="store_true", help="progress does not outlast a crash")
    parser.add_argument("--never-done", action="store_true", help="nothing is checkpointed")
    parser.add_argument("--one-by-one", action="store_true", help="batches of several fail")
    return parser.parse_args(argv or None)


async def main() -> None:
    async with open_counting(Settings(), options()) as worker:
        await worker.run()


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(main())
