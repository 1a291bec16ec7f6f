"""How many pages the parts of an offer may have, from sentences and tables."""

import re
from collections.abc import Iterator, Sequence

from domain.requirements.models import PageLimit
from domain.requirements.outline import Node

_COUNT = (
    r"(?:\w+(?:-\w+)?\s*\(\s*)?(\d{1,3}|one|two|three|four|five|six|seven|eight|nine|ten"
    r"|twelve|fifteen"
    r"|twenty(?:[ -]five)?|thirty|forty|fifty)\s*\)?"
)
_SIDES = r"(?:(?:single|double|one|two)[- ]sided |typed |printed |total |written |letter[- ]size )*"
_LIMIT = re.compile(
    r"\b(?:exceed(?:ing)?|(?:is|are|be) limited to|limited to|(?:page )?limit(?: of| is|:)"
    r"|maximum(?: of|:)?|max\.?"
    r"|(?:no|not)(?: be)? (?:more|longer|greater) than|up to|within"
    r"|page (?:count|limitation) (?:of|is))\s+"
    rf"(?:a (?:maximum|total) of\s+)?{_COUNT}[- ]{_SIDES}pages?\b(?!\s+each)|"
    rf"\b{_COUNT}[- ]{_SIDES}pages?\s*(?:\(?(?:limit|max(?:imum)?)\b|or (?:less|fewer)|in length)",
    re.IGNORECASE,
)
_COUNTS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "twelve": 12,
    "fifteen": 15,
    "twenty": 20,
    "twenty-five": 25,
    "twenty five": 25,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
}
_LIMITED = (
    "past performance",
    "past experience",
    "corporate experience",
    "prior experience",
    "technical",
    "price",
    "management",
    "staffing",
    "key personnel",
    "resume",
    "cover letter",
    "executive summary",
    "quality",
    "transition",
    "capability statement",
    "quote",
    "proposal",
)
_HEAD = re.compile(r"\b(?:page|pages|limit|limits|limitation|maximum|length)\b", re.IGNORECASE)
_CELL = re.compile(r"\W*(?:max(?:imum)?\W*)?(\d{1,3})(?:\s*\w*\s*pages?)?(?:\s+max\w*)?\W*$", re.I)
_ABOUT = 120


def page_limits(sentences: Sequence[tuple[str, str]], nodes: Sequence[Node]) -> list[PageLimit]:
    """`sentences` are paragraphs with the one before them. Each part once."""
    found = [*_in_sentences(sentences), *_in_tables(nodes)]
    return list(dict.fromkeys(found))


def _in_sentences(sentences: Sequence[tuple[str, str]]) -> Iterator[PageLimit]:
    for sentence, before in sentences:
        for match in _LIMIT.finditer(sentence):
            count = _count(match[1] or match[2])
            start = match.start()
            what = _named(sentence[max(start - _ABOUT, 0) : start]) or _named(
                sentence[match.end() : match.end() + _ABOUT // 2] + " " + before[:80]
            )
            if what and count:
                yield PageLimit(what, count)


def _in_tables(nodes: Sequence[Node]) -> Iterator[PageLimit]:
    """Of columns headed by pages or limits, with the names that stand before them in the row."""
    cells = [(node.block.cell, node.block.content) for node in nodes if node.block.cell]
    heads = {
        (node.block.page, cell.table, cell.column)
        for node in nodes
        if (cell := node.block.cell) and cell.row == 0 and _HEAD.search(node.block.content)
    }
    pages = [node.block.page for node in nodes if node.block.cell]
    for (cell, text), page in zip(cells, pages, strict=True):
        count = _CELL.match(text)
        if not count or not cell.row or (page, cell.table, cell.column) not in heads:
            continue
        row = [
            words
            for (other, words), at in zip(cells, pages, strict=True)
            if at == page and (other.table, other.row) == (cell.table, cell.row)
        ]
        what = next(filter(None, (_named(words, last=False) for words in row)), None)
        if what:
            yield PageLimit(what, int(count[1]))


def _named(text: str, *, last: bool = True) -> str | None:
    """The part of an offer that is named last, or first."""
    lower = text.lower()
    places = [(lower.rfind(name) if last else lower.find(name), name) for name in _LIMITED]
    found = [place for place in places if place[0] >= 0]
    return (max(found) if last else min(found))[1] if found else None


def _count(text: str) -> int | None:
    lower = text.lower()
    return _COUNTS.get(lower) or (int(lower) if lower.isdigit() else None)
