"""The ports that the application needs, opened once per replica."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backends:
    """What the routes ask."""


OpenBackends = Callable[[], AbstractAsyncContextManager[Backends]]


@asynccontextmanager
async def open_backends() -> AsyncIterator[Backends]:
    """The real ones, from this process's settings."""
    yield Backends()
