"""Bearer tokens: JWTs (RFC 7519) of issuers that the hub trusts, verified as RFC 8725 advises.

What a token says of itself decides nothing but which issuer's rules apply: algorithms, keys and
audience are the issuer's. Tokens that bring their own key, or point at one, are refused.
"""

import json
import time
import warnings
from base64 import urlsafe_b64decode
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning

from cluster.clients.jwks import Key, Keys
from domain.access import Principal
from domain.errors import Unauthenticated

LONGEST_TOKEN = 8 * 1024
LEEWAY_S = 30
REMEMBERED = 4_096
FORBIDDEN_HEADERS = {"jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "crit", "b64", "zip"}

KEY_TYPES = {
    "HS256": "oct",
    "RS256": "RSA",
    "ES256": "EC",
    "EdDSA": "OKP",
    "Ed25519": "OKP",
}
"""The algorithms that are known at all, and the kind of key that each needs."""

_WRONG = "the token is not valid"

PrincipalOf = Callable[[Mapping[str, Any]], Principal]
"""From verified claims. Raises `Unauthenticated`."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Whose tokens are believed, for whom, and by which keys and algorithms."""

    name: str
    audience: str
    algorithms: frozenset[str]
    keys: Keys


@dataclass(frozen=True, slots=True)
class Issuer(Rules):
    """And whom its tokens stand for."""

    principal_of: PrincipalOf


@dataclass(frozen=True, slots=True)
class _Known:
    """A token that was verified: until when it holds, and with which of the issuer's keys."""

    principal: Principal
    expires_at: float
    issuer: Issuer
    generation: int | None


class Tokens:
    """Implements `deployments.auth.BearerTokens`.

    Remembers the newest that it verified, by digest: a signature is checked once in a replica,
    its time and its issuer's keys each time.
    """

    def __init__(self, issuers: Sequence[Issuer], now: Callable[[], float] = time.time) -> None:
        self._issuers = {issuer.name: issuer for issuer in issuers}
        self._now = now
        self._known: OrderedDict[bytes, _Known] = OrderedDict()

    async def principal(self, token: str) -> Principal:
        """Raises `Unauthenticated`, which does not tell why, and `Unavailable`."""
        refuse_too_long(token)
        digest = sha256(token.encode()).digest()
        known = self._known.get(digest)
        if known is None or not self._holds(known):
            self._known.pop(digest, None)
            known = self._known[digest] = await self._verify(token)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
        return known.principal

    def _holds(self, known: _Known) -> bool:
        generation = known.issuer.keys.generation
        is_same = generation is not None and generation == known.generation
        return is_same and self._now() < known.expires_at

    async def _verify(self, token: str) -> _Known:
        _, told = _unverified(token)
        issuer = self._issuers.get(told["iss"])
        if issuer is None:
            raise Unauthenticated(reason=_WRONG)
        claims = await signed_claims(token, issuer)
        try:
            check_claims(claims, issuer, self._now)
        except Unauthenticated as error:
            raise _known_refused(claims, issuer) from error
        expires_at = float(claims["exp"]) + LEEWAY_S
        principal = issuer.principal_of(claims)
        return _Known(principal, expires_at, issuer, issuer.keys.generation)


def _known_refused(claims: Mapping[str, Any], issuer: Issuer) -> Unauthenticated:
    """The issuer has signed it for someone, and it does not hold: their company may be told."""
    try:
        principal = issuer.principal_of(claims)
    except (Unauthenticated, KeyError):
        return Unauthenticated(reason=_WRONG)
    told = principal.credential
    return Unauthenticated(reason=_WRONG, tenant_id=principal.tenant_id, credential=told)


def refuse_too_long(token: str) -> None:
    if len(token) > LONGEST_TOKEN or not token.isascii():
        raise Unauthenticated(reason=_WRONG)


async def verified(token: str, rules: Rules, now: Callable[[], float]) -> dict[str, Any]:
    """Its claims. Raises `Unauthenticated`, and `Unavailable` where the keys can't be had."""
    claims = await signed_claims(token, rules)
    check_claims(claims, rules, now)
    return claims


async def signed_claims(token: str, rules: Rules) -> dict[str, Any]:
    """What the issuer has signed, be it over. Raises as `verified` does."""
    refuse_too_long(token)
    header, _ = _unverified(token)
    algorithm, key_id = header.get("alg"), header.get("kid")
    are_text = isinstance(algorithm, str) and isinstance(key_id, str | None)
    if not are_text or FORBIDDEN_HEADERS & set(header) or algorithm not in rules.algorithms:
        raise Unauthenticated(reason=_WRONG)
    candidates = await rules.keys.find(key_id)
    keys = [key for key in candidates if _suits(key, str(algorithm))]
    return _claims(token, str(algorithm), keys)


def _claims(token: str, algorithm: str, keys: Sequence[Key]) -> dict[str, Any]:
    for key in keys:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", SecurityWarning)  # EdDSA's name is old.
                return dict(jwt.decode(token, key, algorithms=[algorithm]).claims)
        except (JoseError, ValueError, TypeError):
            continue
    raise Unauthenticated(reason=_WRONG)


def check_claims(claims: dict[str, Any], rules: Rules, now: Callable[[], float]) -> None:
    registry = jwt.JWTClaimsRegistry(
        now=lambda: int(now()),
        leeway=LEEWAY_S,
        iss={"essential": True, "value": rules.name},
        aud={"essential": True, "value": rules.audience},
        exp={"essential": True},
        sub={"essential": True},
    )
    try:
        registry.validate(claims)
    except (JoseError, ValueError, TypeError) as error:
        raise Unauthenticated(reason=_WRONG) from error


def _suits(key: Key, algorithm: str) -> bool:
    """An algorithm with a key of another kind is the confusion of HS256 with RS256."""
    told = key.get("alg") if key.key_type != "oct" else None
    is_kind = key.key_type == KEY_TYPES.get(algorithm)
    same = {told, algorithm} <= {"EdDSA", "Ed25519"} or told == algorithm
    return is_kind and (told is None or same)


def _unverified(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, believed in nothing. Raises `Unauthenticated` for what is no JWS."""
    parts = token.split(".")
    try:
        header, claims = (json.loads(_decoded(part)) for part in parts[:2])
    except (ValueError, RecursionError) as error:
        raise Unauthenticated(reason=_WRONG) from error
    are_objects = isinstance(header, dict) and isinstance(claims, dict)
    if len(parts) != 3 or not are_objects or not isinstance(claims.get("iss"), str):
        raise Unauthenticated(reason=_WRONG)
    return header, claims


def _decoded(part: str) -> bytes:
    return urlsafe_b64decode(part + "=" * (-len(part) % 4))
