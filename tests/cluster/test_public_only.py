"""What may be asked is decided when the connection is made, over the addresses it would go to."""

from collections.abc import Sequence

import httpx
import pytest

from cluster.clients.public_only import PublicOnly, resolve_host
from domain.errors import Invalid

PUBLIC = "93.184.215.14"


class Net:
    """Names and addresses as they are told, one answer after the other."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[httpx.Request] = []

    async def resolve(self, host: str, port: int) -> Sequence[str]:
        return self.answers.pop(0)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        return httpx.Response(200)

    def client(self, besides: str = "") -> httpx.AsyncClient:
        inner = httpx.MockTransport(self.answer)
        return httpx.AsyncClient(transport=PublicOnly(inner, besides, self.resolve))


async def test_it_connects_to_the_address_that_it_looked_at_under_the_name() -> None:
    net = Net([PUBLIC], ["127.0.0.1"])
    async with net.client() as http:
        await http.get("https://files.example/a")
    [request] = net.asked
    assert request.url.host == PUBLIC
    assert request.headers["Host"] == "files.example"
    assert request.extensions["sni_hostname"] == "files.example"
    assert len(net.answers) == 1  # Resolved once: a second answer would have been another.


@pytest.mark.parametrize(
    "addresses",
    [["127.0.0.1"], ["169.254.169.254"], ["::ffff:10.0.0.1"], [PUBLIC, "192.168.0.1"], []],
)
async def test_a_name_of_an_address_inside_is_refused(addresses: list[str]) -> None:
    net = Net(addresses)
    async with net.client() as http:
        with pytest.raises(Invalid, match="not on the public internet"):
            await http.get("https://rebinding.example/a")
    assert net.asked == []


async def test_without_tls_nobody_is_asked() -> None:
    net = Net([PUBLIC])
    async with net.client() as http:
        with pytest.raises(Invalid, match="without https"):
            await http.get("http://files.example/a")


async def test_the_one_origin_that_is_set_is_trusted_and_its_neighbours_are_not() -> None:
    net = Net(["127.0.0.1"])
    async with net.client("http://127.0.0.1:8099") as http:
        await http.get("http://127.0.0.1:8099/a")
        with pytest.raises(Invalid):
            await http.get("http://127.0.0.1:5432/a")
        with pytest.raises(Invalid):
            await http.get("https://127.0.0.1:8099/a")
    assert len(net.asked) == 1


async def test_a_real_name_of_this_machine_is_found_out() -> None:
    assert set(await resolve_host("localhost", 443)) <= {"127.0.0.1", "::1"}
    transport = PublicOnly(httpx.AsyncHTTPTransport())
    async with httpx.AsyncClient(transport=transport) as http:
        for host in ("localhost", "127.1", "0x7f000001", "[::1]"):
            with pytest.raises((Invalid, httpx.ConnectError)):
                await http.get(f"https://{host}/")
