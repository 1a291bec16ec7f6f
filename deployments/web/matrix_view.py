"""The matrix page: rows by section, what narrows them, and where each opens in its document."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from uuid import UUID

from deployments.matrix_desk import OpenMatrix
from deployments.matrix_requests import MatrixQuery
from deployments.web.labels import Tone
from deployments.web.list_query import address
from domain.amendments import Piece, word_diff
from domain.matrix_events import Status, Touch
from domain.matrix_filter import NEEDS_WORK, MatrixCounts, count_rows
from domain.matrix_table import STATUS_WORDS, TOUCH_WORDS, label_of
from domain.matrix_views import MatrixLinkView, MatrixRowView

SECTIONS = {
    "A": "form and cover",
    "B": "supplies, services and prices",
    "C": "specification and statement of work",
    "D": "packaging and marking",
    "E": "inspection and acceptance",
    "F": "deliveries and performance",
    "G": "contract administration",
    "H": "special requirements",
    "I": "clauses",
    "J": "attachments",
    "K": "representations and certifications",
    "L": "instructions to offerors",
    "M": "evaluation",
}
_STATUS_TONES: dict[Status, tuple[Tone | None, str]] = {
    "open": (None, "clock"),
    "partly": ("warn", "alert"),
    "answered": ("good", "check"),
    "exception": ("danger", "alert"),
    "not_applicable": (None, "ban"),
}


@dataclass(frozen=True, slots=True)
class Badge:
    text: str
    tone: Tone | None
    symbol: str | None


@dataclass(frozen=True, slots=True)
class Chip:
    text: str
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class LinkedView:
    """Another row, and what people said of the link."""

    label: str
    href: str
    source: str
    target: str
    is_proposed: bool


@dataclass(frozen=True, slots=True)
class RowView:
    row: MatrixRowView
    label: str
    href: str
    status: Badge
    touch: Badge | None
    words: list[Piece]
    links: list[LinkedView]


@dataclass(frozen=True, slots=True)
class GroupView:
    title: str
    needs: str
    rows: list[RowView]


@dataclass(frozen=True, slots=True)
class Seat:
    """The page on which a matrix is shown, and what its address says beside the filters."""

    path: str
    told: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MatrixView:
    """`shown` of `counts.total` rows; `kept` is the query by which one comes back to `home`."""

    counts: MatrixCounts
    shown: int
    groups: list[GroupView]
    chips: list[Chip]
    exports: list[tuple[str, str]]
    path: str
    home: str
    told: Mapping[str, Any]
    kept: str


def matrix_path(document_id: UUID) -> str:
    return f"/documents/{document_id}/matrix"


def place_href(row: MatrixRowView) -> str:
    """The viewer at the requirement: its page, and its boxes in points."""
    place = next(iter(row.requirement.places), None)
    boxes = [
        ",".join(f"{edge:.1f}" for edge in (box.left, box.top, box.right, box.bottom))
        for box in (place.boxes if place else ())
    ]
    at = "".join(f"&box={box}" for box in boxes)
    return f"/documents/{row.document_id}?page={row.requirement.page}&row={row.row_key}{at}#page"


def matrix_view(
    matrix: OpenMatrix, query: MatrixQuery, user_id: str, seat: Seat | None = None
) -> MatrixView:
    """Without a seat it has a page of its own."""
    path = matrix_path(matrix.head.document_id)
    seat = seat or Seat(path, {})
    counts = count_rows(matrix.rows)
    rows = query.to_filter().of(matrix.rows)
    links = _linked(matrix.rows, matrix.links)
    views = [_row_view(row, links[row.row_key]) for row in rows]
    asked = query.model_dump(exclude_none=True)
    api = f"/api/v1{path}/export"
    return MatrixView(
        counts=counts,
        shown=len(rows),
        groups=list(_groups(views)),
        chips=list(_chips(query, counts, matrix.rows, user_id, seat)),
        exports=[(name.upper(), address({**asked, "format": name}, api)) for name in _FORMATS],
        path=path,
        home=seat.path,
        told={name: value for name, value in seat.told.items() if value},
        kept=address({**seat.told, **asked}, ""),
    )


_FORMATS = ("xlsx", "docx", "csv", "pdf")


def _groups(views: Sequence[RowView]) -> Iterator[GroupView]:
    for section, group in groupby(views, key=lambda view: view.row.requirement.section):
        rows = list(group)
        needing = sum(view.row.status in NEEDS_WORK for view in rows)
        title = f"Section {section}, {SECTIONS.get(section, 'other')}"
        yield GroupView(title, f"{needing} of {len(rows)} need work", rows)


def _row_view(row: MatrixRowView, links: list[LinkedView]) -> RowView:
    tone, symbol = _STATUS_TONES[row.status]
    return RowView(
        row=row,
        label=label_of(row),
        href=place_href(row),
        status=Badge(STATUS_WORDS[row.status], tone, symbol),
        touch=_touch(row.touched),
        words=word_diff(row.before.quote, row.requirement.quote) if row.before else [],
        links=links,
    )


def _touch(touched: Touch | None) -> Badge | None:
    return Badge(f"{TOUCH_WORDS[touched]} by an amendment", "changed", "swap") if touched else None


def _linked(
    rows: Sequence[MatrixRowView], links: Sequence[MatrixLinkView]
) -> defaultdict[str, list[LinkedView]]:
    """On both rows; rejected ones nowhere."""
    found: defaultdict[str, list[LinkedView]] = defaultdict(list)
    known = {row.row_key: row for row in rows}
    for link in links:
        pair = link.source, link.target
        if link.state != "rejected" and set(pair) <= known.keys():
            for here, there in (pair, pair[::-1]):
                label = f"{label_of(known[there])} ({known[there].requirement.section})"
                is_proposed = link.state == "proposed"
                found[here].append(LinkedView(label, f"#r-{there}", *pair, is_proposed))
    return found


def _chips(
    query: MatrixQuery,
    counts: MatrixCounts,
    rows: Sequence[MatrixRowView],
    user_id: str,
    seat: Seat,
) -> Iterator[Chip]:
    """Each shows one view of the whole; the one that is asked for is marked."""
    mine = sum(row.assignee == user_id for row in rows)
    choices: list[tuple[str, int, dict[str, str]]] = [
        ("All", len(rows), {}),
        ("Needs work", counts.total - counts.answered, {"status": "work"}),
        ("Mine", mine, {"assignee": user_id}),
        ("Touched by an amendment", counts.touched, {"touched": "any"}),
        *(
            (kind.replace("_", " ").capitalize(), count, {"type": kind})
            for kind, count in counts.by_type.items()
        ),
    ]
    asked = query.model_dump(exclude_none=True)
    for text, count, narrowed in choices:
        is_current = asked == narrowed
        if count or not narrowed or is_current:
            href = address({**seat.told, **narrowed}, seat.path)
            yield Chip(f"{text} {count}", href, is_current)
