"""Opportunities in memory, searched as simply as a test can check by eye."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from domain.errors import Invalid, Unavailable
from domain.search import (
    FacetValue,
    Fit,
    Highlight,
    Mode,
    SearchItem,
    SearchQuery,
    SearchResult,
    Sort,
)

NOW = datetime.now(UTC).replace(microsecond=0)
VA = "VETERANS AFFAIRS, DEPARTMENT OF"
DEFENSE = "DEPT OF DEFENSE"
LONG = (
    "Urgent Warm Springs Service Unit Dental Vacuum, Compressor System, Removal, and Installation"
    " with Training of Staff, Warranty for Five Years, and Disposal of the Former Equipment"
)


def item(
    notice_id: str,
    title: str,
    *,
    closes: datetime | date | None,
    fit: Fit | None = None,
    set_aside: str | None = None,
    psc: str | None = "6515",
    naics: str | None = "339112",
    type_: str = "k",
    department: str = VA,
    state: str | None = "FL",
    is_closed: bool = False,
    posted_days_ago: int = 3,
) -> SearchItem:
    return SearchItem(
        notice_id=notice_id,
        title=title,
        solicitation_number=f"36C262{notice_id.upper()}",
        type=type_,
        posted_at=NOW - timedelta(days=posted_days_ago),
        response_deadline=closes,
        naics=naics,
        psc=psc,
        set_aside=set_aside,
        department=department,
        sub_tier=department,
        office="262-NETWORK CONTRACT OFFICE 22 (36C262)",
        state=state,
        country="USA",
        is_medical=True,
        is_closed=is_closed,
        updated_at=NOW - timedelta(hours=2),
        fit=fit,
    )


SUITS = Fit(91, (), ("naics:339112", "psc:6515", "set_aside:SDVOSBC", "shipping:CA"))
STOPS = Fit(None, ("set_aside:ISBEE",), ("psc:6520", "not_set_aside:ISBEE"))

ITEMS = (
    item(
        "n1",
        "6520--" + LONG,
        closes=NOW + timedelta(hours=4, minutes=20),
        fit=STOPS,
        set_aside="ISBEE",
        psc="6520",
        type_="o",
        state="OR",
    ),
    item(
        "n2",
        "6515--BLADDER SCANNER W/PRINTER",
        closes=NOW + timedelta(days=2),
        fit=SUITS,
        set_aside="SDVOSBC",
        posted_days_ago=0,
    ),
    item(
        "n3",
        "Nitrile exam gloves, powder free",
        closes=(NOW + timedelta(days=12)).date(),
        fit=Fit(58, (), ("psc:6515", "no_set_aside", "not_naics:424210")),
        naics="424210",
        department=DEFENSE,
        state=None,
    ),
    item("n4", "Biometer", closes=None, psc="6540", type_="s", state="GU"),
    item("n5", "Old beds", closes=NOW - timedelta(days=3), is_closed=True, psc="6530"),
    *(
        item(
            f"m{number}",
            f"Medical kit, standard, lot {number}",
            closes=NOW + timedelta(days=20 + number),
            fit=Fit(40 + number, (), ("psc:6545", "state:FL", f"meaning:0.{50 + number}")),
            set_aside="SBA",
            psc="6545",
        )
        for number in range(30)
    ),
)

FILTERS = ("naics", "psc", "set_aside", "state", "agency", "type")


class MemorySearch:
    """Implements `domain.ports.OpportunitySearch`. `missing` are parts that do not answer."""

    def __init__(self, items: Sequence[SearchItem] = ITEMS) -> None:
        self.items = list(items)
        self.missing: set[str] = set()
        self.asked: list[SearchQuery] = []

    async def search(self, tenant_id: UUID, query: SearchQuery) -> SearchResult:
        self.asked.append(query)
        if "postgres" in self.missing:
            raise Unavailable(service="postgres", reason="stopped")
        found = sorted(
            (one for one in self.items if _suits(one, query)), key=lambda one: _place(one, query)
        )
        start = _start(query.cursor)
        page = found[start : start + query.limit]
        more = start + query.limit < len(found)
        return SearchResult(
            items=[_marked(one, query) for one in page],
            total=len(found),
            facets=_facets(found),
            next_cursor=str(start + query.limit) if more else None,
            degraded=tuple(self.missing) if query.words and query.mode is not Mode.KEYWORD else (),
        )


def _suits(one: SearchItem, query: SearchQuery) -> bool:
    if query.status is not None and one.is_closed is not (query.status == "closed"):
        return False
    if query.medical is not None and one.is_medical is not query.medical:
        return False
    words = query.words.lower().split()
    if not all(word in one.title.lower() for word in words):
        return False
    return all(_meets(one, name, getattr(query, name)) for name in FILTERS)


def _meets(one: SearchItem, name: str, wanted: Sequence[str]) -> bool:
    held = one.department if name == "agency" else getattr(one, name)
    if not wanted:
        return True
    if name in {"naics", "psc"}:
        return held is not None and held.startswith(tuple(wanted))
    return held in wanted


def _place(one: SearchItem, query: SearchQuery) -> tuple[float, str]:
    match query.order:
        case Sort.DEADLINE:
            return _stamp(one.response_deadline), one.notice_id
        case Sort.FIT:
            return -((one.fit and one.fit.score) or 0), one.notice_id
        case _:
            return -(one.posted_at or NOW).timestamp(), one.notice_id


def _stamp(moment: datetime | date | None) -> float:
    if moment is None:
        return float("inf")
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, 23, 59, tzinfo=UTC)
    return moment.timestamp()


def _marked(one: SearchItem, query: SearchQuery) -> SearchItem:
    if not query.words:
        return one
    text = f"The contractor shall deliver {query.words} within 30 days."
    marks = ((29, 29 + len(query.words)),)
    return SearchItem(
        **{name: getattr(one, name) for name in SearchItem.__slots__ if name != "highlights"},
        highlights=(Highlight("description", text, marks),),
    )


def _start(cursor: str | None) -> int:
    if cursor is not None and not cursor.isdigit():
        raise Invalid(what="cursor", reason="it is not one of ours")
    return int(cursor or 0)


def _facets(found: Sequence[SearchItem]) -> dict[str, list[FacetValue]]:
    return {
        name: [
            FacetValue(value, count)
            for value, count in Counter(
                one.department if name == "agency" else getattr(one, name) for one in found
            ).most_common()
            if value
        ]
        for name in FILTERS
    }
