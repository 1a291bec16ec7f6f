"""What one client may cost."""

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Beyond these a client is disconnected, and no other notices."""

    frame_bytes: int = 16_384
    frames_per_s: float = 20.0
    burst_frames: int = 120
    """After a cut a client joins all its rooms at once."""
    queued_frames: int = 512
    queued_bytes: int = 2 * 1024 * 1024
    rooms: int = 50
    replay_bytes: int = 256 * 1024
    """Of missed messages in one answer; what is older counts as lost."""
    clients: int = 5_000
    connect_within_s: float = 10.0
    ping_interval_s: float = 25.0
    ping_timeout_s: float = 20.0


class Allowance:
    """A token bucket."""

    def __init__(self, per_s: float, burst: int) -> None:
        self._per_s = per_s
        self._burst = burst
        self._left = float(burst)
        self._at = time.monotonic()

    def take(self) -> bool:
        """False once it is used up."""
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
        self._at = now
        self._left -= 1
        return self._left >= 0
