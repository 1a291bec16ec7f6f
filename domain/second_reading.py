"""Which pages are read a second time, by another engine, and which of two readings is kept."""

import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

from domain.pages import Page, PageReading

FIRST_ENGINE: Final = "tesseract"
HERE: Final = "rapidocr"
ELSEWHERE: Final = "mistral-ocr"
RECOGNISERS = frozenset({FIRST_ENGINE, HERE, ELSEWHERE})
DOUBTFUL = 0.90
"""A page read with less confidence is read again."""
LEFT_OUT = 0.15
"""So is one of which more was left unread: an engine may be sure of the little that it sees."""
AGREED = 0.97
"""Two readings with so many words in common are one: the first is kept."""
MARGIN = 0.02
"""Of the better reading's sense: within it the engines' own confidence decides."""

_PART = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"[a-z]{0,4}\d[\da-z]*")
_ENDINGS = ("s", "es", "ed", "d", "ing", "ly")
_PENALTY = 0.5


@dataclass(frozen=True, slots=True)
class Judged:
    """Of one reading: letters in all, and in words that make sense."""

    letters: int
    legible: int

    @property
    def share(self) -> float:
        return self.legible / self.letters if self.letters else 0.0

    @property
    def sense(self) -> float:
        """More text is better, unless it is rubbish: half of that counts against it."""
        return self.legible - _PENALTY * (self.letters - self.legible)


def is_doubtful(page: Page) -> bool:
    """Recognised by the first engine, and with little confidence or to no effect."""
    if page.engine != FIRST_ENGINE or page.confidence is None:
        return False
    return page.confidence < DOUBTFUL or page.unread > LEFT_OUT


def judge(text: str, words: Collection[str]) -> Judged:
    """`words` are those of the language, in small letters."""
    tokens: list[str] = [token for token in text.split() if any(sign.isalnum() for sign in token)]
    legible = sum(len(token) for token in tokens if _makes_sense(token, words))
    return Judged(sum(map(len, text.split())), legible)


def agreement(one: str, other: str) -> float:
    """Share of the words that both have, each as often as it stands there: 1 where they agree."""
    here, there = (Counter(_PART.findall(text.lower())) for text in (one, other))
    total = max(sum(here.values()), sum(there.values()))
    return sum((here & there).values()) / total if total else 1.0


def better(first: Page, second: Page, words: Collection[str]) -> Page:
    """The reading that is kept. It tells of both in `readings`, and says so in its warnings.

    Where the second is kept it takes over what the first has seen besides words.
    """
    judged = judge(first.text, words), judge(second.text, words)
    alike = agreement(first.text, second.text)
    takes_second = alike < AGREED and _beats(first, second, *judged)
    readings = (
        _told(first, judged[0], kept=not takes_second),
        _told(second, judged[1], kept=takes_second),
    )
    kept, other = (second, first) if takes_second else (first, second)
    note = f"read a second time by {second.engine}: {kept.engine} was kept, not {other.engine}"
    if alike >= AGREED:
        note = f"read a second time by {second.engine}, which agrees"
    notes = (*(_without_doubt(first) if takes_second else first.warnings), note)
    return replace(
        first,
        lines=kept.lines,
        engine=kept.engine,
        confidence=kept.confidence,
        warnings=notes,
        readings=readings,
    )


def unanswered(page: Page, engine: str, reason: str) -> Page:
    """The first reading, which says that nobody could give it a second one."""
    note = f"a second reading by {engine} was not had: {reason}"
    return replace(page, warnings=(*page.warnings, note))


def _beats(first: Page, second: Page, old: Judged, new: Judged) -> bool:
    margin = MARGIN * max(old.sense, new.sense, 0.0)
    if abs(new.sense - old.sense) > margin:
        return new.sense > old.sense
    return (second.confidence or 0.0) > (first.confidence or 0.0) and new.share > old.share


def _told(page: Page, judged: Judged, *, kept: bool) -> PageReading:
    return PageReading(page.engine, page.confidence, round(judged.share, 3), kept)


def _without_doubt(first: Page) -> tuple[str, ...]:
    """What the first engine said of its own words no longer holds."""
    return tuple(one for one in first.warnings if not one.startswith("faint: "))


def _makes_sense(token: str, words: Collection[str]) -> bool:
    parts: list[str] = _PART.findall(token.lower())
    return all(_is_word(part, words) or _NUMBER.fullmatch(part) for part in parts)


def _is_word(part: str, words: Collection[str]) -> bool:
    if part in words:
        return True
    return any(part.endswith(end) and part[: -len(end)] in words for end in _ENDINGS)
