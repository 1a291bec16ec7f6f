"""Socket.IO 5 on Engine.IO 4 as text frames: what clients send, and what we send them.

Protocols: https://socket.io/docs/v4/socket-io-protocol and …/engine-io-protocol. Namespace `/` and
text alone: a frame of another namespace, or one with attachments, is not valid.
"""

import json
import re
from dataclasses import dataclass
from enum import StrEnum

from pydantic import JsonValue

from domain.errors import Invalid


class Type(StrEnum):
    """A frame's first characters: of Engine.IO alone, or its message and Socket.IO's type."""

    CLOSE = "1"
    PING = "2"
    PONG = "3"
    CONNECT = "40"
    DISCONNECT = "41"
    EVENT = "42"
    ACK = "43"
    CONNECT_ERROR = "44"


_FRAME = re.compile(r"(1|2|3|4[0-3])(\d{0,9})(.*)", re.ASCII | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Packet:
    """`ack` is the id under which an event wants its answer; `data` the JSON, None without any."""

    type: Type
    ack: int | None = None
    data: JsonValue = None


def parse(frame: str) -> Packet:
    """Raises `Invalid`."""
    match = _FRAME.fullmatch(frame)
    if not match:
        raise Invalid(what="a frame", reason="not a packet of Socket.IO 5 in namespace /")
    kind, ack, text = match.groups()
    try:
        data = json.loads(text) if text and kind.startswith("4") else None
    except (ValueError, RecursionError) as error:
        raise Invalid(what="a frame", reason="not JSON") from error
    return Packet(Type(kind), int(ack) if ack else None, data)


def opened(sid: str, *, ping_interval_s: float, ping_timeout_s: float, max_bytes: int) -> str:
    """Engine.IO's first frame."""
    handshake: JsonValue = {
        "sid": sid,
        "upgrades": [],
        "pingInterval": round(ping_interval_s * 1_000),
        "pingTimeout": round(ping_timeout_s * 1_000),
        "maxPayload": max_bytes,
    }
    return f"0{_dump(handshake)}"


def connected(sid: str) -> str:
    return f"{Type.CONNECT}{_dump({'sid': sid})}"


def refused(reason: str, detail: str) -> str:
    return f"{Type.CONNECT_ERROR}{_dump({'message': reason, 'data': {'detail': detail}})}"


def event(name: str, *arguments: JsonValue) -> str:
    return f"{Type.EVENT}{_dump([name, *arguments])}"


def answer(ack: int, value: JsonValue) -> str:
    return f"{Type.ACK}{ack}{_dump([value])}"


def _dump(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
