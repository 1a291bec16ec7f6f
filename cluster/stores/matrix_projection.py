"""Matrices as they stand, written in the transaction that appends to their streams."""

from collections.abc import Sequence
from uuid import UUID

from cluster.stores.postgres import Connection
from domain.events import Written
from domain.matrix_events import (
    MatrixAmended,
    MatrixLinkDecided,
    MatrixRowsEdited,
    MatrixStarted,
)

_START = """
insert into matrix (tenant_id, matrix_id, document_id, version) values ($1, $2, $3, $4)
"""
_START_ROWS = """
insert into matrix_row (tenant_id, matrix_id, row_key, document_id, number, label, version)
select $1, $2, row_key, $3, number, number, $4
from unnest($5::text[]) with ordinality as new (row_key, number)
"""

_ADVANCE = """
update matrix set version = $3, document_id = coalesce($4, document_id)
where tenant_id = $1 and matrix_id = $2
"""

# What the field held before is read from the row that is about to change.
_REMEMBER = """
insert into matrix_change (tenant_id, matrix_id, version, row_key, field, old, new, by_user, at)
select $1, $2, $3, row_key, $4, to_jsonb(matrix_row) ->> $4, $5, $6, $7
from matrix_row
where tenant_id = $1 and matrix_id = $2 and row_key = any($8)
    and to_jsonb(matrix_row) ->> $4 is distinct from $5
on conflict do nothing
"""

# A statement a field: a column's name is no parameter. `$4` is its new value.
_EDITS = {
    field: f"""
update matrix_row set {field} = $4, version = $3, edited_by = $5, edited_at = $6
where tenant_id = $1 and matrix_id = $2 and row_key = any($7)
"""  # noqa: S608 - the names are ours
    for field in ("status", "assignee", "note", "answer", "section", "touched")
}

_DECIDE = """
insert into matrix_link (tenant_id, matrix_id, source_key, target_key, state, decided_by,
                         decided_at)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (tenant_id, matrix_id, source_key, target_key) do update set
    state = excluded.state, decided_by = excluded.decided_by, decided_at = excluded.decided_at
"""

_TOUCH = """
update matrix_row set touched = $4, version = $3, before_key = null, before_document_id = null
where tenant_id = $1 and matrix_id = $2 and row_key = any($5)
"""
_CHANGE = """
update matrix_row set row_key = new_key, touched = 'changed', version = $3, before_key = old_key,
    before_document_id = document_id
from unnest($4::text[], $5::text[]) as pairs (old_key, new_key)
where tenant_id = $1 and matrix_id = $2 and row_key = old_key
"""
_CARRY = """
update {table} set {column} = new_key
from unnest($3::text[], $4::text[]) as pairs (old_key, new_key)
where tenant_id = $1 and matrix_id = $2 and {column} = old_key
"""
_CARRIED = [
    _CARRY.format(table=table, column=column)
    for table, column in (
        ("matrix_change", "row_key"),
        ("matrix_link", "source_key"),
        ("matrix_link", "target_key"),
    )
]
_ADD = """
insert into matrix_row (tenant_id, matrix_id, row_key, document_id, number, label, version, touched)
select $1, $2, row_key, $3, 0, number + (select coalesce(max(label), 0) from matrix_row
                                         where tenant_id = $1 and matrix_id = $2), $4, 'added'
from unnest($5::text[]) with ordinality as new (row_key, number)
on conflict (tenant_id, matrix_id, row_key) do update set touched = 'added',
    version = excluded.version
"""
_RENUMBER = """
update matrix_row set number = new.number, document_id = $3
from unnest($4::text[]) with ordinality as new (row_key, number)
where tenant_id = $1 and matrix_id = $2 and matrix_row.row_key = new.row_key
"""
_NUMBER_GONE = """
update matrix_row set number = $3 + label
where tenant_id = $1 and matrix_id = $2 and row_key <> all($4)
"""


async def project_matrices(connection: Connection, written: Sequence[Written]) -> None:
    """A `cluster.stores.event_store.Projection`."""
    for one in written:
        match one.event:
            case MatrixStarted():
                await _start(connection, one, one.event)
            case MatrixRowsEdited():
                await _edit(connection, one, one.event)
            case MatrixLinkDecided(matrix_id=matrix_id):
                link = one.event
                facts = (link.source, link.target, link.verdict, link.by, one.recorded_at)
                await connection.execute(_DECIDE, one.stream.tenant_id, matrix_id, *facts)
                await _advance(connection, one, matrix_id)
            case MatrixAmended():
                await _amend(connection, one, one.event)


async def _start(connection: Connection, one: Written, event: MatrixStarted) -> None:
    facts = (one.stream.tenant_id, event.matrix_id, event.document_id, one.version)
    await connection.execute(_START, *facts)
    await connection.execute(_START_ROWS, *facts, event.rows)


async def _edit(connection: Connection, one: Written, event: MatrixRowsEdited) -> None:
    which = (one.stream.tenant_id, event.matrix_id, one.version)
    for field, new in event.changes.items():
        who = (event.by, one.recorded_at, event.rows)
        await connection.execute(_REMEMBER, *which, field, new, *who)
        await connection.execute(_EDITS[field], *which, new, *who)
    await _advance(connection, one, event.matrix_id)


async def _amend(connection: Connection, one: Written, event: MatrixAmended) -> None:
    matrix = (one.stream.tenant_id, event.matrix_id)
    which = (*matrix, one.version)
    pairs = (list(event.changed), list(event.changed.values()))
    touches = {"removed": event.removed, "moved": event.moved, "changed": pairs[0]}
    for touch, keys in touches.items():
        who = (event.by, one.recorded_at, keys)
        await connection.execute(_REMEMBER, *which, "touched", touch, *who)
        await connection.execute(_TOUCH, *which, touch, keys)
    await connection.execute(_CHANGE, *which, *pairs)
    for statement in _CARRIED:
        await connection.execute(statement, *matrix, *pairs)
    await connection.execute(_ADD, *matrix, event.document_id, one.version, event.added)
    await connection.execute(_RENUMBER, *matrix, event.document_id, event.rows)
    await connection.execute(_NUMBER_GONE, *matrix, len(event.rows), event.rows)
    await _advance(connection, one, event.matrix_id, event.document_id)


async def _advance(
    connection: Connection, one: Written, matrix_id: UUID, document_id: UUID | None = None
) -> None:
    which = (one.stream.tenant_id, matrix_id, one.version)
    await connection.execute(_ADVANCE, *which, document_id)
