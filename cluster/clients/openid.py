"""Companies' providers of identity over HTTP: OpenID Connect Discovery 1.0 and RFC 6749, 4.1.3.

Their addresses are told by companies: nothing inside is asked, no redirect is followed, an answer
is small and comes soon.
"""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from cluster.clients.jwks import PublishedKeys
from cluster.clients.public_only import PublicOnly
from domain.errors import Invalid, Unauthenticated, Unavailable

MAX_BYTES = 256 * 1024
WITHIN_S = 10.0
_SERVICE = "your company's provider"
THEIRS = frozenset({_SERVICE, "jwks"})
"""What an outage that is not ours names."""


@dataclass(frozen=True, slots=True)
class Discovered:
    """What a provider says of itself. `posts_secret`: it takes no secret in a header."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    posts_secret: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A code, and what proves that it was given to us."""

    client_id: str
    client_secret: str
    code: str
    redirect_uri: str
    verifier: str


class OpenIdClient:
    """Raises `Unavailable` for a provider that does not answer as one, and `Invalid` for one that
    lies inside.
    """

    def __init__(self, http: httpx.AsyncClient, besides: str = "") -> None:
        self._http = http
        self._besides = besides

    async def discover(self, issuer: str) -> Discovered:
        told = await self._get(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if told.get("issuer") != issuer:
            raise Unavailable(service=_SERVICE, reason="it names another issuer")
        names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
        authorization, token, jwks = (str(told.get(name, "")) for name in names)
        if not all(map(self._is_safe, (authorization, token, jwks))):
            raise Unavailable(service=_SERVICE, reason="an endpoint of it is not behind https")
        methods = told.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        takes_header = isinstance(methods, list) and "client_secret_basic" in methods
        return Discovered(issuer, authorization, token, jwks, not takes_header)

    async def exchange(self, found: Discovered, asked: Exchange) -> str:
        """The id_token. Raises `Unauthenticated` where the provider refuses the code."""
        form = {
            "grant_type": "authorization_code",
            "code": asked.code,
            "redirect_uri": asked.redirect_uri,
            "code_verifier": asked.verifier,
        }
        headers = {"accept": "application/json"}
        if found.posts_secret:
            form |= {"client_id": asked.client_id, "client_secret": asked.client_secret}
        else:
            headers["authorization"] = _basic(asked.client_id, asked.client_secret)
        answer = await self._ask("POST", found.token_endpoint, data=form, headers=headers)
        if answer.status_code in {400, 401, 403}:
            raise Unauthenticated(reason="your company's provider refused the sign-in")
        token = _object(answer).get("id_token")
        if not isinstance(token, str):
            raise Unavailable(service=_SERVICE, reason="it gave no id_token")
        return token

    def keys(self, jwks_uri: str) -> PublishedKeys:
        return PublishedKeys(self._http, jwks_uri)

    def _is_safe(self, url: str) -> bool:
        """Also where a browser is sent, which `PublicOnly` does not see."""
        is_trusted = bool(self._besides) and url.startswith(f"{self._besides}/")
        return (url.startswith("https://") or is_trusted) and url.isprintable() and url.isascii()

    async def _get(self, url: str) -> Mapping[str, Any]:
        return _object(await self._ask("GET", url))

    async def _ask(self, method: str, url: str, **told: Any) -> httpx.Response:
        try:
            return await self._http.request(method, url, follow_redirects=False, **told)
        except httpx.InvalidURL as error:
            raise Invalid(what=_SERVICE, reason="its address is none") from error
        except httpx.HTTPError as error:
            raise Unavailable(service=_SERVICE, reason=type(error).__name__) from error
        except Invalid as error:
            raise Invalid(what=_SERVICE, reason=error.reason) from error


class Capped(httpx.AsyncBaseTransport):
    """Answers that are read whole, as they came: small, soon, and not packed."""

    def __init__(self, inner: httpx.AsyncBaseTransport, within_s: float = WITHIN_S) -> None:
        self._inner = inner
        self._within_s = within_s

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.headers["accept-encoding"] = "identity"
        try:
            async with asyncio.timeout(self._within_s):
                answer = await self._inner.handle_async_request(request)
                try:
                    body = await _small(answer, request)
                finally:
                    await answer.aclose()
        except TimeoutError as error:
            raise httpx.ReadTimeout("it took too long", request=request) from error
        return httpx.Response(answer.status_code, headers=answer.headers, content=body)

    async def aclose(self) -> None:
        await self._inner.aclose()


@asynccontextmanager
async def open_openid(besides: str = "") -> AsyncIterator[OpenIdClient]:
    """`besides` is the one origin inside that may be asked, as the settings tell."""
    transport = Capped(PublicOnly(httpx.AsyncHTTPTransport(), besides))
    async with httpx.AsyncClient(transport=transport, timeout=WITHIN_S) as http:
        yield OpenIdClient(http, besides)


async def _small(answer: httpx.Response, request: httpx.Request) -> bytes:
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise httpx.DecodingError("it is packed", request=request)
    if not isinstance(answer.stream, httpx.AsyncByteStream):
        raise httpx.ReadError("it can't be read piece by piece", request=request)
    body = bytearray()
    async for piece in answer.stream:
        body += piece
        if len(body) > MAX_BYTES:
            raise httpx.ReadError("it is too large", request=request)
    return bytes(body)


def _object(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        answer.raise_for_status()
        told = answer.json()
    except (httpx.HTTPError, ValueError, RecursionError) as error:
        raise Unavailable(service=_SERVICE, reason=type(error).__name__) from error
    if not isinstance(told, dict):
        raise Unavailable(service=_SERVICE, reason="its answer is no object")
    return told


def _basic(client_id: str, secret: str) -> str:
    """RFC 6749, 2.3.1: both are spelled as in a form first."""
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return f"Basic {b64encode(pair.encode()).decode()}"
