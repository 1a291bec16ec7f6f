"""A tenant's document: uploaded, read page by page, and read again when asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, assert_never, get_args
from uuid import UUID, uuid5

from domain.decider import Decider
from domain.errors import Invalid, NotFound
from domain.events import Event

DocumentSource = Literal["upload", "attachment", "archive"]
ReadingMode = Literal["auto", "ocr", "text"]
"""`ocr` recognises every page from its picture, `text` none; `auto` those that need it."""

FailureReason = Literal[
    "locked",
    "broken",
    "empty",
    "foreign",
    "legacy_office",
    "oversized",
    "bomb",
    "unsafe",
    "timed_out",
    "out_of_memory",
    "crashed",
    "no_page_read",
    "cancelled",
    "file_lost",
]

MAX_DOCUMENT_BYTES = 250 * 1024 * 1024


class DocumentUploaded(Event):
    """Its bytes lie in S3 under their digest. What it is named is no part of the log."""

    type: Literal["DocumentUploaded"] = "DocumentUploaded"
    document_id: UUID
    digest: str
    media_type: str
    size_bytes: int
    source: DocumentSource = "upload"
    notice_id: str | None = None
    parent_id: UUID | None = None


class DocumentReadingRequested(Event):
    """Someone wants it read once more, maybe otherwise. The first reading needs no request."""

    type: Literal["DocumentReadingRequested"] = "DocumentReadingRequested"
    document_id: UUID
    digest: str
    run: int
    mode: ReadingMode = "auto"


class DocumentProcessed(Event):
    """Every page is accounted for: `pages` counts those that were read and the `pages_failed`."""

    type: Literal["DocumentProcessed"] = "DocumentProcessed"
    document_id: UUID
    digest: str
    pages: int
    pages_failed: int
    characters: int
    engine: str
    run: int = 1


class DocumentFailed(Event):
    """Nothing of it could be read, or someone stopped it."""

    type: Literal["DocumentFailed"] = "DocumentFailed"
    document_id: UUID
    digest: str
    reason: FailureReason
    run: int = 1


DocumentEvent = DocumentUploaded | DocumentReadingRequested | DocumentProcessed | DocumentFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadDocument:
    document_id: UUID
    digest: str
    media_type: str
    size_bytes: int
    source: DocumentSource = "upload"
    notice_id: str | None = None
    parent_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReadAgain:
    mode: ReadingMode = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishReading:
    """`run` tells which reading ended: an older one's end is no news."""

    run: int
    pages: int
    pages_failed: int
    characters: int
    engine: str


@dataclass(frozen=True, slots=True)
class FailReading:
    run: int
    reason: FailureReason


@dataclass(frozen=True, slots=True)
class CancelReading:
    """Of whatever is being read now."""


DocumentCommand = UploadDocument | ReadAgain | FinishReading | FailReading | CancelReading


@dataclass(frozen=True, slots=True)
class Document:
    """`run` counts the readings begun, 0 before there is a document."""

    document_id: UUID | None = None
    digest: str = ""
    run: int = 0
    is_reading: bool = False


@dataclass(frozen=True, slots=True)
class Known:
    """A document that is there, as its next events name it."""

    document_id: UUID
    digest: str
    run: int

    def failed(self, reason: FailureReason) -> DocumentFailed:
        return DocumentFailed(
            document_id=self.document_id, digest=self.digest, reason=reason, run=self.run
        )


def document_id_of(tenant_id: UUID, digest: str) -> UUID:
    """The same bytes are the same document, to one tenant."""
    return uuid5(tenant_id, f"document/{digest}")


def decide(command: DocumentCommand, state: Document) -> Sequence[DocumentEvent]:
    """Repeating a command is silent. Raises `NotFound`, and `Invalid` for what is under way."""
    if isinstance(command, UploadDocument):
        return [] if state.run else [_uploaded(command)]
    if state.document_id is None:
        raise NotFound(what="document", key="of an empty stream")
    known = Known(state.document_id, state.digest, state.run)
    match command:
        case ReadAgain():
            return [_requested(command, known, is_reading=state.is_reading)]
        case FinishReading():
            return [_finished(command, known)] if _is_current(command.run, state) else []
        case FailReading():
            return [known.failed(command.reason)] if _is_current(command.run, state) else []
        case CancelReading():
            return [known.failed("cancelled")] if state.is_reading else []
        case _:
            assert_never(command)


def evolve(state: Document, event: DocumentEvent) -> Document:
    """Fold one event into the state. Total, pure, and never raises."""
    match event:
        case DocumentUploaded():
            return Document(event.document_id, event.digest, 1, is_reading=True)
        case DocumentReadingRequested():
            return replace(state, run=event.run, is_reading=True)
        case DocumentProcessed() | DocumentFailed():
            return replace(state, is_reading=False)
        case _:
            assert_never(event)


def _is_current(run: int, state: Document) -> bool:
    return state.is_reading and run == state.run


def _uploaded(command: UploadDocument) -> DocumentUploaded:
    return DocumentUploaded(
        document_id=command.document_id,
        digest=command.digest,
        media_type=command.media_type,
        size_bytes=command.size_bytes,
        source=command.source,
        notice_id=command.notice_id,
        parent_id=command.parent_id,
    )


def _requested(command: ReadAgain, known: Known, *, is_reading: bool) -> DocumentReadingRequested:
    if is_reading:
        raise Invalid(what="another reading", reason="the document is being read; cancel it first")
    return DocumentReadingRequested(
        document_id=known.document_id, digest=known.digest, run=known.run + 1, mode=command.mode
    )


def _finished(command: FinishReading, known: Known) -> DocumentEvent:
    if command.pages_failed >= command.pages:
        return known.failed("no_page_read")
    return DocumentProcessed(
        document_id=known.document_id,
        digest=known.digest,
        pages=command.pages,
        pages_failed=command.pages_failed,
        characters=command.characters,
        engine=command.engine,
        run=command.run,
    )


DOCUMENT: Decider[DocumentCommand, Document, DocumentEvent] = Decider(
    "Document", get_args(DocumentEvent), Document(), decide, evolve
)
"""One stream a document of a tenant."""
