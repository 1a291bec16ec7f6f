"""Run-in titles and labels, blanks to fill in: what stands in a paragraph beside its sentences."""

import re

from domain.requirements.blocks import Block
from domain.requirements.exclusions import exempts, is_no_duty
from domain.requirements.grammar import masked
from domain.requirements.imperatives import is_imperative
from domain.requirements.leads import is_name
from domain.requirements.models import Duty

_LABEL = re.compile(
    r"(?:[A-Z\d][\w/&.,()\u2019'§\u2013-]*(?:\s+[\w/&.,()\u2019'§\u2013-]+){0,7}\s*(?::"
    r"|\s[-\u2013—](?=\s)|—)\s+)(?=\S)"
)
_TITLE = re.compile(
    r"(?:[A-Z][\w/\u2019'(),;—\u2013-]*(?:\s+[\w/\u2019'(),;—\u2013-]+){0,11}\.\s+)(?=[\[(A-Z])"
)
_VERB = re.compile(
    r"\b(?:shall|must|will|should|may|is|are|has|have|please|do not|submit|provide|includes?)\b",
    re.IGNORECASE,
)
_FINITE = re.compile(
    r"\b(?:shall|must|will|should|may|can|is|are|was|were|has|have|had|does|do|includes?|means"
    r"|uses|please|either|submit|provide)\b|@|https?:|\d{3}[.-]\d{4}",
    re.IGNORECASE,
)
_FILL_IN = re.compile(
    r"\s*\[\s*The (?:offeror|contractor|quoter) shall (?:enter|list|insert)", re.IGNORECASE
)
_BLANK = re.compile(r"_{3,}\W*$|^\W*$")
_PENALTY = re.compile(r"be (?:punished|subject|ineligible|liable)\b", re.IGNORECASE)
_NOTHING = re.compile(r"(?:reserved|n/?a|none|or|and|_+)?", re.IGNORECASE)
_TITLE_WORDS = 9
_LABEL_WORDS = 6


def behind_label(block: Block, *, titled: bool) -> tuple[int, str]:
    """Where the text begins behind run-in labels (and a title, if it may have one), and these."""
    start, label = block.body, ""
    for pattern in (_LABEL, _LABEL, _TITLE) if titled and _is_numbered(block) else (_LABEL, _LABEL):
        if pattern is _TITLE and label:
            break
        found = pattern.match(block.text, start)
        if found and found.end() < len(block.text) and not _VERB.search(found.group()):
            start, label = found.end(), f"{label} {found.group()}".strip()
    return start, label


def is_title(text: str) -> bool:
    """A label over a list of its own."""
    words = len(masked(text).split())
    return 0 < words <= _TITLE_WORDS and not is_finite(text) and not is_imperative(text)


def is_finite(text: str) -> bool:
    """Whether it has a verb that makes it more than a name; an address counts as one."""
    return bool(_FINITE.search(text))


def is_blank(text: str) -> bool:
    """An empty field of a form."""
    return bool(_BLANK.search(text.strip()))


def before_fill_in(block: Block) -> int:
    """Where a text ends before an order in brackets to fill in a blank."""
    found = _FILL_IN.search(block.text)
    return found.start() if found else len(block.text)


def says_something(text: str, handed: Duty) -> bool:
    """Whether an item without a verb of duty is one with the duty of its lead-in: not a label, a
    reserved place, a blank, a name, an exemption."""
    bare = text.strip(" .:;—\u2013-[]()")
    if _PENALTY.match(bare) or _NOTHING.fullmatch(bare) or is_name(text):
        return False
    if len(text.split()) <= _LABEL_WORDS and text.rstrip().endswith(":"):
        return False
    if (is_no_duty(text) or exempts(text)) and handed.modality != "agrees":
        return False
    return not is_blank(text)


def _is_numbered(block: Block) -> bool:
    return any(marker.kind.startswith("(") for marker in block.markers)
