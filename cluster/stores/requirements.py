"""Requirements, key facts and line items of documents, as they were last drawn."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter

from cluster.stores.postgres import Pool, as_tenant
from domain.errors import NotFound
from domain.extraction import DocumentRequirement, Extracted
from domain.key_facts import KeyFact
from domain.line_items import ScheduleItem
from domain.requirements import Requirement

_SAVE = """
insert into extraction (tenant_id, document_id, digest, facts, items)
values ($1, $2, $3, $4, $5)
on conflict (tenant_id, document_id) do update set digest = excluded.digest,
    facts = excluded.facts, items = excluded.items, extracted_at = now()
"""

# A requirement that is no longer drawn, but that a matrix has a row of, is kept apart as number 0.
_SET_APART = """
update requirement set number = 0
where tenant_id = $1 and document_id = $2 and row_key <> all($3)
"""
_FORGET = """
delete from requirement
where tenant_id = $1 and document_id = $2 and number = 0 and not exists (
    select from matrix_row where tenant_id = $1 and (
        (matrix_row.document_id = $2 and matrix_row.row_key = requirement.row_key)
        or (before_document_id = $2 and before_key = requirement.row_key)))
"""
_SAVE_ROWS = """
insert into requirement (tenant_id, document_id, row_key, number, requirement)
select $1, $2, row_key, number, requirement::jsonb
from unnest($3::text[], $4::integer[], $5::text[]) as new (row_key, number, requirement)
on conflict (tenant_id, document_id, row_key) do update set number = excluded.number,
    requirement = excluded.requirement
"""

_HEAD = """
select digest, facts, items, extracted_at from extraction
where tenant_id = $1 and document_id = $2
"""
_ROWS = """
select row_key, number, requirement from requirement
where tenant_id = $1 and document_id = $2 and number > 0
order by number
"""

REQUIREMENT = TypeAdapter(Requirement)
_FACTS = TypeAdapter(tuple[KeyFact, ...])
_ITEMS = TypeAdapter(tuple[ScheduleItem, ...])


@dataclass(frozen=True, slots=True)
class ExtractedFacts:
    facts: tuple[KeyFact, ...]
    items: tuple[ScheduleItem, ...]
    digest: str
    extracted_at: datetime


class PostgresRequirements:
    """Raises `Unavailable`; its reads `NotFound` for a document of which nothing was drawn."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def save(self, tenant_id: UUID, document_id: UUID, extracted: Extracted) -> None:
        """In place of what was drawn before. Repeating it changes nothing."""
        facts = _FACTS.dump_json(extracted.facts).decode()
        items = _ITEMS.dump_json(extracted.items).decode()
        rows = extracted.requirements
        keys = [row.key for row in rows]
        texts = [REQUIREMENT.dump_json(row.requirement).decode() for row in rows]
        which = tenant_id, document_id
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_SAVE, *which, extracted.digest, facts, items)
            await connection.execute(_SET_APART, *which, keys)
            await connection.execute(_SAVE_ROWS, *which, keys, [row.number for row in rows], texts)
            await connection.execute(_FORGET, *which)

    async def rows(self, tenant_id: UUID, document_id: UUID) -> list[DocumentRequirement]:
        """In the order of the document."""
        async with as_tenant(self._pool, tenant_id) as connection:
            _found(await connection.fetchrow(_HEAD, tenant_id, document_id), document_id)
            rows = await connection.fetch(_ROWS, tenant_id, document_id)
        return [
            DocumentRequirement(
                row["row_key"], row["number"], REQUIREMENT.validate_json(row["requirement"])
            )
            for row in rows
        ]

    async def facts(self, tenant_id: UUID, document_id: UUID) -> ExtractedFacts:
        async with as_tenant(self._pool, tenant_id) as connection:
            row = _found(await connection.fetchrow(_HEAD, tenant_id, document_id), document_id)
        return ExtractedFacts(
            _FACTS.validate_json(row["facts"]),
            _ITEMS.validate_json(row["items"]),
            row["digest"],
            row["extracted_at"],
        )


def _found(row: Any, document_id: UUID) -> Any:
    if row is None:
        raise NotFound(what="requirements of document", key=str(document_id))
    return row


def keys_of(rows: Sequence[DocumentRequirement]) -> tuple[str, ...]:
    return tuple(row.key for row in rows)
