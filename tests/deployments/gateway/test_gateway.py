"""What a request passes before its route: names, proxies, sizes, times, other sites, traces."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from ipaddress import ip_network

import pytest
from httpx import AsyncClient
from starlette.types import Message, Receive, Scope, Send

from cluster.settings_gateway import GatewaySettings
from cluster.tracing import Trace
from deployments.gateway.proxies import BelieveProxies
from domain.ports import Notifications
from tests.app import Hub, client_of

READS = "/api/v1/notifications/unread"
ACTS = "/api/v1/notifications/read"
OURS = (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def _believed(peer: str, headers: list[tuple[bytes, bytes]], scheme: str = "http") -> Scope:
    seen: list[Scope] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)

    async def receive() -> Message:
        raise AssertionError("nobody reads")

    async def send(message: Message) -> None:
        raise AssertionError("nobody answers")

    scope = {"type": "http", "client": (peer, 7), "headers": headers, "scheme": scheme}
    await BelieveProxies(app, OURS)(scope, receive, send)
    return seen[0]


@pytest.mark.parametrize(
    ("peer", "told", "caller"),
    [
        ("10.0.0.1", b"192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", b"127.0.0.1, 192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", b"6.6.6.6, 192.0.2.7, 10.0.0.2", "192.0.2.7"),
        ("10.0.0.1", b"2001:db8::7, 198.51.100.1, [2001:db8::1]", "198.51.100.1"),
        ("::ffff:10.0.0.1", b"::ffff:192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", b"nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", b"", "10.0.0.1"),
        ("192.0.2.9", b"127.0.0.1", "192.0.2.9"),
        ("", b"127.0.0.1", ""),
    ],
)
async def test_the_last_address_that_is_no_proxy_of_ours_counts(
    peer: str, told: bytes, caller: str
) -> None:
    scope = await _believed(peer, [(b"x-forwarded-for", told)])
    assert scope["client"][0] == caller


async def test_several_lines_are_one_list() -> None:
    lines = [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"192.0.2.7, 10.0.0.2")]
    assert (await _believed("10.0.0.1", lines))["client"][0] == "192.0.2.7"


@pytest.mark.parametrize(("peer", "scheme"), [("10.0.0.1", "https"), ("192.0.2.9", "http")])
async def test_the_scheme_is_believed_of_proxies_alone(peer: str, scheme: str) -> None:
    scope = await _believed(peer, [(b"x-forwarded-proto", b"https")])
    assert scope["scheme"] == scheme


@pytest.mark.parametrize("peer", ["10.0.0.1", "192.0.2.9"])
async def test_nothing_behind_sees_a_forwarding_header(peer: str) -> None:
    names = (b"x-forwarded-for", b"x-forwarded-host", b"forwarded", b"x-real-ip", b"accept")
    scope = await _believed(peer, [(name, b"x") for name in names])
    assert scope["headers"] == [(b"accept", b"x")]


async def test_a_spoofed_address_makes_nobody_local() -> None:
    async with client_of(Hub(), host="192.0.2.9") as client:
        answer = await client.get(READS, headers={"x-forwarded-for": "127.0.0.1"})
    assert answer.status_code == 403


async def test_a_stranger_behind_our_proxy_is_not_taken_for_it() -> None:
    hub = Hub(gateway=GatewaySettings(proxies="127.0.0.0/8"))
    async with client_of(hub) as client:
        stranger = await client.get(READS, headers={"x-forwarded-for": "192.0.2.9"})
        us = await client.get(READS)
    assert (stranger.status_code, us.status_code) == (403, 200)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("hub.example.com", 403),
        ("HUB.example.com:8443", 403),
        ("evil.example.com", 421),
        ("hub.example.com.evil.example", 421),
    ],
)
async def test_it_answers_to_the_names_that_are_set(host: str, status: int) -> None:
    """403, since nobody is local under another name: but it is the hub that says so."""
    hub = Hub(gateway=GatewaySettings(hosts="hub.example.com"))
    async with client_of(hub) as client:
        assert (await client.get(READS, headers={"host": host})).status_code == status


async def test_other_sites_may_ask_what_is_set_and_no_more() -> None:
    hub = Hub(gateway=GatewaySettings(origins="https://app.example.com"))
    asks = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
    }
    async with client_of(hub) as client:
        invited = await client.options(ACTS, headers={"origin": "https://app.example.com"} | asks)
        other = await client.options(ACTS, headers={"origin": "https://evil.example"} | asks)
        acts = await client.post(ACTS, json={}, headers={"origin": "https://app.example.com"})
        foreign = await client.post(ACTS, json={}, headers={"origin": "https://evil.example"})
    assert invited.headers["access-control-allow-origin"] == "https://app.example.com"
    assert "access-control-allow-credentials" not in invited.headers
    assert "access-control-allow-origin" not in other.headers
    assert (acts.status_code, foreign.status_code) == (200, 403)


async def test_an_invited_site_may_not_act_with_a_cookie() -> None:
    hub = Hub(gateway=GatewaySettings(origins="https://app.example.com"))
    headers = {"origin": "https://app.example.com", "cookie": "other=1"}
    async with client_of(hub) as client:
        assert (await client.post(ACTS, json={}, headers=headers)).status_code == 403


async def test_without_origins_no_other_site_is_answered() -> None:
    async with client_of(Hub()) as client:
        answer = await client.get(READS, headers={"origin": "https://app.example.com"})
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("told", ["app.example.com", "https://app.example.com/", "*", "null"])
def test_what_is_no_origin_stops_the_start(told: str) -> None:
    with pytest.raises(ValueError, match="origin"):
        GatewaySettings(origins=told)


def test_what_is_no_network_stops_the_start() -> None:
    with pytest.raises(ValueError, match="network"):
        GatewaySettings(proxies="10.0.0.1, everybody")


async def test_a_body_that_does_not_come_is_not_waited_for() -> None:
    async def stall() -> AsyncIterator[bytes]:
        yield b'{"ids"'
        await asyncio.sleep(5)
        yield b": []}"

    hub = Hub(gateway=GatewaySettings(body_within_s=0.2))
    async with client_of(hub) as client:
        for headers in ({}, {"content-length": "11"}):
            answer = await client.post(
                ACTS, content=stall(), headers={"content-type": "application/json"} | headers
            )
            assert (answer.status_code, answer.json()["title"]) == (408, "Request Timeout")


class Slow:
    """Stands in for stores that take their time, and notes that it was told to stop."""

    def __init__(self, real: Notifications) -> None:
        self._real = real
        self.was_cancelled = False

    def __getattr__(self, name: str) -> object:
        return getattr(self._real, name)

    async def unread(self, *_: object) -> int:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            self.was_cancelled = True
            raise
        return 0


async def test_what_takes_too_long_is_given_up_and_cancelled() -> None:
    hub = Hub(gateway=GatewaySettings(answer_within_s=0.2))
    slow = Slow(hub.notifications)
    hub.notifications = slow  # type: ignore[assignment]
    async with client_of(hub) as client:
        answer = await client.get(READS)
    assert answer.status_code == 503
    assert slow.was_cancelled


async def _trace_of(client: AsyncClient, headers: Mapping[str, str]) -> Trace:
    trace = Trace.parse((await client.get("/health/live", headers=headers)).headers["traceparent"])
    assert trace
    return trace


async def test_a_trace_is_continued_or_begun() -> None:
    async with client_of(Hub()) as client:
        continued = await _trace_of(client, {"traceparent": PARENT})
        begun = await _trace_of(client, {})
    assert continued.trace_id == "0af7651916cd43dd8448eb211c80319c"
    assert continued.span_id != "b7ad6b7169203331"
    assert continued.flags == "01"
    assert begun.trace_id != continued.trace_id


@pytest.mark.parametrize(
    "told",
    [
        None,
        "",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
        "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
        f"{PARENT}-more",
    ],
)
def test_what_is_no_traceparent_begins_a_new_trace(told: str | None) -> None:
    assert Trace.parse(told) is None


def test_a_later_version_may_say_more() -> None:
    assert Trace.parse(f"01{PARENT[2:]}-more") is not None
