"""People: what an address and a password must be, and what the hub knows of someone."""

import re
from dataclasses import dataclass
from uuid import UUID

from domain.errors import Invalid

_EMAIL = re.compile(r"[^@\s\x00-\x1f<>\"]{1,64}@[a-z0-9.-]{1,180}\.[a-z0-9-]{2,63}")
SHORTEST_PASSWORD, LONGEST_PASSWORD = 12, 256
_FEWEST_LETTERS = 5
"""Different ones: `aaaaaaaaaaaa` is long and no password."""


@dataclass(frozen=True, slots=True)
class Person:
    """`password_hash` and `totp_secret` are for checking alone, and are shown nowhere."""

    person_id: UUID
    email: str
    name: str
    password_hash: str
    totp_secret: str | None
    totp_step: int


def as_email(told: str) -> str:
    """In the one spelling in which addresses are kept. Raises `Invalid`."""
    email = told.strip().lower()
    if not _EMAIL.fullmatch(email):
        raise Invalid(what="this address", reason="it should look like name@company.com")
    return email


def check_password(password: str, *related: str) -> None:
    """Length counts, not the kinds of characters (NIST SP 800-63B, 5.1.1.2). Raises `Invalid`.

    `related` is what must not make it up: name, address, company.
    """
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(what="this password", reason=f"use at least {SHORTEST_PASSWORD} characters")
    if len(password) > LONGEST_PASSWORD:
        raise Invalid(what="this password", reason=f"{LONGEST_PASSWORD} characters are the most")
    rest = password.lower()
    for word in (part for told in related for part in re.split(r"[\s@.]+", told.lower())):
        if len(word) >= 4:
            rest = rest.replace(word, "")
    if len(set(rest)) < _FEWEST_LETTERS:
        raise Invalid(what="this password", reason="it is too easy to guess; take a few more words")
