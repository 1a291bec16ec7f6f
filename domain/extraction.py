"""What is drawn from a document's pages: requirements, key facts, line items, and that it was."""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from domain.decider import Decider
from domain.events import Event
from domain.key_facts import KeyFact, key_facts
from domain.line_items import ScheduleItem, schedule_items
from domain.matrix import row_key
from domain.pages import Page
from domain.requirements import Requirement, extract


class RequirementsExtracted(Event):
    """`digest` is of all that was drawn; what it is lies in erasable tables."""

    type: Literal["RequirementsExtracted"] = "RequirementsExtracted"
    document_id: UUID
    count: int
    by_type: Mapping[str, int]
    digest: str


@dataclass(frozen=True, slots=True)
class DocumentRequirement:
    """`key` is of its words (`domain.matrix.row_key`), `number` its place among all, from 1."""

    key: str
    number: int
    requirement: Requirement


@dataclass(frozen=True, slots=True)
class Extracted:
    requirements: tuple[DocumentRequirement, ...]
    facts: tuple[KeyFact, ...]
    items: tuple[ScheduleItem, ...]

    @property
    def digest(self) -> str:
        text = json.dumps(asdict(self), sort_keys=True, default=_spell)
        return hashlib.sha256(text.encode()).hexdigest()

    def told(self, document_id: UUID) -> RequirementsExtracted:
        by_type = Counter(one.requirement.type for one in self.requirements)
        return RequirementsExtracted(
            document_id=document_id,
            count=len(self.requirements),
            by_type=dict(sorted(by_type.items())),
            digest=self.digest,
        )


def extract_document(pages: Sequence[Page]) -> Extracted:
    """About 0.1 s a page. Rules alone: no text in the pages can steer it."""
    drawn = extract(pages)
    rows = {row_key(row.quote): row for row in reversed(drawn.requirements)}
    ordered = [(key, rows[key]) for key in reversed(rows)]
    return Extracted(
        tuple(DocumentRequirement(key, at, row) for at, (key, row) in enumerate(ordered, start=1)),
        key_facts(pages, drawn.facts),
        schedule_items(pages),
    )


def _spell(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no spelling")


def _decide(told: RequirementsExtracted, last: str | None) -> list[RequirementsExtracted]:
    """Drawing the same again is silent."""
    return [] if told.digest == last else [told]


def _evolve(last: str | None, event: RequirementsExtracted) -> str | None:
    return event.digest


EXTRACTION: Decider[RequirementsExtracted, str | None, RequirementsExtracted] = Decider(
    "Document", (RequirementsExtracted,), None, _decide, _evolve
)
"""In the document's own stream, of which it heeds only what was drawn last."""
