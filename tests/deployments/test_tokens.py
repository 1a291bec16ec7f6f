"""Bearer tokens: what is forged in any of the known ways lets nobody in."""

from base64 import urlsafe_b64encode
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from joserfc.jwk import OctKey, RSAKey

from cluster.clients.jwks import FRESH_S, STALE_S
from deployments.tokens import LEEWAY_S, Tokens
from domain.access import PERMISSIONS, Permission, Role
from domain.errors import Unauthenticated, Unavailable
from tests.tokens import (
    FORGED,
    NOBODY,
    NOW,
    OKP,
    OWN,
    PUBLISHED,
    STRANGERS,
    TENANT,
    Provider,
    by_hand,
    claims,
    hs256,
    signed,
)

SMALL = rsa.generate_private_key(public_exponent=65_537, key_size=1024)  # noqa: S505 - too small


def _sign_small(body: bytes) -> bytes:
    return SMALL.sign(body, padding.PKCS1v15(), hashes.SHA256())


def _published_small() -> dict[str, str]:
    modulus = SMALL.public_key().public_numbers().n.to_bytes(128, "big")
    spelled = urlsafe_b64encode(modulus).rstrip(b"=").decode()
    return {"kty": "RSA", "kid": "small", "n": spelled, "e": "AQAB"}


@pytest.fixture
def provider() -> Provider:
    return Provider([*PUBLISHED])


@pytest.fixture
def tokens(provider: Provider) -> Tokens:
    return Tokens([provider.issuer()], lambda: NOW)


@pytest.mark.parametrize("algorithm", OWN)
async def test_a_token_of_a_trusted_issuer_stands_for_a_member(
    tokens: Tokens, algorithm: str
) -> None:
    principal = await tokens.principal(signed(algorithm))
    assert (principal.tenant_id, principal.user_id) == (TENANT, claims()["sub"])
    assert principal.permissions == PERMISSIONS[Role.VIEWER] - {Permission.OWN_ACCOUNT}
    assert principal.credential == "token:s1"


async def test_without_a_key_id_every_key_is_tried(tokens: Tokens) -> None:
    assert (await tokens.principal(signed(header={"kid": None}))).tenant_id == TENANT


@pytest.mark.parametrize("how", FORGED)
async def test_what_is_forged_lets_nobody_in(tokens: Tokens, how: str) -> None:
    with pytest.raises(Unauthenticated):
        await tokens.principal(FORGED[how])


@pytest.mark.parametrize("how", NOBODY)
async def test_who_is_nobody_here_is_not_let_in(tokens: Tokens, how: str) -> None:
    with pytest.raises(Unauthenticated, match="names no"):
        await tokens.principal(signed(**NOBODY[how]))


async def test_a_key_that_is_too_short_or_secret_verifies_nothing() -> None:
    published: list[Any] = [_published_small(), OctKey.import_key("x" * 32).as_dict()]
    published.append(OKP.as_dict(private=True))
    tokens = Tokens([Provider(published).issuer()], lambda: NOW)
    for token in (
        by_hand({"alg": "RS256", "kid": "small"}, claims(), _sign_small),
        signed("EdDSA"),
        by_hand({"alg": "HS256"}, claims(), hs256(b"x" * 32)),
    ):
        with pytest.raises(Unauthenticated):
            await tokens.principal(token)


async def test_a_known_token_expires_all_the_same(provider: Provider) -> None:
    now = NOW
    tokens = Tokens([provider.issuer()], lambda: now)
    token = signed()
    await tokens.principal(token)
    now = NOW + 600 + LEEWAY_S + 1
    with pytest.raises(Unauthenticated):
        await tokens.principal(token)


async def test_keys_are_read_once_and_a_new_one_at_once(provider: Provider, tokens: Tokens) -> None:
    for algorithm in OWN:
        await tokens.principal(signed(algorithm))
    assert provider.asked == 1
    fresh = RSAKey.generate_key(2048, {"kid": "fresh"})
    provider.keys.append(fresh.as_dict(private=False))
    provider.now += 60
    assert (await tokens.principal(signed(key=fresh))).tenant_id == TENANT
    assert provider.asked == 2


async def test_unknown_key_ids_do_not_make_us_ask_each_time(
    provider: Provider, tokens: Tokens
) -> None:
    for number in range(20):
        with pytest.raises(Unauthenticated):
            await tokens.principal(signed(key=STRANGERS["RS256"], header={"kid": str(number)}))
    assert provider.asked == 1


async def test_a_key_that_is_no_longer_published_ends_known_tokens_too(
    provider: Provider, tokens: Tokens
) -> None:
    token = signed()
    await tokens.principal(token)
    provider.keys.pop(0)
    provider.now += FRESH_S
    with pytest.raises(Unauthenticated):
        await tokens.principal(token)


async def test_while_the_issuer_is_away_known_keys_do_for_a_while(
    provider: Provider, tokens: Tokens
) -> None:
    await tokens.principal(signed())
    provider.fails = True
    provider.now += FRESH_S
    assert (await tokens.principal(signed(iat=NOW - 11))).tenant_id == TENANT
    provider.now += STALE_S
    with pytest.raises(Unavailable, match="jwks"):
        await tokens.principal(signed(iat=NOW - 12))


async def test_without_any_keys_it_is_an_outage_and_no_refusal(
    provider: Provider, tokens: Tokens
) -> None:
    provider.fails = True
    with pytest.raises(Unavailable, match="jwks"):
        await tokens.principal(signed())
