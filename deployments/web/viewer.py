"""One document's page with what is marked on it: requirements, found words, what is pointed at."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from cluster.stores.document_pages import PageOutcome
from cluster.stores.page_words import FoundWords
from deployments.viewing import ZOOMS, PlaceQuery
from deployments.web.list_query import address
from deployments.web.matrix_view import place_href
from deployments.web.seen_view import SeenView, seen_on
from domain.matrix_filter import NEEDS_WORK
from domain.matrix_table import label_of
from domain.matrix_views import MatrixRowView
from domain.page_search import Hit, places_on
from domain.pages import Box, Comment, Line, Page

MOST_LISTED = 100
"""Found places that the page lists; all of them are counted."""


@dataclass(frozen=True, slots=True)
class ThumbView:
    number: int
    href: str
    is_current: bool
    is_failed: bool
    hits: int
    requirements: int


@dataclass(frozen=True, slots=True)
class DemandView:
    """A requirement as boxes on its page, which lead to its row."""

    label: str
    quote: str
    href: str
    boxes: tuple[Box, ...]
    is_open: bool
    is_current: bool


@dataclass(frozen=True, slots=True)
class FoundBoxes:
    boxes: tuple[Box, ...]
    is_current: bool


@dataclass(frozen=True, slots=True)
class SheetView:
    """One page: `lines` with their places where it has any."""

    number: int
    width: float
    height: float
    lines: tuple[Line, ...]
    found: tuple[FoundBoxes, ...]
    demands: tuple[DemandView, ...]
    warnings: tuple[str, ...]
    seen: tuple[SeenView, ...]
    comments: tuple[Comment, ...]

    @property
    def has_looks(self) -> bool:
        return self.width > 0


@dataclass(frozen=True, slots=True)
class HitView:
    hit: Hit
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class HitsView:
    """All found places are counted, the first of them listed. `unknown` pages nobody looked at."""

    total: int
    pages: int
    listed: tuple[HitView, ...]
    unknown: int
    previous: str | None
    following: str | None


@dataclass(frozen=True, slots=True)
class PageView:
    """Where one is in the document, and where one can go from there."""

    path: str
    current: int
    pages: int
    outcome: PageOutcome | None
    sheet: SheetView | None
    pointed_at: tuple[Box, ...]
    hits: HitsView | None
    previous: str | None
    following: str | None
    smaller: str | None
    larger: str | None


def viewer_path(document_id: UUID) -> str:
    return f"/documents/{document_id}"


def thumb_views(
    document_id: UUID,
    outcomes: Sequence[PageOutcome],
    query: PlaceQuery,
    found: FoundWords,
    rows: Sequence[MatrixRowView],
) -> list[ThumbView]:
    hits = Counter(hit.page for hit in found.hits)
    demands = Counter(row.requirement.page for row in rows)
    current = current_page(query, outcomes)
    return [
        ThumbView(
            page.number,
            address(query.at(page.number), viewer_path(document_id)),
            page.number == current,
            page.state == "failed",
            hits[page.number],
            demands[page.number],
        )
        for page in outcomes
    ]


def current_page(query: PlaceQuery, outcomes: Sequence[PageOutcome]) -> int:
    return min(query.page, max(len(outcomes), 1))


def sheet_view(
    document_id: UUID, page: Page, query: PlaceQuery, rows: Sequence[MatrixRowView]
) -> SheetView:
    found = places_on(page, query.find)
    return SheetView(
        page.number,
        page.width,
        page.height,
        page.lines if page.width else page.running + page.lines,
        tuple(FoundBoxes(boxes, nth == query.hit) for nth, boxes in enumerate(found, start=1)),
        tuple(_demands(page.number, query, rows)),
        page.warnings,
        tuple(seen_on(document_id, page)),
        page.comments,
    )


def _demands(number: int, query: PlaceQuery, rows: Sequence[MatrixRowView]) -> Iterator[DemandView]:
    for row in rows:
        places = row.requirement.places
        boxes = tuple(box for place in places if place.page == number for box in place.boxes)
        if boxes:
            is_open = row.status in NEEDS_WORK
            is_current = row.row_key == query.row
            quote, href = row.requirement.quote, place_href(row)
            yield DemandView(label_of(row), quote, href, boxes, is_open, is_current)


def hits_view(document_id: UUID, query: PlaceQuery, current: int, found: FoundWords) -> HitsView:
    """From the place that is looked at on to the next one; from a page's begin without one."""
    at = current, query.hit or 0
    before = [hit for hit in found.hits if (hit.page, hit.nth) < at]
    after = [hit for hit in found.hits if (hit.page, hit.nth) > at]

    def href(hit: Hit) -> str:
        return address(query.at(hit.page, hit=hit.nth), viewer_path(document_id))

    return HitsView(
        total=len(found.hits),
        pages=len({hit.page for hit in found.hits}),
        listed=tuple(
            HitView(hit, href(hit), (hit.page, hit.nth) == at) for hit in found.hits[:MOST_LISTED]
        ),
        unknown=found.unknown,
        previous=href(before[-1]) if before else None,
        following=href(after[0]) if after else None,
    )


def page_view(
    document_id: UUID,
    query: PlaceQuery,
    outcomes: Sequence[PageOutcome],
    sheet: SheetView | None,
    found: FoundWords,
) -> PageView:
    current, path = current_page(query, outcomes), viewer_path(document_id)

    def beside(number: int) -> str | None:
        return address(query.at(number), path) if 1 <= number <= len(outcomes) else None

    return PageView(
        path=path,
        current=current,
        pages=len(outcomes),
        outcome=next((one for one in outcomes if one.number == current), None),
        sheet=sheet,
        pointed_at=query.boxes(),
        hits=hits_view(document_id, query, current, found) if query.find.strip() else None,
        previous=beside(current - 1),
        following=beside(current + 1),
        smaller=_zoomed(query, current, path, -1),
        larger=_zoomed(query, current, path, 1),
    )


def _zoomed(query: PlaceQuery, current: int, path: str, step: int) -> str | None:
    at = min(range(len(ZOOMS)), key=lambda index: abs(ZOOMS[index] - query.zoom)) + step
    if not 0 <= at < len(ZOOMS):
        return None
    shown = {"hit": query.hit, "row": query.row, "box": query.box}
    return address({**query.at(current, **shown), "zoom": ZOOMS[at]}, path)
