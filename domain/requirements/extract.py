"""Requirements of a solicitation, from its pages, by rules and learned weights: no text in them can
steer more than whether its own sentence is found."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import groupby

from domain.pages import Page
from domain.requirements.blocks import blocks_of
from domain.requirements.dues import due_of
from domain.requirements.facts import facts_of
from domain.requirements.flattened import unflattened
from domain.requirements.kinds import Surroundings, kind_of
from domain.requirements.learned import Weights, learned
from domain.requirements.models import Extraction, Place, Requirement
from domain.requirements.outline import Node, outline
from domain.requirements.rows import Row, RowFinder
from domain.requirements.running import without_running_lines
from domain.requirements.standing import FORM_TITLE, Standing
from domain.requirements.tables import Table, rows_of_table

_AGENCY = re.compile(
    r"\b(?:Department|Administration|Agency|Services?|Centers?|Institutes?|Office|Bureau"
    r"|Command|Corps|Library|Archives|"
    r"Commission|Board|Hospital|System|Network|Laborator(?:y|ies)"
    r"|Division)\b[^()\n]{0,60}\(([A-Z]{2,8}(?: \d+)?)\)"
)
_TITLE_WORDS = 9
_NO_AGENCY = re.compile(r"\b(?:business|program|concerns?|standards?|services? \()", re.IGNORECASE)
_FORM = re.compile(r"\b(?:STANDARD|OPTIONAL) FORM\s+\d+|\bSF[ -]?(?:1449|33|18|30|26)\b")
_BLOCKS = re.compile(
    r"\bREQUISITION|\bCONTRACT ID CODE|\bOFFER DUE DATE|\bPREVIOUS EDITION|\bEDITION .{0,30}USABLE|"
    r"\bPrescribed by GSA|\bOFFEROR TO COMPLETE BLOCKS"
)
_SIGNS = str.maketrans(
    {
        **dict.fromkeys("“”„«»", '"'),
        **dict.fromkeys("\u2018\u2019\u201a\u2032`", "'"),
        **dict.fromkeys("\u2010\u2011\u2012\u2013—\u2015\u2212", "-"),
    }
)


def extract(pages: Sequence[Page], weights: Weights | None = None) -> Extraction:
    """Rows in the order of the document, each quote found in its pages, and key facts. `weights`
    judge what the rules leave out, those learned from all labelled documents if none are given."""
    body = without_running_lines(pages)
    nodes = nodes_of(body)
    text = "\n".join(page.text for page in body)
    standing = standing_of(body, weights or learned())
    found = [row for row in _rows(nodes, standing) if _fold(row.quote) in _Folded.of(text)]
    return Extraction(tuple(_numbered(found)), facts_of(pages, nodes))


def nodes_of(body: Sequence[Page]) -> list[Node]:
    """The tree of pages without running lines."""
    return list(outline(blocks_of(unflattened(body))))


def standing_of(body: Sequence[Page], weights: Weights) -> Standing:
    """Of pages without running lines."""
    text = "\n".join(page.text for page in body)
    front = body[0].text if body else ""
    named = _FORM.search(front) or FORM_TITLE.search(" ".join(front.split()))
    return Standing(_agencies(text), weights, form=bool(named and _BLOCKS.search(front)))


class _Folded:
    """The document's text without white space, made once."""

    _kept: tuple[str, str] = ("", "")

    @classmethod
    def of(cls, text: str) -> str:
        if cls._kept[0] is not text:
            cls._kept = text, _fold(text)
        return cls._kept[1]


def _rows(nodes: Sequence[Node], standing: Standing) -> Iterator[Row]:
    finder = RowFinder(standing)
    before: Node | None = None
    table: Table | None = None
    for key, group in groupby(nodes, key=_table):
        members = list(group)
        if key is None:
            table = None
            for node in members:
                yield from finder.rows(node)
        else:
            table = Table.of(members, _caption(members[0], before)).behind(table)
            yield from rows_of_table(table, finder, standing)
        before = members[-1]


def _table(node: Node) -> tuple[int, int] | None:
    return (node.block.page, node.block.cell.table) if node.block.cell else None


def _caption(first: Node, before: Node | None) -> str:
    """The heading over a table, or the paragraph before it that leads to it."""
    if before is not None and before.path == first.path and before.leads:
        return before.block.text
    return first.path[-1].title if first.path else ""


def _agencies(text: str) -> frozenset[str]:
    """Short names that the document gives to departments, agencies and offices."""
    named = (match for match in _AGENCY.finditer(text) if not _NO_AGENCY.search(match.group()))
    return frozenset(match[1].lower() for match in named)


def _numbered(rows: Sequence[Row]) -> Iterator[Requirement]:
    """Word for word copies are folded into the first."""
    pages: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        pages[_fold(row.quote)].append(_page(row))
    counts: dict[int, int] = defaultdict(int)
    for row in rows:
        repeats = pages.pop(_fold(row.quote), None)
        if repeats:
            counts[repeats[0]] += 1
            yield _requirement(row, counts[repeats[0]], tuple(repeats[1:]))


def _requirement(row: Row, number: int, repeats: tuple[int, ...]) -> Requirement:
    clause = next((heading.clause for heading in reversed(row.node.path) if heading.clause), None)
    page = _page(row)
    return Requirement(
        id=f"{page:03}-{number:02}",
        page=page,
        section=row.section,
        paragraph=_paragraph(row.node, clause),
        quote=row.quote,
        actor=row.duty.actor,
        modality=row.duty.modality,
        type=kind_of(row.duty, row.quote, _surroundings(row, clause)),
        due=due_of(row.quote, row.label) if row.duty.modality != "consequence" else None,
        lead_in=row.lead_in,
        places=tuple(_places(row)),
        repeats=repeats,
    )


def _surroundings(row: Row, clause: str | None) -> Surroundings:
    above = list(_above(row.node))
    titles = [row.label] if row.label else []
    titles += [text for text in above if len(text.split()) <= _TITLE_WORDS]
    titles += [heading.title for heading in reversed(row.node.path)]
    return Surroundings(row.section, clause, row.lead_in or "", tuple(titles), " ".join(above))


def _above(node: Node) -> Iterator[str]:
    while node.parent is not None:
        node = node.parent
        yield node.block.content


def _page(row: Row) -> int:
    part = row.parts[0]
    return part.block.page_at(part.start)


def _places(row: Row) -> Iterator[Place]:
    places = [place for part in row.parts for place in part.block.places(part.start, part.end)]
    for page, stretch in groupby(places, key=lambda place: place.page):
        yield Place(page, tuple(box for place in stretch for box in place.boxes))


def _paragraph(node: Node, clause: str | None) -> str | None:
    """The nearest printed number: of a clause's paragraph, of a heading, else its title."""
    marks = "".join(mark for mark in node.markers if mark.startswith("("))
    if clause:
        return clause + marks
    if not node.path:
        return marks or None
    heading = node.path[-1]
    return f"{heading.number or heading.title}{marks}"


def _fold(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text.translate(_SIGNS)).lower().split())
