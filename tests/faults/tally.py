"""What a counting consumer did, counted from outside."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from tests.faults.small import Small, process

COUNTED_WITHIN_S = 90.0
LATER_S = 2.0
"""Time for a repetition to come, once everything has come."""

_EFFECTS = "select position, times from effect where consumer = $1"
_TO_DO = """
select position from event join event_position using (transaction, sequence)
where aggregate_type in ('Opportunity', 'Solicitation', 'SavedSearch')
"""
_FORGET = "delete from consumer_progress where consumer = $1"


@asynccontextmanager
async def group(small: Small) -> AsyncIterator[str]:
    """A name that nobody had. What is told of its progress is forgotten at the end."""
    name = f"counting_{uuid4().hex}"
    yield name
    await disband(small, name)


async def disband(small: Small, name: str) -> None:
    """Nobody waits any more for what it would do with later events."""
    async with small.audit.postgres() as connection:
        await connection.execute(_FORGET, name)


async def tally(small: Small, name: str) -> list[str]:
    """One line for each event that had no effect, or more than one, once all have come."""
    async with asyncio.timeout(COUNTED_WITHIN_S):
        while missing := (await _counted(small, name))[0]:
            await asyncio.sleep(0.2)
    await asyncio.sleep(LATER_S)
    missing, doubled = await _counted(small, name)
    return [
        *(f"position {position} had no effect" for position in missing),
        *(f"position {position} had {times} effects" for position, times in doubled.items()),
    ]


async def run_counting(small: Small, name: str, *options: str) -> list[str]:
    """The tally of a consumer that nothing befalls any more."""
    async with process("-m", "tests.faults.counting", name, *options, env=small.env()):
        return await tally(small, name)


async def crash_counting(small: Small, name: str, *options: str, failpoint: str) -> None:
    await small.crash("-m", "tests.faults.counting", name, *options, failpoint=failpoint)


async def _counted(small: Small, name: str) -> tuple[set[int], dict[int, int]]:
    """Positions without an effect, and those with more than one."""
    async with small.audit.postgres() as connection:
        effects = {row["position"]: row["times"] for row in await connection.fetch(_EFFECTS, name)}
        to_do = {row["position"] for row in await connection.fetch(_TO_DO)}
    return to_do - effects.keys(), {p: times for p, times in effects.items() if times != 1}
