"""What the API answers about documents."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from pydantic import Field

from actors.reading_progress import eta_s, stage_of
from cluster.stores.document_pages import PageOutcome
from cluster.stores.documents import DocumentRow
from deployments.shapes import At, Shape
from domain.pages import Page as ReadPage


class DocumentShape(Shape):
    """`pages` is null until somebody has looked; `state` is waiting, reading, processed, failed."""

    document_id: UUID
    name: str = Field(examples=["36C24726Q0269.pdf"])
    media_type: str = Field(examples=["application/pdf"])
    size_bytes: int
    digest: str
    source: str = Field(description="upload, attachment or archive")
    parent_id: UUID | None = Field(description="the archive that held it")
    notice_ids: tuple[str, ...]
    uploaded_by: str
    uploaded_at: At
    state: str = Field(examples=["processed"])
    run: int
    mode: str
    pages: int | None
    pages_done: int
    pages_failed: int
    characters: int | None
    engine: str | None = Field(examples=["tesseract+text"])
    reason: str | None = Field(examples=["locked"])
    detail: str | None
    ended_at: At | None


class ProgressShape(Shape):
    """How far the newest reading is. `done` and `failed` together reach `total`."""

    state: str
    stage: str
    done: int
    failed: int
    total: int | None
    eta_s: float | None
    reason: str | None


class PageOutcomeShape(Shape):
    """What became of a page. Sizes are in points."""

    number: int
    state: str
    reason: str | None
    engine: str | None
    characters: int | None
    confidence: float | None
    width: float | None
    height: float | None


class PageOutcomesShape(Shape):
    document_id: UUID
    pages: tuple[PageOutcomeShape, ...]


class BoxShape(Shape):
    """In points from the page's upper left corner."""

    left: float
    top: float
    right: float
    bottom: float


class WordShape(Shape):
    text: str
    box: BoxShape


class LineShape(Shape):
    text: str
    box: BoxShape | None
    words: tuple[WordShape, ...]
    heading: int


class FieldShape(Shape):
    name: str
    value: str
    box: BoxShape | None


class MarkShape(Shape):
    """A box of a form with its label, a signature, a stamp, a note with its words."""

    kind: str = Field(examples=["checked"])
    box: BoxShape
    text: str


class FigureShape(Shape):
    box: BoxShape
    caption: str


class KeptFigureShape(FigureShape):
    """`image` is where its PNG is."""

    number: int
    image: str


class PageFiguresShape(Shape):
    document_id: UUID
    page: int
    figures: tuple[KeptFigureShape, ...]


class CommentShape(Shape):
    """A remark of an author of the file, beside its text; `about` is what it is attached to."""

    text: str
    author: str
    about: str


class PageReadingShape(Shape):
    """One of several readings of a page. `legible`: share of letters in words that make sense."""

    engine: str = Field(examples=["rapidocr"])
    confidence: float | None
    legible: float
    kept: bool


class PageShape(Shape):
    """A page in reading order, with the place of each word where the format has places."""

    number: int
    text: str
    width: float
    height: float
    engine: str
    confidence: float | None
    warnings: tuple[str, ...]
    readings: tuple[PageReadingShape, ...] = Field(
        description="where it was read more than once, by which engine, and which one was kept"
    )
    lines: tuple[LineShape, ...]
    fields: tuple[FieldShape, ...]
    marks: tuple[MarkShape, ...]
    figures: tuple[FigureShape, ...]
    comments: tuple[CommentShape, ...]


class PageTextShape(Shape):
    number: int
    text: str


class TextShape(Shape):
    """The text of the pages that are done, in their order."""

    document_id: UUID
    pages: tuple[PageTextShape, ...]


def document_shape(row: DocumentRow) -> DocumentShape:
    return DocumentShape.model_validate(row)


def progress_shape(row: DocumentRow, now: datetime) -> ProgressShape:
    return ProgressShape(
        state=row.state,
        stage=stage_of(row),
        done=row.pages_done,
        failed=row.pages_failed,
        total=row.pages,
        eta_s=eta_s(row, now),
        reason=row.detail or row.reason,
    )


def outcomes_shape(document_id: UUID, outcomes: Sequence[PageOutcome]) -> PageOutcomesShape:
    pages = tuple(PageOutcomeShape.model_validate(one) for one in outcomes)
    return PageOutcomesShape(document_id=document_id, pages=pages)


def text_shape(document_id: UUID, pages: Sequence[ReadPage]) -> TextShape:
    texts = tuple(PageTextShape(number=page.number, text=page.text) for page in pages)
    return TextShape(document_id=document_id, pages=texts)
