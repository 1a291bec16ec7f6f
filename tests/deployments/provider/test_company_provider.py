"""A company's provider: what it may be set to, and what it forges in vain."""

from typing import Any

import pytest
from httpx import AsyncClient
from joserfc.jwk import RSAKey

from cluster.stores.attempts import PROVIDERS
from tests.identity import People
from tests.providers import (
    API,
    CLIENT,
    DOOR,
    SECRET,
    Forge,
    SmallProvider,
    configure,
    me,
    sign_in,
    signed,
)
from tests.tokens import by_hand, hs256, unsigned

pytestmark = pytest.mark.stores
STRANGER = RSAKey.generate_key(2048, {"kid": "p1"})


def _changed(**changed: Any) -> Forge:
    def forge(provider: SmallProvider, claims: dict[str, Any]) -> str:
        told = {name: value for name, value in (claims | changed).items() if value is not None}
        return signed(provider.key, told)

    return forge


def _as(header: dict[str, Any], sign: Any) -> Forge:
    return lambda provider, claims: by_hand(header, claims, sign)


FORGED: dict[str, Forge] = {
    "another nonce": _changed(nonce="x"),
    "no nonce": _changed(nonce=None),
    "another audience": _changed(aud="other"),
    "several audiences and no azp": _changed(aud=[CLIENT, "other"]),
    "several audiences and another's azp": _changed(aud=[CLIENT, "other"], azp="other"),
    "another's azp": _changed(azp="other"),
    "another issuer": _changed(iss="https://login.evil.example"),
    "expired": _changed(exp=1),
    "no end": _changed(exp=None),
    "no iat": _changed(iat=None),
    "long ago": _changed(iat=1),
    "not yet": _changed(nbf=4_000_000_000),
    "no subject": _changed(sub=None),
    "an address that is not verified": _changed(email_verified=False),
    "an address that is verified in words": _changed(email_verified="true"),
    "no address": _changed(email=None),
    "alg none": _as({"alg": "none"}, unsigned),
    "HS256 with the client secret": _as({"alg": "HS256"}, hs256(SECRET.encode())),
    "another's key": lambda provider, claims: signed(STRANGER, claims),
    "a key that it brings along": lambda provider, claims: signed(
        STRANGER, claims, jwk=STRANGER.as_dict(private=False)
    ),
    "no token": lambda provider, claims: "nonsense",
}


async def test_what_is_forged_lets_nobody_in(
    hub: People, owner: AsyncClient, provider: SmallProvider
) -> None:
    wrong = []
    for how, forge in FORGED.items():
        provider.forge = forge
        async with hub.browser() as browser:
            answer = await sign_in(browser)
            is_in = (await browser.get("/api/v1/me", headers=API)).status_code != 401
            if answer.status_code != 422 or is_in or "set-cookie" in answer.headers:
                wrong.append(how)
        await hub.identity.attempts.clear(PROVIDERS, "127.0.0.1")
    assert wrong == []
    entries = (await owner.get("/api/v1/company/audit", headers=API)).json()["items"]
    failed = [one for one in entries if one["action"] == "failed: sign in through the provider"]
    assert len(failed) == len(FORGED)


@pytest.mark.parametrize(
    "issuer", ["https://127.0.0.1", "http://login.example", "https://169.254.169.254/latest"]
)
async def test_nothing_inside_is_asked(
    hub: People, owner: AsyncClient, provider: SmallProvider, issuer: str
) -> None:
    assert (await configure(owner, provider, issuer=issuer)).status_code == 200
    async with hub.browser() as lee:
        answer = await lee.get(DOOR)
        assert answer.status_code == 422
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("changed", "what"),
    [
        ({"role": "admin"}, "role"),
        ({"role": "owner"}, "role"),
        ({"domains": ["*.example"]}, "domains"),
        ({"issuer": "javascript:alert(1)"}, "issuer"),
        ({"issuer": "https://login.example/?x=1"}, "issuer"),
        ({"name": "Ortiz Medical"}, "name"),
        ({"issuer": "https://login.other.example", "client_secret": ""}, "client_secret"),
    ],
)
async def test_what_is_no_provider_is_refused(
    owner: AsyncClient, provider: SmallProvider, changed: dict[str, Any], what: str
) -> None:
    """The last: the secret of one provider is told to no other."""
    answer = await configure(owner, provider, **changed)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith(what)


async def test_the_page_sets_it_shows_no_secret_and_removing_it_ends_its_sessions(
    hub: People, owner: AsyncClient, provider: SmallProvider
) -> None:
    async with hub.browser() as lee:
        assert (await sign_in(lee)).status_code == 303
        told = {"name": "ortiz", "issuer": provider.issuer, "client_id": CLIENT, "role": "viewer"}
        answer = await owner.post(
            "/company/sign-in", data={**told, "domains": "a.example b.example"}
        )
        assert answer.status_code == 303
        page = (await owner.get("/company/sign-in")).text
        assert "a.example, b.example" in page
        assert SECRET not in page
        assert (await me(lee))["permissions"]
        assert (await lee.get("/company/sign-in")).status_code == 403
        wrong = {**told, "domains": "no domain"}
        assert "is no domain" in (await owner.post("/company/sign-in", data=wrong)).text
        assert (await owner.post("/company/sign-in/remove")).status_code == 303
        assert (await lee.get("/api/v1/me", headers=API)).status_code == 401
        assert (await lee.get(DOOR)).status_code == 404
        assert (await owner.get("/api/v1/company/sign-in", headers=API)).status_code == 404
        assert (await owner.get("/api/v1/me", headers=API)).status_code == 200
