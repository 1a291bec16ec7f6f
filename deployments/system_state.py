"""What the stores tell of the hub's state, or that they could not be asked."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cluster.stores.system_reads import Quota, SyncState
from deployments.backends import Backends
from domain.errors import Unavailable


@dataclass(frozen=True, slots=True)
class SystemState:
    """`counts`: how many opportunities are `known`, `open`, `medical`; None: cannot be told."""

    syncs: Sequence[SyncState] = ()
    quotas: Sequence[Quota] = ()
    counts: Mapping[str, int] | None = None
    degraded: tuple[str, ...] = ()


async def read_system(ports: Backends) -> SystemState:
    """All of it lies in one store, so either all or nothing can be told."""
    try:
        syncs, quotas, counts = await asyncio.gather(
            ports.system.syncs(), ports.system.quotas(), ports.opportunities.counts()
        )
    except Unavailable as error:
        return SystemState(degraded=(error.service,))
    return SystemState(syncs, quotas, counts)
