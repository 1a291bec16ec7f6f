"""Keys that verify tokens: an issuer's published ones (RFC 7517), or some that are set."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

import httpx
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

from domain.breaker import Breaker, Patience
from domain.errors import Unavailable

Key: TypeAlias = ECKey | RSAKey | OKPKey | OctKey

FRESH_S = 600.0
"""How long keys are used without another look: so long an issuer's revoked key still holds."""
STALE_S = 3_600.0
"""How long while the issuer does not answer."""
AGAIN_AFTER_S = 30.0
"""A key id that nobody knows causes a look at most so often."""
MAX_BYTES = 256 * 1024
TIMEOUT_S = 5.0
PATIENCE = Patience(failures=3, first_s=2.0, longest_s=60.0)
_SHORTEST_RSA_BITS = 2_048


class Keys(Protocol):
    """Where an issuer's keys come from."""

    async def find(self, key_id: str | None) -> Sequence[Key]:
        """Those that may have signed: by id, or all where none is told. Raises `Unavailable`."""

    @property
    def generation(self) -> int | None:
        """Another number, other keys; None: they must be looked at again."""


class FixedKeys:
    """Implements `Keys` with what is set."""

    generation = 0

    def __init__(self, keys: Sequence[Key]) -> None:
        self._keys = tuple(keys)

    async def find(self, key_id: str | None) -> Sequence[Key]:
        return _named(self._keys, key_id)


class PublishedKeys:
    """Implements `Keys` by a JWK Set behind an address. Only public keys are taken from it: a
    secret that someone published there verifies nothing.
    """

    def __init__(
        self, http: httpx.AsyncClient, url: str, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._http = http
        self._url = url
        self._now = now
        self._breaker = Breaker("jwks", PATIENCE, now)
        self._keys: tuple[Key, ...] = ()
        self._generation = 0
        self._read_at = float("-inf")
        self._lock = asyncio.Lock()

    @property
    def generation(self) -> int | None:
        return self._generation if self._age_s() < FRESH_S else None

    async def find(self, key_id: str | None) -> Sequence[Key]:
        if self._age_s() >= FRESH_S:
            await self._refresh(FRESH_S)
        found = _named(self._keys, key_id)
        if not found and self._age_s() >= AGAIN_AFTER_S:
            await self._refresh(AGAIN_AFTER_S)
            found = _named(self._keys, key_id)
        return found

    def _age_s(self) -> float:
        return self._now() - self._read_at

    async def _refresh(self, older_than_s: float) -> None:
        """One look, however many wait for it. Old keys do for a while where it fails."""
        async with self._lock:
            if self._age_s() < older_than_s:
                return
            try:
                with self._breaker.call():
                    keys = await self._read()
            except Unavailable:
                if self._age_s() >= STALE_S:
                    raise
                return
            if _prints(keys) != _prints(self._keys):
                self._generation += 1
            self._keys, self._read_at = keys, self._now()

    async def _read(self) -> tuple[Key, ...]:
        try:
            answer = await self._http.get(self._url, timeout=TIMEOUT_S, follow_redirects=False)
            answer.raise_for_status()
            if len(answer.content) > MAX_BYTES:
                raise ValueError("the answer is too large")
            listed = answer.json()["keys"]
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            raise Unavailable(service="jwks", reason=type(error).__name__) from error
        return tuple(key for told in listed if (key := _public(told)) is not None)


def _named(keys: Sequence[Key], key_id: str | None) -> Sequence[Key]:
    return [key for key in keys if key_id is None or key.kid in (None, key_id)]


def _public(told: object) -> Key | None:
    """None for what is no public key for signatures, or none that we know: others may be."""
    kinds = {"RSA", "EC", "OKP"}
    if not isinstance(told, dict) or told.get("kty") not in kinds or told.get("use") == "enc":
        return None
    if told["kty"] == "RSA" and len(str(told.get("n"))) * 6 < _SHORTEST_RSA_BITS:
        return None
    try:
        (key,) = KeySet.import_key_set({"keys": [told]}).keys
    except (JoseError, ValueError):
        return None
    return None if key.is_private else key


def _prints(keys: Sequence[Key]) -> set[str]:
    return {f"{key.kid}/{key.thumbprint()}" for key in keys}
