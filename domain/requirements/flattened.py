"""Text whose line breaks were lost, as in many descriptions of notices, cut where a new one began.

What stood on lines of its own - headings, labels, items - then runs into the next sentence without
a full stop between. Only lines are cut that no page could hold.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from domain.pages import Line, Page

_PRINTED_CHARS = 250
"""No printed line is longer."""
_LABEL_WORDS = 6
_ITEM = re.compile(
    r"(?<=\.)\s+(?=(?:\(?[a-z\d]{1,2}\)|[a-z\d]{1,2}\.)\s*[A-Z])"
    r"|(?<=:)\s+(?=\(?[a1][).]\s*[A-Z][^;]*?\.\s+\(?[b2][).])"
)
"""Of a list whose items end in full stops; one that runs on in a sentence stays in it."""
_WHO = (
    r"(?:[Oo]fferors?|[Qq]uoters?|[Vv]endors?|[Cc]ontractors?|[Bb]idders?|[Pp]roposers?|[Ss]uppliers?"
    r"|[Rr]espondents?|[Qq]uotes?|[Qq]uotations?|[Oo]ffers?|[Pp]roposals?|[Qq]uestions|[Rr]esponses"
    r"|[Gg]overnment|[Cc]ompanies|[Ff]irms)"
)
_STARTS = re.compile(
    r"(?<=\S)\s+(?=(?:"
    r"(?:The|This|These|All|Any|Each|It|Please|Only|If|When|To|In order to|Failure to"
    r"|Submit|Interested)\s+[a-z]|In accordance with\b"
    r"|(?:The|All|Any|Each|Interested|Prospective|Potential)\s+" + _WHO + r"\b"
    r"|" + _WHO + r"\s+[a-z]"
    r"))"
)
_GOES_ON = re.compile(
    r"[,/\u2013—\[-]$|[.?!][)\]\"”\u2019]*$|^\(?(?:[a-z]|[ivx]{2,4}|\d{1,2})[).]$"
)
"""A stop needs no cut; a comma, a bracket that opens and an enumerator belong to what follows."""
_SUBJECT = re.compile(_WHO)
_BINDS = frozenset(
    [
        *("a", "an", "the", "all", "any", "each", "this", "of", "and", "or", "by", "for", "to"),
        *("in", "at", "on", "with", "from", "as", "that", "under", "per", "via", "than", "if"),
        *("when", "which", "who", "unless", "where", "not", "&"),
        *("interested", "prospective", "potential"),
    ]
)
"""Words that go on: nothing begins behind them."""


def unflattened(pages: Sequence[Page]) -> list[Page]:
    """The same words; a line that was cut is several, each of which opens a paragraph."""
    return [replace(page, lines=tuple(_lines(page.lines))) for page in pages]


def _lines(lines: Sequence[Line]) -> Iterator[Line]:
    for line in lines:
        if line.words or len(line.text) <= _PRINTED_CHARS:
            yield line
            continue
        for number, text in enumerate(_pieces(line.text)):
            yield replace(line, text=text, opens=line.opens or number > 0)


def _pieces(text: str) -> Iterator[str]:
    begun = 0
    items = {found.span() for found in _ITEM.finditer(text)}
    for cut in sorted(items | set(_starts(text))):
        piece = text[begun : cut[0]]
        labels = piece.endswith(":") and len(piece.split()) <= _LABEL_WORDS
        if piece and (cut in items or not labels):
            yield piece
            begun = cut[1]
    yield text[begun:]


def _starts(text: str) -> Iterator[tuple[int, int]]:
    """Of a sentence behind what has no full stop; a subject without an article stands behind a
    title or a number only."""
    for found in _STARTS.finditer(text):
        before = text[: found.start()].rsplit(maxsplit=1)[-1]
        bare = before.strip("()[]\"“”'").lower()
        if bare in _BINDS or _GOES_ON.search(before):
            continue
        titled = before[:1].isupper() or not before[-1].isalpha()
        if titled or not _SUBJECT.match(text, found.end()):
            yield found.span()
