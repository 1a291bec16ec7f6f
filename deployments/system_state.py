"""What the stores tell of the hub's state, or that they could not be asked."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cluster.stores.system_reads import Quota, StoppedEvent, SyncState
from deployments.backends import Backends
from domain.errors import Unavailable

STOPPED_SHOWN = 20


@dataclass(frozen=True, slots=True)
class SystemState:
    """`counts`: how many opportunities are `known`, `open`, `medical`; None: cannot be told."""

    syncs: Sequence[SyncState] = ()
    quotas: Sequence[Quota] = ()
    stopped: Sequence[StoppedEvent] = ()
    counts: Mapping[str, int] | None = None
    degraded: tuple[str, ...] = ()


async def read_system(ports: Backends) -> SystemState:
    """All of it lies in one store, so either all or nothing can be told."""
    try:
        syncs, quotas, stopped, counts = await asyncio.gather(
            ports.system.syncs(),
            ports.system.quotas(),
            ports.system.stopped(limit=STOPPED_SHOWN),
            ports.opportunities.counts(),
        )
    except Unavailable as error:
        return SystemState(degraded=(error.service,))
    return SystemState(syncs, quotas, stopped, counts)
