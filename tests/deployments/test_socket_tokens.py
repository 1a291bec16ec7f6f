"""What is forged opens no socket: the matrix of HTTP, at the handshake of the real one."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from cluster.stores.live_feed import MemoryLiveFeed
from deployments.auth import Resolver
from deployments.tokens import Tokens
from domain.access import Principal
from domain.errors import Unauthenticated
from tests.realtime import opening, serving, url
from tests.tokens import FORGED, NOBODY, NOW, PUBLISHED, Provider, signed

LARGE = {"huge", "huge nonsense"}
"""Refused by the server itself, as headers."""


class Nobody:
    """Knows no session and no API key."""

    async def principal(self, token: str) -> Principal:
        raise Unauthenticated(reason="unknown")


@pytest.fixture
async def address() -> AsyncIterator[str]:
    feed = MemoryLiveFeed()
    tokens = Tokens([Provider([*PUBLISHED]).issuer()], lambda: NOW)
    async with serving(opening(feed, feed), Resolver(Nobody(), Nobody(), tokens)) as address:
        yield address


async def answered(address: str, token: str) -> str:
    """`let in`, `refused` by the hub in words, or `cut off` before anything was said."""
    headers = {"authorization": f"Bearer {token}"}
    try:
        async with connect(url(address), additional_headers=headers) as client:
            await client.recv()
            await client.send("40")
            return "refused" if "Unauthenticated" in str(await client.recv()) else "let in"
    except (InvalidHandshake, ConnectionClosed, OSError, EOFError):
        return "cut off"


async def test_what_is_forged_opens_no_socket(address: str) -> None:
    assert await answered(address, signed()) == "let in"
    answers = await asyncio.gather(*(answered(address, token) for token in FORGED.values()))
    wrong = []
    for (how, token), found in zip(FORGED.items(), answers, strict=True):
        is_text = token.isascii() and token.isprintable() and how not in LARGE
        if found not in ({"refused"} if is_text else {"refused", "cut off"}):
            wrong.append((how, found))
    assert wrong == []


async def test_who_is_nobody_here_gets_no_socket(address: str) -> None:
    for how, told in NOBODY.items():
        assert await answered(address, signed(**told)) == "refused", how
