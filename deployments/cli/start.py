"""Waiting for a hub that starts in the background."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from cluster.home import Home
from cluster.servers.deployment import HUB, PREPARED
from cluster.servers.lock import HomeLock
from cluster.servers.logs import last_line
from cluster.servers.parts import Part, State, read_parts
from deployments.cli.trouble import Trouble

READY_WITHIN_S = 300.0
_LOOK_EVERY_S = 0.2
_TROUBLE_FOR_S = 15.0
"""Trouble that mends itself sooner is not worth giving up for."""

Parts = Mapping[str, Part]


def is_ready(parts: Parts) -> bool:
    return HUB in parts and parts[HUB].state == State.UP


def is_prepared(parts: Parts) -> bool:
    """The stores can be used, though Ray may still be starting."""
    return is_ready(parts) or (HUB in parts and parts[HUB].detail == PREPARED)


class Start:
    """One start of a hub that has begun: it holds the lock of its home for as long as it lives."""

    def __init__(self, home: Home, show: Callable[[str], None]) -> None:
        self._home = home
        self._show = show
        self._deadline = time.monotonic() + READY_WITHIN_S

    def wait_until(self, is_reached: Callable[[Parts], bool]) -> None:
        """Raises `Trouble` with the reason where it cannot be reached."""
        while not is_reached(parts := read_parts(self._home.parts_file)):
            self._check_alive()
            if trouble := lasting_trouble(parts, datetime.now(UTC)):
                raise Trouble(f"{trouble} (logs: {self._home.logs}; `mch down` stops the rest)")
            if time.monotonic() > self._deadline:
                raise Trouble(f"not ready after {READY_WITHIN_S:g} s: {_waiting(parts)}")
            self._show(_waiting(parts))
            time.sleep(_LOOK_EVERY_S)

    def _check_alive(self) -> None:
        if HomeLock(self._home.lock_file).holder() is None:
            raise Trouble(f"the hub ended: {last_line(self._home.logs / 'hub.log')}")


def lasting_trouble(parts: Parts, now: datetime) -> str | None:
    """A part in a crash loop, or a hub that has been failing for long."""
    down = [part for part in parts.values() if part.state == State.DOWN]
    degraded = [
        part for name, part in parts.items() if name == HUB and _degraded_for_long(part, now)
    ]
    return next((f"{part.name}: {part.detail}" for part in (*degraded, *down)), None)


def _degraded_for_long(part: Part, now: datetime) -> bool:
    age = now - datetime.fromisoformat(part.since)
    return part.state == State.DEGRADED and age.total_seconds() > _TROUBLE_FOR_S


def _waiting(parts: Parts) -> str:
    waiting = [name for name, part in parts.items() if part.state != State.UP and name != HUB]
    stage = parts[HUB].detail if HUB in parts else ""
    return f"starts: {stage or 'servers'}" + (f" ({', '.join(waiting)})" if waiting else "")
