"""Documents in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from actors.reading_progress import eta_s, stage_of
from cluster.stores.documents import DocumentRow
from deployments.web.labels import Tone
from domain.archives import ENGINE as ARCHIVE
from domain.second_reading import FIRST_ENGINE, RECOGNISERS

_STATES: dict[str, tuple[str, Tone | None]] = {
    "waiting": ("Waits", None),
    "reading": ("Being read", "info"),
    "processed": ("Read", "good"),
    "failed": ("Not read", "danger"),
}
_REASONS = {
    "locked": "It is locked with a password. Save a copy without one and upload that.",
    "broken": "The file is broken. Open it where it came from and save it again.",
    "empty": "Nothing is in it.",
    "foreign": "It is of a kind that the hub does not read.",
    "legacy_office": "It is in an old Office format. Save it as DOCX or PDF and upload that.",
    "oversized": "It is larger than 250 MB.",
    "bomb": "It unfolds to more than any document needs.",
    "unsafe": "It asks for what a document must not.",
    "timed_out": "It took longer than a file may.",
    "out_of_memory": "It took more memory than a file may.",
    "crashed": "Whoever read it crashed at it.",
    "no_page_read": "None of its pages could be read.",
    "cancelled": "It was stopped.",
    "file_lost": "Its file is not in the store.",
}


@dataclass(frozen=True, slots=True)
class DocumentView:
    """A document in a list and above its pages. `failed` says which pages could not be read."""

    document_id: UUID
    href: str
    name: str
    state: str
    label: str
    tone: Tone | None
    facts: tuple[str, ...]
    reason: str | None
    uploaded_at: datetime
    pages: int | None
    settled: int
    stage: str
    eta: str | None

    @property
    def is_open(self) -> bool:
        return self.state in {"waiting", "reading"}

    @property
    def percent(self) -> int:
        return 100 * self.settled // self.pages if self.pages else 0


_SOURCES = {"attachment": "fetched from SAM.gov", "archive": "out of an archive"}


def document_view(row: DocumentRow, now: datetime) -> DocumentView:
    label, tone = _STATES.get(row.state, (row.state, None))
    if row.state == "processed" and row.pages_failed:
        label, tone = f"Read but for {row.pages_failed}", "warn"
    left_s = eta_s(row, now)
    return DocumentView(
        document_id=row.document_id,
        href=f"/documents/{row.document_id}",
        name=row.name,
        state=row.state,
        label=label,
        tone=tone,
        facts=tuple(_facts(row)),
        reason=_reason(row),
        uploaded_at=row.uploaded_at,
        pages=row.pages,
        settled=row.pages_done + row.pages_failed,
        stage=stage_of(row),
        eta=f"about {left_s:.0f} s left" if left_s is not None else None,
    )


def _facts(row: DocumentRow) -> Iterator[str]:
    if row.pages is not None:
        thing = "file" if row.engine == ARCHIVE else "page"
        yield f"{row.pages_done:,} of {row.pages:,} {thing if row.pages == 1 else f'{thing}s'} read"
    yield _size(row.size_bytes)
    if row.source in _SOURCES:
        yield _SOURCES[row.source]
    engines = set((row.engine or "").split("+"))
    if scanned := engines & RECOGNISERS:
        yield "partly scanned" if engines - RECOGNISERS else "scanned"
        if others := scanned - {FIRST_ENGINE}:
            yield f"some of it read by {' and '.join(sorted(others))}"
    elif row.engine and row.engine != ARCHIVE:
        yield "born digital"


def _reason(row: DocumentRow) -> str | None:
    if row.state != "failed":
        return None
    said = _REASONS.get(row.reason or "", "It could not be read.")
    is_told = row.detail and row.reason in {"broken", "foreign", "crashed", "timed_out", "bomb"}
    return f"{said} ({row.detail})" if is_told else said


def _size(size_bytes: int) -> str:
    if size_bytes < 1_000_000:
        return f"{max(size_bytes // 1000, 1)} kB"
    return f"{size_bytes / 1_000_000:.1f} MB"
