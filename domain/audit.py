"""The audit log: who did what to what, when, from where, as a chain in which no link can change.

Each entry holds the hash of the one before it, as in S. Haber and W. S. Stornetta, "How to
time-stamp a digital document" (1991), and B. Schneier and J. Kelsey, "Secure audit logs to support
computer forensics" (1999). What is personal in an entry is a detail: the chain holds its salted
digest alone, so that a detail can be erased and the chain still verifies.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Protocol
from uuid import UUID

FIRST = bytes(32)
"""What the first entry of a chain follows."""

OPERATORS = UUID(int=2)
"""The chain of what operators do to the hub: no company's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """`actor`, `credential` and `subject` are keys; names and addresses belong into `details`."""

    tenant_id: UUID
    actor: str
    credential: str
    action: str
    subject: str
    correlation_id: UUID
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An act in its chain. `details` is None once they are erased; counted from 1."""

    sequence: int
    at: datetime
    act: Act
    previous: bytes
    salt: bytes
    details_digest: bytes
    hash: bytes
    is_erased: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends. Noted elsewhere, it proves later that nothing before it was changed."""

    sequence: int = 0
    hash: bytes = FIRST

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash.hex()}"


@dataclass(frozen=True, slots=True)
class Break:
    """The first entry that is not as it was written."""

    sequence: int
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilter:
    """`actor` and `subject` are whole or a part of one; of `action` the words it has."""

    actor: str | None = None
    action: str | None = None
    subject: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def holds(self, entry: "Entry") -> bool:
        act = entry.act
        told = ((self.actor, act.actor), (self.action, act.action), (self.subject, act.subject))
        is_told = all(part.lower() in whole.lower() for part, whole in told if part)
        is_late = self.since is None or entry.at >= self.since
        return is_told and is_late and (self.until is None or entry.at < self.until)


@dataclass(frozen=True, slots=True)
class ChainState:
    """Where a company's chain ends, and the first entry that is not as it was written, if any.

    `begun` is where this look began: what stands up to there was found whole before. `walked_at` is
    when all of it was walked last; None of a chain that is broken.
    """

    head: Head
    broken: Break | None
    begun: Head = Head()
    walked_at: datetime | None = None


class AuditLog(Protocol):
    async def record(self, act: Act) -> None:
        """Raises `Unavailable`: what cannot be recorded is not to be done."""


class AuditTrail(AuditLog, Protocol):
    """A company's own entries. Every call raises `Unavailable`."""

    async def page(
        self, tenant_id: UUID, wanted: AuditFilter, *, before: int | None, limit: int
    ) -> Sequence[Entry]:
        """The newest first, of those with a sequence below `before`."""

    async def state(self, tenant_id: UUID, *, whole: bool = False) -> ChainState:
        """Walks what was added since the chain was found whole, or all of it."""


def link(head: Head, act: Act, at: datetime, salt: bytes) -> Entry:
    """The entry that follows."""
    details_digest = digest_details(salt, act.details)
    sequence = head.sequence + 1
    return Entry(
        sequence=sequence,
        at=at,
        act=act,
        previous=head.hash,
        salt=salt,
        details_digest=details_digest,
        hash=_hash(sequence, at, act, details_digest, head.hash),
    )


class Walk:
    """Along a chain, entry by entry, from a head that was found right: else from the first one.

    `noted` is a head that someone kept: it must be passed.
    """

    def __init__(self, begun: Head = Head(), noted: Head | None = None) -> None:
        self._begun = self._head = begun
        self._noted = noted

    def step(self, entry: Entry) -> Break | None:
        """None where the entry is as it was written, and follows."""
        if why := _fault(self._head, entry):
            return Break(self._head.sequence + 1, why)
        self._head = Head(entry.sequence, entry.hash)
        noted = self._noted
        if noted and noted.sequence == self._head.sequence and noted.hash != self._head.hash:
            return Break(self._head.sequence, "another entry stood here when the head was noted")
        return None

    def end(self, known: Head) -> Break | None:
        """`known` is where the chain must end. A head that it began from is one that was noted."""
        head = self._head
        if self._begun.sequence > known.sequence:
            missing = f"entries are missing up to {self._begun.sequence}"
            return Break(known.sequence + 1, missing)
        if head.sequence == known.sequence and head != known:
            return Break(head.sequence, "it does not end as it did")
        if head != known:
            return Break(head.sequence + 1, f"entries are missing up to {known.sequence}")
        if self._noted and self._noted.sequence > head.sequence:
            return Break(head.sequence + 1, f"entries are missing up to {self._noted.sequence}")
        return None


def verify(entries: Iterable[Entry], known: Head, noted: Head | None = None) -> Break | None:
    """Walk a chain from its first entry on. None where it is whole, and ends at `known`."""
    walk = Walk(noted=noted)
    found = (walk.step(entry) for entry in entries)
    return next((each for each in found if each), None) or walk.end(known)


def digest_details(salt: bytes, details: Mapping[str, str]) -> bytes:
    """Salted, so that nobody finds an erased address by trying all addresses."""
    return sha256(salt + _canonical(dict(details))).digest()


def _fault(head: Head, entry: Entry) -> str | None:
    if entry.sequence != head.sequence + 1:
        return f"entries are missing before {entry.sequence}"
    if entry.previous != head.hash:
        return "it does not follow the entry before it"
    own = digest_details(entry.salt, entry.act.details)
    if not entry.is_erased and entry.details_digest != own:
        return "its details were changed"
    told = _hash(entry.sequence, entry.at, entry.act, entry.details_digest, entry.previous)
    return None if told == entry.hash else "it was changed"


def _hash(sequence: int, at: datetime, act: Act, details_digest: bytes, previous: bytes) -> bytes:
    told = {
        "sequence": sequence,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "tenant_id": str(act.tenant_id),
        "actor": act.actor,
        "credential": act.credential,
        "action": act.action,
        "subject": act.subject,
        "correlation_id": str(act.correlation_id),
        "details": details_digest.hex(),
    }
    return sha256(previous + _canonical(told)).digest()


def _canonical(told: Mapping[str, object]) -> bytes:
    return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
