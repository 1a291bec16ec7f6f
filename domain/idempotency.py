"""Idempotency keys: a POST that is repeated under its key acts once and answers alike.

After draft-ietf-httpapi-idempotency-key-header-07.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Protocol
from uuid import UUID

from domain.errors import Invalid

LONGEST_KEY = 255
KEPT_S = 24 * 3600.0
CLAIMED_S = 120.0
"""Longer than any request may take: a claim that is older was left behind by a crash."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request under its key. Keys are a user's own: nobody meets another's answers."""

    tenant_id: UUID
    user_id: str
    key: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: the status, the headers that the route meant, and the body."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Idempotency(Protocol):
    """Every call raises `Unavailable`."""

    async def begin(self, attempt: Attempt) -> Answer | None:
        """The answer of the same request before; None: it is the caller's to act, and to end.

        Raises `InProgress` while the same request is being answered, and `Invalid` where the key
        stands for another one.
        """

    async def finish(self, attempt: Attempt, answer: Answer) -> None: ...

    async def release(self, attempt: Attempt) -> None:
        """Nothing came of it: the next may try."""


def read_key(told: str) -> str:
    """The key of a header, with the quotes of a structured field or without. Raises `Invalid`."""
    key = told.strip()
    if len(key) > 1 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not 1 <= len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Invalid(what="Idempotency-Key", reason=f"1 to {LONGEST_KEY} printable characters")
    return key


def digest_of(method: str, target: str, content_type: str, body: bytes) -> bytes:
    """Of what makes a request the same: sha256, each part told apart from the next."""
    parts = (method.encode(), target.encode(), content_type.encode(), body)
    return sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).digest()
