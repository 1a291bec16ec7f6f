"""The issuers that the settings name, and whom their tokens stand for; ours signs too."""

import json
import time
import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID, uuid4

import httpx
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import KeySet, OctKey, OKPKey

from cluster.clients.jwks import FixedKeys, Keys, PublishedKeys
from cluster.settings_tokens import TokenSettings
from deployments.tokens import Issuer
from domain.access import MEMBER_ROLES, PERMISSIONS, PUBLIC, SERVICE, Permission, Principal, Role
from domain.errors import Invalid, Unauthenticated

LONGEST_S = 24 * 3_600
_OURS = frozenset({"EdDSA", "Ed25519"})
PUBLISHED = frozenset({"RS256", "ES256", "EdDSA", "Ed25519"})
"""With which others' tokens may be signed, if by a key that they publish."""
_SHARED = frozenset({"HS256"})


class OwnIssuer:
    """Signs tokens of service accounts with Ed25519, and publishes the keys that verify them."""

    def __init__(self, settings: TokenSettings) -> None:
        self._settings = settings
        self._keys = _private_keys(settings.signing_keys.get_secret_value())

    def sign(
        self, name: str, tenant_id: UUID, permissions: Collection[Permission], *, lifetime_s: int
    ) -> str:
        """A token of the service account. Raises `Invalid` for what no service may have."""
        if not self._keys:
            raise Invalid(what="MCH_TOKENS__SIGNING_KEYS", reason="there is no key to sign with")
        if beyond := set(permissions) - PERMISSIONS[Role.SERVICE]:
            told = ", ".join(sorted(each.name.lower() for each in beyond))
            raise Invalid(what="a service account", reason=f"may not have {told}")
        if tenant_id == PUBLIC or not 0 < lifetime_s <= LONGEST_S:
            raise Invalid(what="a service token", reason=f"a company's, for {LONGEST_S} s at most")
        key, now = self._keys[0], int(time.time())
        claims = {
            "iss": self._settings.issuer,
            "aud": self._settings.audience,
            "sub": f"{SERVICE}{name}",
            "tenant": str(tenant_id),
            "permissions": sorted(each.name.lower() for each in permissions),
            "iat": now,
            "exp": now + lifetime_s,
            "jti": uuid4().hex,
        }
        with _old_name():
            header = {"alg": "EdDSA", "kid": key.kid, "typ": "JWT"}
            return jwt.encode(header, claims, key, algorithms=["EdDSA"])

    def published(self) -> dict[str, Any]:
        """The JWK Set of `/.well-known/jwks.json`: public keys alone."""
        told = {"use": "sig", "alg": "EdDSA"}
        return {"keys": [{**key.as_dict(private=False), **told} for key in self._keys]}

    def issuer(self) -> Issuer:
        keys = FixedKeys(self._keys)
        name, audience = self._settings.issuer, self._settings.audience
        return Issuer(name, audience, _OURS, keys, service_principal)


def trusted_issuers(settings: TokenSettings, http: httpx.AsyncClient) -> Iterator[Issuer]:
    """Ours where it has keys, Supabase where it is set. Nothing is asked yet."""
    if settings.signing_keys.get_secret_value():
        yield OwnIssuer(settings).issuer()
    if settings.supabase_url:
        name, secret = settings.supabase_issuer, settings.supabase_secret.get_secret_value()
        keys: Keys = PublishedKeys(http, f"{name}/.well-known/jwks.json")
        algorithms = PUBLISHED
        if secret:
            keys, algorithms = FixedKeys([OctKey.import_key(secret)]), _SHARED
        yield Issuer(name, settings.supabase_audience, algorithms, keys, supabase_principal)


def service_principal(claims: Mapping[str, Any]) -> Principal:
    """A service account may what its token says, and never more than services may.

    What its account may by now is looked up by `deployments.identity.Accounted`.
    """
    told = claims.get("permissions")
    names = {str(each) for each in told} if isinstance(told, list) else set()
    granted = {each for each in Permission if each.name.lower() in names}
    return Principal(
        _tenant(claims.get("tenant")),
        str(claims["sub"]),
        frozenset(granted & PERMISSIONS[Role.SERVICE]),
        f"token:{claims.get('jti', '')}",
    )


def supabase_principal(claims: Mapping[str, Any]) -> Principal:
    """Company and role are in `app_metadata`, which its owner cannot write; `user_metadata` he can.

    Who signed in anonymously is nobody here.
    """
    told = claims.get("app_metadata")
    metadata = told if isinstance(told, dict) else {}
    roles = {role.value: role for role in MEMBER_ROLES}
    role = roles.get(str(metadata.get("role")))
    if role is None or claims.get("is_anonymous"):
        raise Unauthenticated(reason="the token names no role in a company")
    tenant = _tenant(metadata.get("tenant_id"))
    credential = f"token:{claims.get('session_id', '')}"
    own = frozenset({Permission.OWN_ACCOUNT})
    return Principal(tenant, str(claims["sub"]), PERMISSIONS[role] - own, credential)


def _tenant(told: object) -> UUID:
    try:
        tenant = UUID(str(told))
    except ValueError:
        raise Unauthenticated(reason="the token names no company") from None
    if tenant == PUBLIC:
        raise Unauthenticated(reason="the token names no company")
    return tenant


def _private_keys(told: str) -> list[OKPKey]:
    if not told:
        return []
    try:
        keys = KeySet.import_key_set(json.loads(told)).keys
    except (JoseError, ValueError, KeyError, TypeError):
        keys = []
    ours = [key for key in keys if isinstance(key, OKPKey) and key.is_private and key.kid]
    if not ours or len(ours) != len(keys):
        reason = "it is no JWK Set of private Ed25519 keys, each with a kid"
        raise Invalid(what="MCH_TOKENS__SIGNING_KEYS", reason=reason)
    return ours


@contextmanager
def _old_name() -> Iterator[None]:
    """`EdDSA` is what verifiers know; RFC 9864 would have us say `Ed25519`, which few do."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        yield
