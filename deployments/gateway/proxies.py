"""Whose word counts on where a request comes from: that of the proxies which are configured."""

from collections.abc import Sequence
from ipaddress import ip_address

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from cluster.settings_gateway import Network

_TOLD = b"x-forwarded-"
_OTHERS = (b"forwarded", b"x-real-ip", b"client-ip", b"true-client-ip")


class BelieveProxies:
    """Takes the caller's address and scheme from trusted proxies, and hides what else is told.

    Of `X-Forwarded-For` the last address counts that is no proxy of ours: what a caller wrote
    there himself stands further left. Nothing behind this sees such a header.
    """

    def __init__(self, app: ASGIApp, proxies: Sequence[Network]) -> None:
        self._app = app
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] in {"http", "websocket"}:
            scope = self._believed(scope)
        await self._app(scope, receive, send)

    def _believed(self, scope: Scope) -> Scope:
        kept = [(name, value) for name, value in scope["headers"] if not _is_told(name)]
        if len(kept) == len(scope["headers"]):
            return scope
        changed = {**scope, "headers": kept}
        peer = scope["client"][0] if scope.get("client") else ""
        if self._is_ours(peer):
            told = Headers(scope=scope)
            changed["client"] = (self._caller(told.getlist("x-forwarded-for"), peer), 0)
            changed["scheme"] = _scheme(told, scope["scheme"])
        return changed

    def _caller(self, lines: Sequence[str], peer: str) -> str:
        caller = peer
        for told in reversed(",".join(lines).split(",")):
            address = _address(told)
            if address is None:
                break
            caller = address
            if not self._is_ours(address):
                break
        return caller

    def _is_ours(self, address: str) -> bool:
        plain = _address(address)
        return plain is not None and any(ip_address(plain) in each for each in self._proxies)


def _is_told(name: bytes) -> bool:
    return name.startswith(_TOLD) or name in _OTHERS


def _address(told: str) -> str | None:
    """Also `[2001:db8::1]` and an address of IPv4 that is written as one of IPv6."""
    try:
        found = ip_address(told.strip().strip("[]"))
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)


def _scheme(told: Headers, scheme: str) -> str:
    """The last proxy's word, in the terms of the scope: `ws` and `wss` for sockets."""
    last = (told.get("x-forwarded-proto") or "").rpartition(",")[2].strip().lower()
    if last not in {"http", "https"}:
        return scheme
    secure = last == "https"
    if scheme in {"ws", "wss"}:
        return "wss" if secure else "ws"
    return "https" if secure else "http"
