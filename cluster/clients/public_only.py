"""HTTP to the public internet alone: no address inside reaches a request, whoever names it."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence

import httpx

from domain.addresses import is_public
from domain.errors import Invalid

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""The addresses of a host. Raises `OSError`."""


class PublicOnly(httpx.AsyncBaseTransport):
    """Resolves a name once, refuses it if one of its addresses is not public, and connects to an
    address that it has looked at: a name that resolves otherwise a moment later gains nothing.

    `besides` is the one origin that is trusted as it is set. No proxy is asked, which would choose
    the address itself. Raises `Invalid` for what is refused.
    """

    def __init__(
        self, inner: httpx.AsyncBaseTransport, besides: str = "", resolve: Resolve | None = None
    ) -> None:
        self._inner = inner
        self._besides = _origin(httpx.URL(besides)) if besides else None
        self._resolve = resolve or resolve_host

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if _origin(request.url) != self._besides:
            await self._pin(request)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def _pin(self, request: httpx.Request) -> None:
        """The certificate is still checked against the name, and the server still told it."""
        host = request.url.host
        if request.url.scheme != "https":
            raise Invalid(what="the link", reason=f"{host} is not asked without https")
        try:
            addresses = await self._resolve(host, request.url.port or 443)
        except OSError as error:
            raise httpx.ConnectError(f"{host}: {error}", request=request) from error
        if not addresses or not all(is_public(address) for address in addresses):
            raise Invalid(what="the link", reason=f"{host} is not on the public internet")
        request.url = request.url.copy_with(host=addresses[0])
        request.extensions = {**request.extensions, "sni_hostname": host}


async def resolve_host(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


def _origin(url: httpx.URL) -> tuple[str, str, int]:
    port = url.port or {"http": 80, "https": 443}.get(url.scheme, 0)
    return url.scheme, url.host, port
