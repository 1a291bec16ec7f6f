"""Time, as something that is passed in, so that tests and the sandbox can choose it."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Tells an aware moment."""


def utc_now() -> datetime:
    return datetime.now(UTC)
