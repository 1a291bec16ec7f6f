"""A compliance matrix as it is read: rows with their requirements, history, links."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from domain.matrix_events import Field, Status, Touch
from domain.requirements import Requirement

LinkState = Literal["proposed", "confirmed", "rejected"]


@dataclass(frozen=True, slots=True)
class MatrixHead:
    """`document_id` is the version of the document that it stands at."""

    matrix_id: UUID
    document_id: UUID
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRowView:
    """`before` is the requirement's wording in the version before, where an amendment changed it.

    `document_id` is whose requirement it is: of a removed one, the version before.
    """

    row_key: str
    document_id: UUID
    number: int
    label: int
    status: Status
    assignee: str | None
    note: str | None
    answer: str | None
    section: str | None
    touched: Touch | None
    version: int
    edited_by: str | None
    edited_at: datetime | None
    requirement: Requirement
    before: Requirement | None


@dataclass(frozen=True, slots=True)
class MatrixChangeView:
    """Who did what; nobody where an amendment did. Notes and answers in words."""

    version: int
    row_key: str
    field: Field
    by_user: str | None
    at: datetime
    old: str | None
    new: str | None


@dataclass(frozen=True, slots=True)
class MatrixLinkView:
    source: str
    target: str
    score: float | None
    state: LinkState
    decided_by: str | None
    decided_at: datetime | None
