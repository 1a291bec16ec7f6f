"""W3C Trace Context (https://www.w3.org/TR/trace-context/): taken over, told to whom we ask."""

import re
import secrets
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Self

import httpx

HEADER = "traceparent"

_SPELLED = re.compile(r"(?P<version>[0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")


@dataclass(frozen=True, slots=True)
class Trace:
    """Where in a trace we are: hex digits, none of the ids all zeros."""

    trace_id: str
    span_id: str
    flags: str = "00"

    @classmethod
    def begin(cls) -> Self:
        return cls(secrets.token_hex(16), secrets.token_hex(8))

    @classmethod
    def parse(cls, told: str | None) -> Self | None:
        """None for what is no traceparent: the trace then begins anew, as the standard says."""
        spelled = _SPELLED.fullmatch(told or "")
        if spelled is None or spelled["version"] == "ff":
            return None
        if spelled["version"] == "00" and spelled[5]:
            return None
        if not spelled[2].strip("0") or not spelled[3].strip("0"):
            return None
        return cls(spelled[2], spelled[3], spelled[4])

    def child(self) -> Self:
        return replace(self, span_id=secrets.token_hex(8))

    def __str__(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags}"


current: ContextVar[Trace | None] = ContextVar("trace", default=None)
"""Of the request that this task works for."""


def spell_trace() -> str | None:
    """Of the request that this task works for, as an event tells it; None outside of one."""
    trace = current.get()
    return str(trace) if trace else None


async def tell_trace(request: httpx.Request) -> None:
    """A hook of httpx clients: what a request asks of others carries its trace on."""
    if trace := current.get():
        request.headers[HEADER] = str(trace.child())
