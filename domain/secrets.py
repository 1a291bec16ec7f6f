"""Secrets that the hub gives out, shown once and kept as digests; and spelling them.

They are random and long, so a plain digest is safe: only what people choose needs a slow hash.
"""

import secrets
from dataclasses import dataclass
from hashlib import sha256

from domain.errors import Unauthenticated

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # Nothing that looks like something else.
RECOVERY_CODES = 10


def new_secret() -> str:
    """256 random bits, fit for an address or a cookie."""
    return secrets.token_urlsafe(32)


def digest_of(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def is_same(secret: str, digest: str) -> bool:
    """In a time that tells nothing."""
    return secrets.compare_digest(digest_of(secret), digest)


def new_recovery_codes() -> tuple[str, ...]:
    """Each 60 bits, in four groups of three."""
    return tuple(
        "-".join("".join(secrets.choice(_ALPHABET) for _ in range(3)) for _ in range(4))
        for _ in range(RECOVERY_CODES)
    )


def as_recovery_code(told: str) -> str:
    """As it was given out, however it was typed."""
    letters = "".join(letter for letter in told.lower() if letter in _ALPHABET)
    return "-".join(letters[at : at + 3] for at in range(0, len(letters), 3))


@dataclass(frozen=True, slots=True)
class SpelledKey:
    """An API key, `mch_<prefix>_<secret>`: the prefix names it, and may be shown."""

    prefix: str
    secret: str

    @classmethod
    def new(cls) -> "SpelledKey":
        prefix = "".join(secrets.choice(_ALPHABET) for _ in range(10))
        return cls(prefix, secrets.token_hex(32))

    @classmethod
    def read(cls, told: str) -> "SpelledKey":
        """Raises `Unauthenticated`."""
        match told.split("_"):
            case ["mch", prefix, secret] if 0 < len(prefix) <= 20 and 0 < len(secret) <= 100:
                return cls(prefix, secret)
            case _:
                raise Unauthenticated(reason="this is no API key")

    def __str__(self) -> str:
        return f"mch_{self.prefix}_{self.secret}"
