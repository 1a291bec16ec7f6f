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
    """Where a company's chain ends, and the first entry that is not as it was written, if any."""

    head: Head
    broken: Break | None


class AuditLog(Protocol):
    async def record(self, act: Act) -> None:
        """Raises `Unavailable`: what cannot be recorded is not to be done."""


class AuditTrail(AuditLog, Protocol):
    """A company's own entries. Every call raises `Unavailable`."""

    async def page(
        self, tenant_id: UUID, wanted: AuditFilter, *, before: int | None, limit: int
    ) -> Sequence[Entry]:
        """The newest first, of those with a sequence below `before`."""

    async def state(self, tenant_id: UUID) -> ChainState:
        """Walks the whole chain."""


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


def verify(entries: Iterable[Entry], known: Head, noted: Head | None = None) -> Break | None:
    """Walk a chain from its first entry on. None where it is whole.

    `known` is where it must end; `noted` is a head that someone kept: it must be passed.
    """
    head = Head()
    for entry in entries:
        if why := _fault(head, entry):
            return Break(head.sequence + 1, why)
        head = Head(entry.sequence, entry.hash)
        if noted and noted.sequence == head.sequence and noted.hash != head.hash:
            return Break(head.sequence, "another entry stood here when the head was noted")
    if head != known:
        return Break(head.sequence + 1, f"entries are missing up to {known.sequence}")
    if noted and noted.sequence > head.sequence:
        return Break(head.sequence + 1, f"entries are missing up to {noted.sequence}")
    return None


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
