from collections.abc import Sequence
from uuid import UUID

import pytest

from domain.document import (
    DOCUMENT,
    CancelReading,
    Document,
    DocumentCommand,
    DocumentFailed,
    DocumentProcessed,
    FailReading,
    FinishReading,
    ReadAgain,
    UploadDocument,
    document_id_of,
)
from domain.errors import Invalid, NotFound

TENANT = UUID(int=1)
ID = document_id_of(TENANT, "ab")
UPLOAD = UploadDocument(document_id=ID, digest="ab", media_type="application/pdf", size_bytes=7)


def finish(run: int = 1, pages: int = 3, failed: int = 0) -> FinishReading:
    return FinishReading(run=run, pages=pages, pages_failed=failed, characters=9, engine="text")


def caused(*commands: DocumentCommand) -> list[list[str]]:
    """The types of the events that each of these commands causes, one after the other."""
    state = Document()
    told: list[list[str]] = []
    for command in commands:
        events = DOCUMENT.decide(command, state)
        for event in events:
            state = DOCUMENT.evolve(state, event)
        told.append([event.type for event in events])
    return told


@pytest.mark.parametrize(
    ("commands", "last"),
    [
        ([UPLOAD], ["DocumentUploaded"]),
        ([UPLOAD, UPLOAD], []),
        ([UPLOAD, finish()], ["DocumentProcessed"]),
        ([UPLOAD, finish(), finish()], []),
        ([UPLOAD, finish(failed=2)], ["DocumentProcessed"]),
        ([UPLOAD, finish(failed=3)], ["DocumentFailed"]),
        ([UPLOAD, FailReading(1, "locked")], ["DocumentFailed"]),
        ([UPLOAD, FailReading(1, "locked"), finish()], []),
        ([UPLOAD, CancelReading()], ["DocumentFailed"]),
        ([UPLOAD, CancelReading(), finish()], []),
        ([UPLOAD, finish(), CancelReading()], []),
        ([UPLOAD, finish(), ReadAgain("ocr")], ["DocumentReadingRequested"]),
        ([UPLOAD, finish(), ReadAgain("ocr"), finish()], []),
        ([UPLOAD, finish(), ReadAgain("ocr"), finish(2)], ["DocumentProcessed"]),
        ([UPLOAD, finish(), UPLOAD], []),
    ],
)
def test_what_a_command_causes(commands: Sequence[DocumentCommand], last: list[str]) -> None:
    assert caused(*commands)[-1] == last


def test_a_document_with_no_page_read_has_failed() -> None:
    state = DOCUMENT.fold(DOCUMENT.decide(UPLOAD, Document()))
    assert DOCUMENT.decide(finish(pages=2, failed=2), state) == [
        DocumentFailed(document_id=ID, digest="ab", reason="no_page_read")
    ]
    assert DOCUMENT.decide(finish(pages=2, failed=1), state) == [
        DocumentProcessed(
            document_id=ID, digest="ab", pages=2, pages_failed=1, characters=9, engine="text"
        )
    ]


@pytest.mark.parametrize("command", [ReadAgain(), finish(), CancelReading()])
def test_what_is_not_there_is_not_found(command: DocumentCommand) -> None:
    with pytest.raises(NotFound):
        caused(command)


def test_what_is_being_read_is_not_read_again() -> None:
    with pytest.raises(Invalid, match="being read"):
        caused(UPLOAD, ReadAgain())


def test_the_same_bytes_are_the_same_document_to_one_tenant_alone() -> None:
    assert document_id_of(TENANT, "ab") == ID
    assert document_id_of(UUID(int=2), "ab") != ID
