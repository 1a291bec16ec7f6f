"""A post with two lanes: what happens now does not wait behind what was imported or replayed."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from actors.consumer import LIVE, QUIET, Group, open_consumer
from actors.health import Health, Runnable, State
from actors.worker import Handler
from cluster.stores.event_consumer import Limits
from cluster.stores.letters import Delivered
from domain.events import Event

_WORST_FIRST = (State.DOWN, State.DEGRADED, State.OPENING, State.PAUSED, State.STANDBY, State.UP)


class Lanes:
    """Implements `actors.health.Runnable` by several of them, which end together."""

    def __init__(self, post: str, lanes: Sequence[Runnable]) -> None:
        self._post = post
        self._lanes = lanes

    async def run(self) -> None:
        """Until all have stopped. The first that raises ends the others."""
        try:
            async with asyncio.TaskGroup() as running:
                for lane in self._lanes:
                    running.create_task(lane.run())
        except ExceptionGroup as ended:
            raise ended.exceptions[0] from ended

    async def stop(self) -> None:
        for lane in self._lanes:
            await lane.stop()

    def health(self) -> Health:
        """As of the lane that fares worst, with what all of them did."""
        healths = [lane.health() for lane in self._lanes]
        worst = min(healths, key=lambda health: _WORST_FIRST.index(health.state))
        troubles = [health.trouble for health in healths if health.trouble]
        return Health(
            self._post,
            worst.state,
            trouble=worst.trouble or next(iter(troubles), None),
            handled=sum(health.handled for health in healths),
            dead_lettered=sum(health.dead_lettered for health in healths),
            silent_s=max(health.silent_s for health in healths),
        )


@asynccontextmanager
async def open_lanes(
    post: str,
    handle: Handler[Delivered],
    *,
    aggregates: Sequence[str],
    on: Sequence[type[Event]],
    live: Limits,
    quiet: Limits,
) -> AsyncIterator[Lanes]:
    """Two consumer groups with one handler: live events in `post`, all others in `post.quiet`.

    Either lane passes over the other's events. The same notice can be in both at once, in either
    order: so the handler goes by what is true now, not by what an event told.
    """
    async with (
        open_consumer(Group(post, LIVE), handle, aggregates=aggregates, on=on, limits=live) as now,
        open_consumer(
            Group(quiet_lane(post), QUIET), handle, aggregates=aggregates, on=on, limits=quiet
        ) as rest,
    ):
        yield Lanes(post, [now, rest])


def quiet_lane(post: str) -> str:
    """The consumer group of what was imported or replayed."""
    return f"{post}.quiet"
