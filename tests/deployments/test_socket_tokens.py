"""What is forged opens no socket: the matrix of HTTP, at the handshake of the real one."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from starlette.requests import HTTPConnection
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from cluster.stores.audit import MemoryAudit
from cluster.stores.live_feed import MemoryLiveFeed
from deployments.auth import Identify, Resolver
from deployments.gateway.refusals import LEFT_OUT, MOST
from deployments.realtime.told import ACTION, TellingIdentify
from deployments.tokens import Tokens
from domain.access import Principal
from domain.audit import Act
from domain.errors import Unauthenticated, Unavailable
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


COMPANY = UUID(int=7)


def refusing(tenant_id: UUID | None) -> Identify:
    async def identify(connection: HTTPConnection) -> Principal:
        reason = "this API key was revoked"
        raise Unauthenticated(reason=reason, tenant_id=tenant_id, credential="key:abc")

    return identify


class AwayAudit:
    async def record(self, act: Act) -> None:
        raise Unavailable(service="the audit log", reason="cut off")


@pytest.mark.parametrize(("tenant_id", "told"), [(COMPANY, 1), (None, 0)])
async def test_a_credential_that_opens_no_socket_is_in_its_companys_audit_log(
    tenant_id: UUID | None, told: int
) -> None:
    feed, audit = MemoryLiveFeed(), MemoryAudit()
    identify = TellingIdentify(refusing(tenant_id), audit)
    async with serving(opening(feed, feed), identify) as address:
        assert await answered(address, "mch_abc_secret") == "refused"
    assert [(act.tenant_id, act.action, act.credential) for act in audit.acts] == [
        (COMPANY, ACTION, "key:abc")
    ] * told
    assert [act.details for act in audit.acts] == [{"address": "127.0.0.1"}] * told


async def test_a_flood_at_the_handshake_does_not_fill_the_log() -> None:
    audit = MemoryAudit()
    identify = TellingIdentify(refusing(COMPANY), audit)
    for _ in range(MOST + 5):
        with pytest.raises(Unauthenticated):
            await identify(HTTPConnection({"type": "websocket", "headers": []}))
    assert [act.action for act in audit.acts] == [ACTION] * MOST + [LEFT_OUT]


async def test_who_is_refused_stays_refused_while_the_log_is_away() -> None:
    identify = TellingIdentify(refusing(COMPANY), AwayAudit())
    with pytest.raises(Unauthenticated):
        await identify(HTTPConnection({"type": "websocket", "headers": []}))
