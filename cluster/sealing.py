"""Secrets that must be read again, sealed where they lie: AES-256-GCM (NIST SP 800-38D).

A sealed secret tells which key opens it, so that keys can be changed one by one, and opens only for
whom it was sealed, so that nobody can put it into another's place.
"""

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import Invalid, Unavailable

SETTING = "MCH_AUTH__SEALING_KEYS"
SHORTEST_KEY = 32
"""Letters of a setting; 32 random ones of base 64 are 192 bits."""

_MARK = "sealed"
_NONCE_BYTES = 12


class Seals:
    """`keys` as the setting tells them, parted by commas: the first seals, every one opens.

    Raises `Invalid` where there is none, or one that is too short to be random.
    """

    def __init__(self, keys: str) -> None:
        told = [key.strip() for key in keys.split(",") if key.strip()]
        if not told or any(len(key) < SHORTEST_KEY for key in told):
            reason = f"it needs a random key of {SHORTEST_KEY} letters or more"
            raise Invalid(what=SETTING, reason=reason)
        self._ciphers = {_name(key): AESGCM(_derived(key)) for key in told}
        self._first = _name(told[0])

    def seal(self, secret: str, whose: str) -> str:
        """Another text each time."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = self._ciphers[self._first].encrypt(nonce, secret.encode(), whose.encode())
        return f"{_MARK}.{self._first}.{urlsafe_b64encode(nonce + sealed).decode()}"

    def open(self, sealed: str, whose: str) -> str:
        """Raises `Unavailable` for what no key opens, what is another's, and what was changed."""
        try:
            _, name, body = sealed.split(".")
            held = urlsafe_b64decode(body)
            cipher = self._ciphers[name]
            plain = cipher.decrypt(held[:_NONCE_BYTES], held[_NONCE_BYTES:], whose.encode())
        except (ValueError, KeyError, InvalidTag) as error:
            raise Unavailable(service="sealing", reason=f"no key of {SETTING} opens it") from error
        return plain.decode()

    def is_current(self, sealed: str) -> bool:
        """Whether the first key sealed it."""
        return sealed.startswith(f"{_MARK}.{self._first}.")

    def renew(self, held: str, whose: str) -> str:
        """Sealed with the first key: what an older key sealed, or what lay there in clear."""
        return self.seal(self.open(held, whose) if held.startswith(f"{_MARK}.") else held, whose)


def _derived(key: str) -> bytes:
    """RFC 5869; the setting is random already."""
    return HKDF(SHA256(), 32, salt=None, info=b"medcontracthub sealing").derive(key.encode())


def _name(key: str) -> str:
    """Tells keys apart, and nothing of them."""
    return sha256(b"name of " + _derived(key)).hexdigest()[:8]
