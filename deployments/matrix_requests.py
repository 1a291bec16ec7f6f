"""What requests about compliance matrices carry."""

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from domain.matrix_events import Field as MatrixField
from domain.matrix_events import Status, Verdict
from domain.matrix_filter import MatrixFilter, StatusFilter, TouchFilter

MOST_TEXT = 20_000
MOST_AT_ONCE = 2_000


class MatrixQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    status: StatusFilter | None = None
    assignee: str | None = Field(default=None, max_length=128)
    section: str | None = Field(default=None, max_length=2)
    type: str | None = Field(default=None, max_length=40)
    touched: TouchFilter | None = None
    q: str | None = Field(default=None, max_length=200)

    def to_filter(self) -> MatrixFilter:
        """Forms without script send empty fields."""
        return MatrixFilter(
            status=self.status,
            assignee=self.assignee or None,
            section=self.section or None,
            type=self.type or None,
            touched=self.touched,
            words=self.q or None,
        )


class RowsEdit(BaseModel):
    """Only what is given changes; null or an empty text takes it away.

    `seen` is the matrix's version that was looked at: with it, what another changed since is not
    overwritten, but refused (409).
    """

    model_config = ConfigDict(extra="forbid")

    rows: tuple[str, ...] = Field(min_length=1, max_length=MOST_AT_ONCE)
    status: Status | None = None
    assignee: str | None = Field(default=None, max_length=128)
    answer: str | None = Field(default=None, max_length=MOST_TEXT)
    note: str | None = Field(default=None, max_length=MOST_TEXT)
    touched: None = Field(default=None, description="null: someone has looked at the change")
    seen: int | None = None

    def changes(self) -> dict[MatrixField, str | None]:
        fields: tuple[MatrixField, ...] = ("status", "assignee", "answer", "note", "touched")
        return {name: getattr(self, name) for name in fields if name in self.model_fields_set}


class LinkVerdict(BaseModel):
    model_config = ConfigDict(extra="forbid")

    source: str
    target: str
    verdict: Verdict


class Amendment(BaseModel):
    """The newer version of the document."""

    model_config = ConfigDict(extra="forbid")

    document_id: UUID
