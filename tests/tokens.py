"""Tokens for tests: good ones, those that are forged in every known way, and an issuer of them."""

import hmac
import json
import warnings
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from hashlib import sha256
from typing import Any
from uuid import UUID

import httpx
from cryptography.hazmat.primitives import serialization
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey

from cluster.clients.jwks import PublishedKeys
from deployments.issuers import supabase_principal
from deployments.tokens import LEEWAY_S, LONGEST_TOKEN, Issuer
from domain.access import PUBLIC

TENANT = UUID(int=7)
NOW = 1_800_000_000.0
ISSUER = "https://abc.supabase.co/auth/v1"
AUDIENCE = "authenticated"

RSA = RSAKey.generate_key(2048, {"kid": "rsa"})
EC = ECKey.generate_key("P-256", {"kid": "ec"})
OKP = OKPKey.generate_key("Ed25519", {"kid": "okp"})
STRANGERS: dict[str, RSAKey | ECKey | OKPKey] = {
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
    "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "okp"}),
}
OWN: dict[str, RSAKey | ECKey | OKPKey] = {"RS256": RSA, "ES256": EC, "EdDSA": OKP}
PUBLISHED = [key.as_dict(private=False) for key in OWN.values()]


def claims(**changed: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "6f9619ff-8b86-d011-b42d-00cf4fc964ff",
        "exp": NOW + 600,
        "iat": NOW - 10,
        "session_id": "s1",
        "app_metadata": {"tenant_id": str(TENANT), "role": "viewer"},
    } | changed
    return {name: value for name, value in told.items() if value is not None}


def signed(
    algorithm: str = "RS256", key: Any = None, header: dict[str, Any] | None = None, **changed: Any
) -> str:
    key = key or OWN[algorithm]
    told = {"alg": algorithm, "kid": key.kid} | (header or {})
    told = {name: value for name, value in told.items() if value is not None}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return jwt.encode(told, claims(**changed), key, algorithms=[algorithm])


def by_hand(header: dict[str, Any], told: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """A token as no library would make it."""
    parts = [_b64(json.dumps(part).encode()) for part in (header, told)]
    body = ".".join(parts).encode()
    return f"{body.decode()}.{_b64(sign(body))}"


def _b64(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def _pem(key: RSAKey) -> bytes:
    return key.public_key.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


class Provider:
    """An issuer's JWK Set behind HTTP, which may change or fail."""

    def __init__(self, keys: list[Any]) -> None:
        self.keys = keys
        self.asked = 0
        self.fails = False
        self.now = 0.0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.fails:
            return httpx.Response(500)
        return httpx.Response(200, json={"keys": self.keys})

    def issuer(self) -> Issuer:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        keys = PublishedKeys(http, f"{ISSUER}/.well-known/jwks.json", lambda: self.now)
        algorithms = frozenset({"RS256", "ES256", "EdDSA", "Ed25519"})
        return Issuer(ISSUER, AUDIENCE, algorithms, keys, supabase_principal)


def hs256(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda body: hmac.digest(secret, body, sha256)


def unsigned(body: bytes) -> bytes:
    return b""


def _wrong_algorithms() -> Iterator[tuple[str, str]]:
    for alg in ("none", "None", "NONE", "nOnE", ""):
        yield f"alg {alg!r}", by_hand({"alg": alg, "kid": "rsa"}, claims(), unsigned)
    yield "no alg", by_hand({"kid": "rsa"}, claims(), unsigned)
    yield "alg a list", by_hand({"alg": ["RS256"], "kid": "rsa"}, claims(), unsigned)
    secrets = {"PEM": _pem(RSA), "modulus": str(PUBLISHED[0]["n"]).encode(), "empty": b""}
    for name, secret in secrets.items():
        header = {"alg": "HS256", "kid": "rsa"}
        yield f"HS256 with the {name} of the RSA key", by_hand(header, claims(), hs256(secret))
    yield "RS384, which is not expected", signed("RS384", RSA)


def _wrong_keys() -> Iterator[tuple[str, str]]:
    for algorithm, key in STRANGERS.items():
        yield f"another's {algorithm} key", signed(algorithm, key)
    yield "a signature of other claims", f"{signed().rpartition('.')[0]}.{signed(iat=1)[-342:]}"
    for name, where in (("jku", "https://evil.example/jwks"), ("x5u", "https://evil.example")):
        yield f"header {name}", signed(key=STRANGERS["RS256"], header={name: where})
        yield f"header {name}, own key", signed(header={name: where})
    own = STRANGERS["RS256"].as_dict(private=False)
    yield "header jwk", signed(key=STRANGERS["RS256"], header={"jwk": own})
    yield "header crit", by_hand({"alg": "RS256", "kid": "rsa", "crit": ["x"]}, claims(), unsigned)
    for kid in ("../../../dev/null", "rsa' or '1'='1", "/etc/passwd", "RSA", "x" * 999, ""):
        yield f"kid {kid[:20]!r}", signed(key=STRANGERS["RS256"], header={"kid": kid})
    yield "kid a number", by_hand({"alg": "RS256", "kid": 1}, claims(), unsigned)
    yield "kid of a key of another kind", signed("RS256", header={"kid": "ec"})


def _wrong_claims() -> Iterator[tuple[str, str]]:
    yield "expired", signed(exp=NOW - LEEWAY_S - 1)
    yield "without an end", signed(exp=None)
    yield "an end that is no number", signed(exp="later")
    yield "not yet valid", signed(nbf=NOW + LEEWAY_S + 1)
    yield "issued in the future", signed(iat=NOW + LEEWAY_S + 1)
    for issuer in ("https://evil.supabase.co/auth/v1", f"{ISSUER}/", ISSUER.upper(), None, "", 7):
        yield f"issuer {issuer!r}", signed(iss=issuer)
    for audience in ("anon", "", None, ["other"], 7):
        yield f"audience {audience!r}", signed(aud=audience)
    yield "no subject", signed(sub=None)
    yield "an empty subject", signed(sub="")


def _broken() -> Iterator[tuple[str, str]]:
    for size in (1, 10, 100, 400):
        yield f"{size} characters cut off", signed()[:-size]
    yield "four parts", f"{signed()}.x"
    yield "two parts", signed().rpartition(".")[0]
    yield "huge", signed(note="x" * LONGEST_TOKEN)
    yield "huge nonsense", "x." * 100_000
    yield "nested deep", f"{_b64(b'[' * 3_000)}.{_b64(b'{}')}.x"
    for nothing in ("", ".", "..", "a.b.c", "null", "ä.ö.ü", "\x00.\x00.\x00"):
        yield f"nonsense {nothing!r}", nothing
    yield "five parts, encrypted", "eyJhbGciOiJkaXIifQ.a.b.c.d"


def _nobody() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "no company", {"app_metadata": {"role": "viewer"}}
    yield "no metadata", {"app_metadata": None}
    yield "metadata that is a list", {"app_metadata": []}
    yield "no role", {"app_metadata": {"tenant_id": str(TENANT)}}
    yield "a role that is none", {"app_metadata": {"tenant_id": str(TENANT), "role": "root"}}
    yield "a service's role", {"app_metadata": {"tenant_id": str(TENANT), "role": "service"}}
    yield "the public tenant", {"app_metadata": {"tenant_id": str(PUBLIC), "role": "owner"}}
    yield "a company that is none", {"app_metadata": {"tenant_id": "../x", "role": "owner"}}
    told = {"tenant_id": str(TENANT), "role": "owner"}
    yield "what its owner wrote himself", {"app_metadata": {}, "user_metadata": told}
    yield "signed in anonymously", {"is_anonymous": True}


FORGED = dict([*_wrong_algorithms(), *_wrong_keys(), *_wrong_claims(), *_broken()])
NOBODY = dict(_nobody())
