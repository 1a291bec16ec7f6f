"""Who is counted: told from what a request shows, in the order in which it would be believed."""

from typing import Any
from uuid import UUID

import pytest
from starlette.requests import HTTPConnection

from cluster.stores.rates import Shown
from cluster.stores.redis import key
from deployments.auth import COOKIE, LOCAL
from deployments.gateway.callers import Caller, Callers
from domain.access import PUBLIC, Principal
from domain.errors import Unauthenticated
from domain.limits import Asker

TENANT = UUID(int=7)
HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
"""sha256 of `hello`."""


class OneToken:
    """Implements `BearerTokens`."""

    async def principal(self, token: str) -> Principal:
        if token != "good":  # noqa: S105 - a test's own
            raise Unauthenticated(reason="forged")
        return Principal(TENANT, "clerk", frozenset())


def _connection(host: str, headers: dict[str, str]) -> HTTPConnection:
    told: dict[str, Any] = {
        "type": "http",
        "client": (host, 1),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }
    return HTTPConnection(told)


CASES = {
    "nothing, from elsewhere": ({}, Caller(Asker("192.0.2.1"))),
    "a session": (
        {"cookie": f"{COOKIE}=hello"},
        Caller(Asker("192.0.2.1"), Shown(key(PUBLIC, "session", HELLO))),
    ),
    "an API key": (
        {"authorization": "Bearer mch_abc_hello"},
        Caller(Asker("192.0.2.1"), Shown(key(PUBLIC, "api_key", "abc"), "key:abc", HELLO)),
    ),
    "a token": ({"authorization": "bearer good"}, Caller(Asker("192.0.2.1", TENANT, "clerk"))),
    "a forged token": ({"authorization": "Bearer bad"}, Caller(Asker("192.0.2.1"))),
    "another scheme": ({"authorization": "Basic x"}, Caller(Asker("192.0.2.1"))),
}


@pytest.mark.parametrize("case", CASES)
async def test_who_is_counted(case: str) -> None:
    headers, caller = CASES[case]
    assert await Callers(OneToken())(_connection("192.0.2.1", headers)) == caller


async def test_who_sits_at_this_machine_is_its_user_where_that_is_so() -> None:
    here = _connection("127.0.0.1", {})
    assert (await Callers()(here)).asker == Asker("127.0.0.1", LOCAL.tenant_id, LOCAL.user_id)
    assert (await Callers(lets_local_in=False)(here)).asker == Asker("127.0.0.1")


async def test_a_wrong_credential_makes_nobody_the_local_user() -> None:
    shown = _connection("127.0.0.1", {"authorization": "Bearer bad"})
    assert (await Callers(OneToken())(shown)).asker == Asker("127.0.0.1")
