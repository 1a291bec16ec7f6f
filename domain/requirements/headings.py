"""Which paragraphs are headings, and how deep each stands."""

import re
from dataclasses import dataclass

from domain.requirements.blocks import Block
from domain.requirements.imperatives import is_imperative

_MOST_WORDS = 16
_PART = re.compile(
    r"(?:part|section|article|attachment|appendix|annex|exhibit|enclosure|addendum|amendment"
    r"|schedule)\s+"
    r"(?:to\b|[A-M]\b|[IVX]+\b|\d+|[A-Z]\b)",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"(?:task|volume|factor|subfactor|phase|tab|step|clin|deliverable|objective)\s+"
    r"(?:[A-Z]\b|[IVX]+\b|\d+(?:\.\d+)*)\s*[:.\u2013—-]",
    re.IGNORECASE,
)
CLAUSE = re.compile(
    r"^(?:[A-M][.-]\d+\s+)?(?:(?:FAR|DFARS?|[A-Z]{2,5}AR|AFFARS|DLAD|PROC(?:LTR)?)\s+"
    r"(?:clause\s+|provision\s+)?)?(?P<number>(?:52|\d{3,4})\.[0-9]{3}-[0-9]{1,4})(?![\d(])",
    re.IGNORECASE,
)
END_OF_CLAUSE = re.compile(
    r"^\(?\s*end of\s+(?:the\s+)?(?:clause|provision|addend|far|dfar|vaar|section|\d)",
    re.IGNORECASE,
)
_DUTY = re.compile(
    r"\b(?:shall|must|will|should|may|cannot|is|are|was|were|has|have|be|please|do not|failure"
    r"|fails?)\b",
    re.IGNORECASE,
)
_DATE = re.compile(r"\((?:[A-Z]{3,9}\.?\s+\d{4}|DEVIATION|ALT)", re.IGNORECASE)
_FIELD = re.compile(r"_{3,}|\.{4,}|\[\s*\]|☐|\$|@|https?:")


@dataclass(frozen=True, slots=True)
class Heading:
    """`rank` is smaller for headings that stand higher; `clause` is its number if it names one."""

    title: str
    number: str
    rank: int
    clause: str | None = None


def heading_of(block: Block, following: Block | None, text_size: float) -> Heading | None:
    """None for text. `text_size` is that of most letters in the document, 0 where unknown."""
    if END_OF_CLAUSE.match(block.text) or block.cell is not None:
        return None
    clause = _clause_heading(block, following)
    if clause:
        return clause
    if not _may_be_title(block):
        return None
    return _ranked(block, text_size)


def is_caps(text: str) -> bool:
    letters = [sign for sign in text if sign.isalpha()]
    return len(letters) > 2 and sum(sign.isupper() for sign in letters) >= 0.85 * len(letters)


def _clause_heading(block: Block, following: Block | None) -> Heading | None:
    """The number and title of a clause whose text follows; none for one listed by reference."""
    found = CLAUSE.match(block.text)
    if found is None or len(block.text) > 300:
        return None
    if following is not None and CLAUSE.match(following.text) and not block.is_bold:
        return None
    title = block.text[found.end() :].strip(' -\u2013—:,“"')
    if not (block.is_bold or is_caps(re.split(r"\(", title)[0]) or _DATE.search(block.text)):
        return None
    if block.text.rstrip().endswith(":") or re.search(r"\b(?:shall|must|apply|applies)\b", title):
        return None
    return Heading(title, found["number"], 3, clause=found["number"])


def _may_be_title(block: Block) -> bool:
    content = block.content or block.text
    words = content.split()
    if not words or len(words) > _MOST_WORDS or _FIELD.search(block.text):
        return False
    if any(marker.kind in {"•", "[ ]", "-", "o"} for marker in block.markers):
        return False
    if content.rstrip().endswith((".", ";", ",")) and not _PART.match(block.text):
        return len(words) <= 6 and block.is_bold and content.endswith(".")
    if len(words) > 3 and is_imperative(content):
        return False
    return not _DUTY.search(content) and content[:1] not in '(["“'


def _ranked(block: Block, text_size: float) -> Heading | None:
    content, line = block.content, block.first
    number = block.markers[-1].text if block.markers else ""
    if _PART.match(block.text) and _stands_out(block, text_size):
        found = re.match(r"\w+\s+\S+", block.text)
        rank = 2 if re.match(r"(?:section|article)\s+\d", block.text, re.IGNORECASE) else 1
        return Heading(block.text, found.group().strip(" -\u2013—:.") if found else "", rank)
    if line.heading:
        return Heading(content, number, min(1 + line.heading, 5))
    named = _NAMED.match(block.text)
    if named and (_stands_out(block, text_size) or _is_titled(block.text[named.end() :])):
        return Heading(block.text, re.split(r"\s*[:\u2013—-]", block.text)[0], 5)
    dotted = [m for m in block.markers if "." in m.kind.rstrip(".")]
    if dotted and (_stands_out(block, text_size) or _is_titled(content)):
        depth = len([part for part in dotted[-1].text.rstrip(".").split(".") if part != "0"])
        return Heading(content, dotted[-1].text.rstrip("."), 3 + depth)
    if block.markers and not (_stands_out(block, text_size) and _is_numbered(block)):
        return None
    if not _stands_out(block, text_size):
        return None
    rank = (
        2
        if text_size and line.size > text_size + 1.5
        else 6
        if number or not is_caps(content)
        else 4
    )
    return Heading(content.rstrip(":"), number, rank)


def _stands_out(block: Block, text_size: float) -> bool:
    larger = bool(text_size) and block.first.size > text_size + 1
    return block.is_bold or larger or is_caps(block.content) or block.first.heading > 0


def _is_titled(content: str) -> bool:
    """Capitals on all words that carry meaning."""
    words = [word for word in re.findall(r"[A-Za-z][\w'\u2019-]*", content) if len(word) > 3]
    return bool(words) and len(words) <= 8 and all(word[0].isupper() for word in words)


def _is_numbered(block: Block) -> bool:
    return block.markers[-1].kind in {"1.", "I.", "A.", "1)", "(1)", "A)", "a."}
