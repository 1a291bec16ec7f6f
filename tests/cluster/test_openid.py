"""A company's provider is asked with care: what it tells is small, soon, plain, and its own."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from cluster.clients.openid import MAX_BYTES, Capped, Exchange, OpenIdClient
from domain.errors import Unauthenticated, Unavailable

ISSUER = "https://login.ortiz.example"
TOLD: dict[str, Any] = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/authorize",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/jwks",
}
ASKED = Exchange(
    client_id="the hub",
    client_secret="a:b",  # noqa: S106 - a test's own
    code="c",
    redirect_uri="https://hub.example/x",
    verifier="v",
)

Answer = Callable[[httpx.Request], httpx.Response]


def client(answer: Answer, within_s: float = 5.0) -> OpenIdClient:
    transport = Capped(httpx.MockTransport(answer), within_s)
    return OpenIdClient(httpx.AsyncClient(transport=transport))


def always(*told: Any, **more: Any) -> Answer:
    return lambda request: httpx.Response(*told, **more)


async def test_it_is_what_it_says_of_itself() -> None:
    found = await client(always(200, json=TOLD)).discover(ISSUER)
    assert found.token_endpoint == f"{ISSUER}/token"
    assert not found.posts_secret


@pytest.mark.parametrize(
    "changed",
    [
        {"issuer": "https://login.evil.example"},
        {"issuer": f"{ISSUER}/"},
        {"token_endpoint": "http://login.ortiz.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
    ],
)
async def test_who_names_another_or_is_not_safe_is_not_believed(changed: dict[str, Any]) -> None:
    with pytest.raises(Unavailable):
        await client(always(200, json=TOLD | changed)).discover(ISSUER)


@pytest.mark.parametrize(
    "answer",
    [
        always(200, content=b"x" * (MAX_BYTES + 1)),
        always(200, content=gzip.compress(b"{}"), headers={"content-encoding": "gzip"}),
        always(200, content=b"[]"),
        always(200, content=b"no json"),
        always(302, headers={"location": "https://elsewhere.example"}),
        always(500),
    ],
    ids=["large", "packed", "a list", "no json", "a redirect", "an error"],
)
async def test_what_is_no_answer_is_an_outage(answer: Answer) -> None:
    with pytest.raises(Unavailable):
        await client(answer).discover(ISSUER)


async def test_who_drips_is_not_waited_for() -> None:
    class Drips(httpx.AsyncByteStream):
        async def __aiter__(self) -> AsyncIterator[bytes]:
            while True:
                yield b" "
                await asyncio.sleep(0.01)

    with pytest.raises(Unavailable, match="ReadTimeout"):
        await client(always(200, stream=Drips()), 0.05).discover(ISSUER)


async def test_the_secret_goes_where_the_provider_takes_it() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"id_token": "t"})

    asked = client(answer)
    for methods in (["client_secret_basic"], ["client_secret_post"]):
        told = TOLD | {"token_endpoint_auth_methods_supported": methods}
        found = await client(always(200, json=told)).discover(ISSUER)
        assert await asked.exchange(found, ASKED) == "t"
    assert seen[0].headers["authorization"] == "Basic dGhlJTIwaHViOmElM0Fi"
    assert b"client_secret" not in seen[0].content
    assert "authorization" not in seen[1].headers
    assert b"client_secret=a%3Ab" in seen[1].content


async def test_a_refused_code_is_no_outage() -> None:
    found = await client(always(200, json=TOLD)).discover(ISSUER)
    with pytest.raises(Unauthenticated):
        await client(always(400, json={"error": "invalid_grant"})).exchange(found, ASKED)
    with pytest.raises(Unavailable, match="no id_token"):
        await client(always(200, json={})).exchange(found, ASKED)
