"""What happens to a compliance matrix. Events carry keys, codes and digests, no text."""

from collections.abc import Mapping
from typing import Literal, get_args
from uuid import UUID

from domain.events import Event

Status = Literal["open", "partly", "answered", "exception", "not_applicable"]
"""`exception`: we don't comply, and say so in the offer."""

Field = Literal["status", "assignee", "note", "answer", "section", "touched"]
"""`note` and `answer` are digests of texts. `section` is the part of a proposal that answers it,
which nothing sets yet. `touched` can only be taken away: someone has looked at the change."""

Touch = Literal["added", "changed", "moved", "removed"]
"""What an amendment did to a row, until someone has looked."""

Verdict = Literal["confirmed", "rejected"]

STATUSES: tuple[Status, ...] = get_args(Status)


class MatrixStarted(Event):
    """`rows` in the order of the document."""

    type: Literal["MatrixStarted"] = "MatrixStarted"
    matrix_id: UUID
    document_id: UUID
    rows: tuple[str, ...]


class MatrixRowsEdited(Event):
    """The same change of one row or many, by one person."""

    type: Literal["MatrixRowsEdited"] = "MatrixRowsEdited"
    matrix_id: UUID
    rows: tuple[str, ...]
    changes: Mapping[Field, str | None]
    by: str


class MatrixLinkDecided(Event):
    """A person said whether two rows belong together; a later verdict replaces it."""

    type: Literal["MatrixLinkDecided"] = "MatrixLinkDecided"
    matrix_id: UUID
    source: str
    target: str
    verdict: Verdict
    by: str


class MatrixAmended(Event):
    """The document has a new version. `changed` maps old keys to new ones, whose rows carry on.

    `rows` is the new order, without those `removed`, which stay in the matrix as removed. `owners`
    are those to whom touched rows are assigned.
    """

    type: Literal["MatrixAmended"] = "MatrixAmended"
    matrix_id: UUID
    document_id: UUID
    rows: tuple[str, ...]
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: Mapping[str, str] = {}
    moved: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    by: str | None = None


MatrixEvent = MatrixStarted | MatrixRowsEdited | MatrixLinkDecided | MatrixAmended
