"""One function decides who asks. What is wrong is refused, and never falls back."""

from dataclasses import dataclass, field
from uuid import UUID

import pytest
from starlette.requests import Request

from deployments.auth import LOCAL, Resolver, local_principal
from domain.access import Permission, Principal
from domain.errors import Forbidden, Unauthenticated


def principal(name: str) -> Principal:
    return Principal(UUID(int=7), name, frozenset({Permission.READ_OPPORTUNITIES}))


@dataclass
class Known:
    """Knows one credential, and notes what it was asked."""

    good: str
    asked: list[str] = field(default_factory=list)

    async def principal(self, token: str) -> Principal:
        self.asked.append(token)
        if token != self.good:
            raise Unauthenticated(reason="unknown")
        return principal(token)


def request(method: str = "GET", host: str = "127.0.0.1", **headers: str) -> Request:
    told = {"host": "127.0.0.1:8000", **headers}
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in told.items()]
    return Request({"type": "http", "method": method, "headers": raw, "client": (host, 1)})


@pytest.fixture
def resolve() -> Resolver:
    return Resolver(Known("session"), Known("mch_a_b"), Known("jwt"), local_principal)


@pytest.mark.parametrize(
    ("headers", "who"),
    [
        ({"cookie": "mch_session=session"}, "session"),
        ({"cookie": "__Host-mch_session=session"}, "session"),
        ({"authorization": "Bearer mch_a_b"}, "mch_a_b"),
        ({"authorization": "bearer jwt"}, "jwt"),
        ({"cookie": "mch_session=session", "authorization": "Bearer forged"}, "session"),
        ({}, LOCAL.user_id),
    ],
)
async def test_what_is_good_is_known(resolve: Resolver, headers: dict[str, str], who: str) -> None:
    assert (await resolve(request(**headers))).user_id == who


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "mch_session=forged"},
        {"cookie": "mch_session="},
        {"cookie": "mch_session=old", "authorization": "Bearer jwt"},
        {"authorization": "Bearer mch_a_forged"},
        {"authorization": "Bearer forged"},
        {"authorization": "Bearer "},
        {"authorization": "Basic bWNoOm1jaA=="},
        {"authorization": ""},
    ],
)
async def test_what_is_wrong_never_becomes_the_local_principal(
    resolve: Resolver, headers: dict[str, str]
) -> None:
    with pytest.raises(Unauthenticated):
        await resolve(request(**headers))


async def test_without_a_local_principal_nobody_is_let_in() -> None:
    resolve = Resolver(Known("session"), Known("mch_a_b"), Known("jwt"))
    with pytest.raises(Unauthenticated):
        await resolve(request())


async def test_from_elsewhere_nobody_is_local(resolve: Resolver) -> None:
    with pytest.raises(Forbidden):
        await resolve(request(host="10.0.0.9"))


@pytest.mark.parametrize(
    ("headers", "is_forged"),
    [
        ({}, True),
        ({"sec_fetch_site": "none"}, True),
        ({"origin": "http://127.0.0.1:8000"}, False),
        ({"sec_fetch_site": "same-origin"}, False),
    ],
)
async def test_a_cookie_acts_only_for_a_page_that_tells_its_origin(
    resolve: Resolver, headers: dict[str, str], is_forged: bool
) -> None:
    acting = request("POST", cookie="mch_session=session", **headers)
    if is_forged:
        with pytest.raises(Forbidden):
            await resolve(acting)
    else:
        assert (await resolve(acting)).user_id == "session"


async def test_an_api_key_acts_without_an_origin(resolve: Resolver) -> None:
    assert (await resolve(request("POST", authorization="Bearer mch_a_b"))).user_id == "mch_a_b"
