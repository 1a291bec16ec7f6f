"""How a post fares, as it tells itself."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class State(StrEnum):
    """The first three are well; `DEGRADED` works or waits, in trouble; `DOWN` does not work."""

    UP = "up"
    STANDBY = "standby"  # Someone else holds the lease.
    PAUSED = "paused"
    OPENING = "opening"
    DEGRADED = "degraded"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Health:
    """`silent_s`: since the last heartbeat. `restarts`: of the loop, in this process."""

    post: str
    state: State = State.UP
    trouble: str | None = None
    handled: int = 0
    dead_lettered: int = 0
    silent_s: float = 0.0
    restarts: int = 0


class Runnable(Protocol):
    """What stands at a post: a worker or a poller."""

    async def run(self) -> None:
        """Until told to stop. What it raises ends this one; another is opened."""

    async def stop(self) -> None:
        """Finish what is in hand and let `run` return."""

    def health(self) -> Health: ...


def describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
