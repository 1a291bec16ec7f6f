"""A circuit breaker: who fails again and again is left alone for a while, longer each time.

After M. Nygard, Release It! (2007): closed, open, and half-open for one trial; the pauses double
with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015), never below half.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from domain.errors import HubError, Unavailable


@dataclass(frozen=True, slots=True)
class Patience:
    """How many failures in a row open it, and for how long: from the first pause to the longest."""

    failures: int = 5
    first_s: float = 1.0
    longest_s: float = 60.0


class Breaker:
    """Of one service, in one process."""

    def __init__(
        self,
        service: str,
        patience: Patience,
        now: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._service = service
        self._patience = patience
        self._now = now
        self._jitter = jitter
        self._failures = 0
        self._opens = 0
        self._open_until = 0.0
        self._is_tried = False

    @contextmanager
    def call(self) -> Iterator[None]:
        """Around one call. Raises `Unavailable` at once while it is open, and during its trial.

        What counts as a failure is the service's own `Unavailable`: any other error of ours is an
        answer. What ends in another way, as by being cancelled, says nothing of the service.
        """
        self._admit()
        try:
            yield
        except Unavailable as outage:
            if outage.service == self._service:
                self._fail()
            raise
        except HubError:
            self._close()
            raise
        else:
            self._close()
        finally:
            self._is_tried = False

    def _admit(self) -> None:
        left_s = self._open_until - self._now()
        if self._opens and (left_s > 0 or self._is_tried):
            reason = f"it failed again and again, and is not asked for {max(left_s, 0):.1f} s"
            raise Unavailable(service=self._service, reason=reason)
        self._is_tried = self._opens > 0

    def _close(self) -> None:
        self._failures = self._opens = 0

    def _fail(self) -> None:
        self._failures += 1
        if self._opens or self._failures >= self._patience.failures:
            pause_s = min(self._patience.first_s * 2.0**self._opens, self._patience.longest_s)
            self._open_until = self._now() + pause_s * (0.5 + self._jitter() / 2)
            self._opens = min(self._opens + 1, 30)
