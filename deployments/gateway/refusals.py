"""How many refusals of an hour each company's audit log is told: a flood does not fill it."""

import time
from collections import OrderedDict
from collections.abc import Callable
from enum import Enum, auto
from uuid import UUID

MOST = 200
WITHIN_S = 3_600.0
REMEMBERED = 10_000
"""Companies; the one that was longest without a refusal is forgotten first."""


LEFT_OUT = "refused: more of this hour are left out"


class Room(Enum):
    ENOUGH = auto()
    LAST = auto()
    """One more entry, which says that what follows is left out."""
    NONE = auto()


class Refusals:
    """In this replica: the log itself tells what all of them let through."""

    def __init__(self, most: int = MOST, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._counted: OrderedDict[UUID, tuple[float, int]] = OrderedDict()

    def count(self, tenant_id: UUID) -> Room:
        since, before = self._counted.pop(tenant_id, (self._now(), 0))
        if self._now() - since >= WITHIN_S:
            since, before = self._now(), 0
        self._counted[tenant_id] = (since, before + 1)
        if len(self._counted) > REMEMBERED:
            self._counted.popitem(last=False)
        if before < self._most:
            return Room.ENOUGH
        return Room.LAST if before == self._most else Room.NONE

    def told(self, tenant_id: UUID, action: str) -> str | None:
        """What the log is told of a refused action: it, or that more are left out, or nothing."""
        match self.count(tenant_id):
            case Room.ENOUGH:
                return action
            case Room.LAST:
                return LEFT_OUT
        return None
