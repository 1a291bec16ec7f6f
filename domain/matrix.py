"""The compliance matrix: who answers which requirement, how far that is, and what links what.

Rows are known by the key of their requirement (`row_key`). Notes and answers are free text: events
carry their digests, the text lies in an erasable table.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never, cast, get_args
from uuid import UUID

from domain.decider import Decider
from domain.errors import Invalid, NotFound, VersionConflict
from domain.matrix_events import (
    STATUSES,
    Field,
    MatrixAmended,
    MatrixEvent,
    MatrixLinkDecided,
    MatrixRowsEdited,
    MatrixStarted,
    Status,
    Touch,
    Verdict,
)
from domain.quotes import fold

MOST_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """`version` is the matrix's when it last changed."""

    status: Status = "open"
    assignee: str | None = None
    note: str | None = None
    answer: str | None = None
    section: str | None = None
    touched: Touch | None = None
    version: int = 0


@dataclass(frozen=True, slots=True)
class Matrix:
    """Empty before it was started: version 0, no document."""

    version: int = 0
    document_id: UUID | None = None
    rows: Mapping[str, MatrixRow] = field(default_factory=dict)
    links: Mapping[tuple[str, str], Verdict] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StartMatrix:
    matrix_id: UUID
    document_id: UUID
    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EditRows:
    """`seen` is the matrix's version that the editor looked at, if they tell."""

    matrix_id: UUID
    rows: tuple[str, ...]
    changes: Mapping[Field, str | None]
    by: str
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class DecideLink:
    matrix_id: UUID
    source: str
    target: str
    verdict: Verdict
    by: str


@dataclass(frozen=True, slots=True)
class AmendMatrix:
    """`rows`: the new version's in their order; `changed` maps old keys to new ones."""

    matrix_id: UUID
    document_id: UUID
    rows: tuple[str, ...]
    changed: Mapping[str, str]
    moved: frozenset[str] = frozenset()
    by: str | None = None


MatrixCommand = StartMatrix | EditRows | DecideLink | AmendMatrix


def row_key(quote: str) -> str:
    """Of a requirement: the same words have the same key, in every version of a document."""
    return hashlib.sha256(fold(quote).encode()).hexdigest()[:16]


def decide(command: MatrixCommand, state: Matrix) -> list[MatrixEvent]:
    """Raises `NotFound`, `Invalid`, and `VersionConflict` where someone else changed a row since it
    was seen. What changes nothing is silent."""
    if isinstance(command, StartMatrix):
        return _start(command, state)
    if state.document_id is None:
        raise NotFound(what="matrix", key=str(command.matrix_id))
    match command:
        case EditRows():
            return _edit(command, state)
        case DecideLink():
            return _decide_link(command, state)
        case AmendMatrix():
            return _amend(command, state)
        case _:
            assert_never(command)


def _start(command: StartMatrix, state: Matrix) -> list[MatrixEvent]:
    if state.document_id is not None:
        return []
    if len(command.rows) > MOST_ROWS:
        raise Invalid(what="matrix", reason=f"it has more than {MOST_ROWS} rows")
    return [
        MatrixStarted(
            matrix_id=command.matrix_id, document_id=command.document_id, rows=command.rows
        )
    ]


def _edit(command: EditRows, state: Matrix) -> list[MatrixEvent]:
    _check(command.changes)
    for key in command.rows:
        row = _row(state, key)
        if command.seen is not None and row.version > command.seen:
            raise VersionConflict(stream=f"row {key}", expected=command.seen)
    differing = tuple(
        key
        for key in dict.fromkeys(command.rows)
        if any(getattr(state.rows[key], name) != told for name, told in command.changes.items())
    )
    if not differing:
        return []
    edited = MatrixRowsEdited(
        matrix_id=command.matrix_id, rows=differing, changes=command.changes, by=command.by
    )
    return [edited]


def _check(changes: Mapping[Field, str | None]) -> None:
    if not changes:
        raise Invalid(what="edit", reason="it changes nothing")
    if "status" in changes and changes["status"] not in STATUSES:
        raise Invalid(what="status", reason=f"it is none of {', '.join(STATUSES)}")
    if changes.get("touched") is not None:
        raise Invalid(what="touched", reason="it can only be taken away")


def _decide_link(command: DecideLink, state: Matrix) -> list[MatrixEvent]:
    for key in (command.source, command.target):
        _row(state, key)
    if command.source == command.target:
        raise Invalid(what="link", reason="it links a row with itself")
    if state.links.get((command.source, command.target)) == command.verdict:
        return []
    decided = MatrixLinkDecided(
        matrix_id=command.matrix_id,
        source=command.source,
        target=command.target,
        verdict=command.verdict,
        by=command.by,
    )
    return [decided]


def _amend(command: AmendMatrix, state: Matrix) -> list[MatrixEvent]:
    present = [key for key, row in state.rows.items() if row.touched != "removed"]
    if command.document_id == state.document_id and list(command.rows) == present:
        return []
    changed = {old: new for old, new in command.changed.items() if old in present}
    kept = set(command.rows) & set(present)
    added = [key for key in command.rows if key not in {*kept, *changed.values()}]
    removed = [key for key in present if key not in kept and key not in changed]
    moved = [key for key in command.rows if key in command.moved and key in kept]
    touched = [*changed, *removed, *moved]
    owners = sorted({owner for key in touched if (owner := state.rows[key].assignee)})
    return [
        MatrixAmended(
            matrix_id=command.matrix_id,
            document_id=command.document_id,
            rows=command.rows,
            added=tuple(added),
            removed=tuple(removed),
            changed=changed,
            moved=tuple(moved),
            owners=tuple(owners),
            by=command.by,
        )
    ]


def _row(state: Matrix, key: str) -> MatrixRow:
    if key not in state.rows:
        raise NotFound(what="row", key=key)
    return state.rows[key]


def evolve(state: Matrix, event: MatrixEvent) -> Matrix:
    """Fold one event into the state. Total, pure, and never raises."""
    version = state.version + 1
    match event:
        case MatrixStarted():
            rows = {key: MatrixRow(version=version) for key in event.rows}
            return replace(state, version=version, document_id=event.document_id, rows=rows)
        case MatrixRowsEdited():
            rows = {
                **state.rows,
                **{key: _edited(state, key, event, version) for key in event.rows},
            }
            return replace(state, version=version, rows=rows)
        case MatrixLinkDecided():
            links = {**state.links, (event.source, event.target): event.verdict}
            return replace(state, version=version, links=links)
        case MatrixAmended():
            return _amended(state, event, version)
        case _:
            assert_never(event)


def _edited(state: Matrix, key: str, event: MatrixRowsEdited, version: int) -> MatrixRow:
    changes = cast(Mapping[str, object], event.changes)
    return replace(state.rows.get(key, MatrixRow()), version=version, **changes)  # type: ignore[arg-type]


def _amended(state: Matrix, event: MatrixAmended, version: int) -> Matrix:
    before = {new: old for old, new in event.changed.items()}
    touches: dict[str, Touch] = {
        **dict.fromkeys(event.moved, "moved"),
        **dict.fromkeys(event.added, "added"),
        **dict.fromkeys(before, "changed"),
        **dict.fromkeys(event.removed, "removed"),
    }
    gone = [key for key, row in state.rows.items() if row.touched == "removed"]
    rows = {}
    for key in dict.fromkeys([*event.rows, *event.removed, *gone]):
        row = state.rows.get(before.get(key, key), MatrixRow())
        touch = touches.get(key)
        rows[key] = replace(row, touched=touch, version=version) if touch else row
    links = {
        (event.changed.get(source, source), event.changed.get(target, target)): verdict
        for (source, target), verdict in state.links.items()
    }
    return replace(state, version=version, document_id=event.document_id, rows=rows, links=links)


MATRIX: Decider[MatrixCommand, Matrix, MatrixEvent] = Decider(
    "Matrix", get_args(MatrixEvent), Matrix(), decide, evolve
)
"""One stream a matrix, which bears the id of the first version of its document."""
