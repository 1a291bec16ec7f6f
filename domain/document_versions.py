"""Which document a new one is a new version of: what both are about first, then what they ask.

A guess, for people to undo. Boilerplate makes solicitations of one buyer alike, so that likeness
alone links nothing.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from domain.amendments import Comparison
from domain.solicitation import normal_number

Why = Literal["notice", "solicitation"]

LEAST_SHARED = 0.5
"""Of the larger version's requirements, those that the other one has too, maybe in other words."""
MOST_COMPARED = 5

_SEPARATORS = re.compile(r"[_\-.]+")
_AMENDMENT = re.compile(
    r"\b(?:amendment|amend|amdt|amd)(?:\s*/\s*modification)?(?:\s*(?:number|no|nr))?[\s.:#]*"
    r"(?:[AP]0*|0*)(\d{1,4})\b",
    re.IGNORECASE,
)
# FAR 4.1603: an activity's six characters, the fiscal year, what it is, and a number.
_NUMBER = re.compile(r"\b([0-9A-Z]{6})[\s-]?(\d{2})[\s-]?([A-Z])[\s-]?([0-9A-Z]{4,8})\b")
_OPENING = 3_000
"""Characters at a document's beginning that say what it is."""


@dataclass(frozen=True, slots=True)
class Version:
    """A document as far as this is asked. `opening` is how its text begins.

    `numbers` are solicitation numbers in their normal form: of its notices, and drawn from it.
    """

    document_id: UUID
    name: str
    uploaded_at: datetime
    opening: str = ""
    notice_ids: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()

    @property
    def amendment(self) -> int:
        """The number that its name or its beginning tells; 0 for an original."""
        for text in (_SEPARATORS.sub(" ", self.name), self.opening[:_OPENING]):
            if found := _AMENDMENT.search(text):
                return int(found[1])
        return 0

    @property
    def all_numbers(self) -> frozenset[str]:
        told = f"{self.name.upper().replace('_', ' ')}\n{self.opening[:_OPENING].upper()}"
        read = {"".join(parts) for parts in _NUMBER.findall(told)}
        return frozenset(map(normal_number, self.numbers | read)) - {""}


@dataclass(frozen=True, slots=True)
class VersionGuess:
    """A document that another one may be a new version of."""

    document_id: UUID
    why: Why


@dataclass(frozen=True, slots=True)
class VersionLink:
    """`alike` is the share of requirements that both have. Undone: somebody said it is wrong."""

    document_id: UUID
    predecessor_id: UUID
    why: Why
    alike: float
    linked_at: datetime | None = None
    undone_by: str | None = None
    undone_at: datetime | None = None


def relation(new: Version, old: Version) -> Why | None:
    """What they have in common that makes one a version of the other thinkable."""
    if new.notice_ids & old.notice_ids:
        return "notice"
    return "solicitation" if new.all_numbers & old.all_numbers else None


def may_follow(new: Version, old: Version) -> bool:
    """An amendment follows lower numbers; where none is told, who came later follows."""
    if new.document_id == old.document_id or relation(new, old) is None:
        return False
    if new.amendment != old.amendment:
        return new.amendment > old.amendment
    return (new.uploaded_at, new.document_id) > (old.uploaded_at, old.document_id)


def guesses(new: Version, others: Sequence[Version]) -> list[VersionGuess]:
    """Those that it may follow: of the same notice first, then the latest."""
    found = [old for old in others if may_follow(new, old)]
    found.sort(key=lambda old: (old.amendment, old.uploaded_at), reverse=True)
    found.sort(key=lambda old: relation(new, old) != "notice")
    told = ((old, relation(new, old)) for old in found[:MOST_COMPARED])
    return [VersionGuess(old.document_id, why) for old, why in told if why is not None]


def shared(found: Comparison) -> float:
    """From 0 to 1; 0 where nothing differs, for then it is the same in another format."""
    kept = found.same + len(found.moved) + len(found.changed)
    if not (found.added or found.removed or found.changed):
        return 0.0
    return kept / max(kept + len(found.added), kept + len(found.removed))
