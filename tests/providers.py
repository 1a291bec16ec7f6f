"""A small provider of identity (OpenID Connect) over real HTTP, which can be made to lie."""

import asyncio
import secrets
import socket
import time
import warnings
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode

import httpx
import uvicorn
from httpx import AsyncClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from cluster.settings import PostgresSettings, Settings
from tests.app import Hub
from tests.identity import People, people

CLIENT, SECRET = "the hub", "s3cret of the:hub"
DANA = "dana@ortizmedical.example"
LEE = {"sub": "u-1", "email": "lee@ortizmedical.example", "email_verified": True, "name": "Lee"}
API = {"accept": "application/json"}
DOOR = "/sign-in/company/ortiz"

Forge = Callable[["SmallProvider", dict[str, Any]], str]
"""Makes an id_token of the claims that an honest one would have."""


def honest(provider: "SmallProvider", claims: dict[str, Any]) -> str:
    return signed(provider.key, claims)


def signed(key: RSAKey, claims: dict[str, Any], **header: Any) -> str:
    told = {"alg": "RS256", "kid": "p1"} | header
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return jwt.encode(told, claims, key, algorithms=[told["alg"]])


@dataclass
class SmallProvider:
    """Whoever comes is `user`, and agrees at once. A code works once, for who proves to have asked
    for it; `is_lax`: for anybody.
    """

    issuer: str
    user: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "p1"}))
    forge: Forge = honest
    is_lax: bool = False
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self.configuration),
                Route("/authorize", self.authorize),
                Route("/token", self.token, methods=["POST"]),
                Route("/jwks", self.jwks),
            ]
        )

    async def configuration(self, request: Request) -> Response:
        names = {"authorization_endpoint": "authorize", "token_endpoint": "token"}
        told = {name: f"{self.issuer}/{path}" for name, path in names.items()}
        return JSONResponse({"issuer": self.issuer, "jwks_uri": f"{self.issuer}/jwks"} | told)

    async def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        told = {"code": code, "state": asked["state"], "iss": self.issuer}
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode(told)}", 303)

    async def token(self, request: Request) -> Response:
        form = {
            name: values[0] for name, values in parse_qs((await request.body()).decode()).items()
        }
        scheme, _, pair = request.headers["authorization"].partition(" ")
        client, _, secret = b64decode(pair).decode().partition(":")
        known = (scheme, unquote(client), unquote(secret)) == ("Basic", CLIENT, SECRET)
        asked = self.codes.pop(form["code"], None)
        if not known or asked is None or not (self.is_lax or _has_asked(asked, form)):
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300}
        token = self.forge(self, {**claims, "nonce": asked["nonce"], **self.user})
        return JSONResponse({"id_token": token, "token_type": "Bearer"})

    async def jwks(self, request: Request) -> Response:
        return JSONResponse({"keys": [self.key.as_dict(private=False)]})


def _has_asked(asked: dict[str, str], form: dict[str, str]) -> bool:
    digest = sha256(form["code_verifier"].encode()).digest()
    challenge = urlsafe_b64encode(digest).rstrip(b"=").decode()
    is_verified = challenge == asked["code_challenge"]
    return is_verified and form["redirect_uri"] == asked["redirect_uri"]


@asynccontextmanager
async def small_provider() -> AsyncIterator[SmallProvider]:
    listener = socket.create_server(("127.0.0.1", 0))
    provider = SmallProvider(f"http://127.0.0.1:{listener.getsockname()[1]}")
    server = uvicorn.Server(
        uvicorn.Config(provider.app(), log_level="error", timeout_graceful_shutdown=1)
    )
    running = asyncio.create_task(server.serve(sockets=[listener]))
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield provider
    finally:
        server.should_exit = True
        await running
        listener.close()


async def configure(client: AsyncClient, provider: SmallProvider, **changed: Any) -> httpx.Response:
    told = {
        "name": "ortiz",
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "domains": ["ortizmedical.example"],
        "role": "editor",
    }
    return await client.put("/api/v1/company/sign-in", json={**told, **changed}, headers=API)


async def there(client: AsyncClient, onward: str = "/") -> str:
    """To the provider, and the address with which it sends the browser back."""
    leads = await client.get(DOOR, params={"next": onward})
    assert leads.status_code == 303, leads.text
    async with httpx.AsyncClient() as browser:
        answer = await browser.get(leads.headers["location"])
    return answer.headers["location"]


async def sign_in(client: AsyncClient) -> httpx.Response:
    return await client.get(await there(client))


async def me(client: AsyncClient) -> Any:
    return (await client.get("/api/v1/me", headers=API)).json()


@dataclass
class Ortiz:
    """A hub in which a company has set its provider, and its owner, signed in with a password."""

    hub: People
    owner: AsyncClient
    provider: SmallProvider


@asynccontextmanager
async def ortiz_medical(database: PostgresSettings, stores: Settings) -> AsyncIterator[Ortiz]:
    async with small_provider() as provider:
        provider.user = dict(LEE)
        inside = provider.issuer
        told = people(database, stores, Hub(), is_local=False, inside_provider=inside)
        async with told as hub, hub.browser() as owner:
            await hub.sign_up(owner, DANA)
            assert (await configure(owner, provider)).status_code == 200
            yield Ortiz(hub, owner, provider)
