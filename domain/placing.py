"""Words without places, put where another reading of the same page saw them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from difflib import SequenceMatcher

from domain.pages import Box, Line, Page, Word

_IMAGE = re.compile(r"!\[[^\]]*\]\([^)]*\)")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_RULE = re.compile(r"[\s|:*_=-]+")
_BEGIN = re.compile(r"(?:#{1,6}|>)\s+")
_EMPHASIS = re.compile(r"(\*\*|__|\*|`)(?=\S)(.+?)(?<=\S)\1")
_SIGNS = re.compile(r"[\W_]+")


def plain_lines(markdown: str) -> Iterator[str]:
    """Its text as printed: no headings' signs, emphasis, pictures, rules, or edges of tables."""
    for raw in markdown.splitlines():
        line = _LINK.sub(r"\1", _IMAGE.sub("", raw)).strip()
        if _RULE.fullmatch(line):
            continue
        line = _EMPHASIS.sub(r"\2", _BEGIN.sub("", line))
        if line.startswith("|"):
            line = line.replace("|", " ")
        if words := line.replace("\\", "").split():
            yield " ".join(words)


def placed(texts: Sequence[str], first: Page) -> tuple[Line, ...]:
    """A line for each text. Words that both readings have stand where the first saw them, others
    between their neighbours; a line of which nothing was seen has no place.
    """
    seen = [word for line in first.lines for word in line.words]
    lines = [text.split() for text in texts]
    boxes = iter(_boxes([word for line in lines for word in line], seen))
    return tuple(_line(words, [next(boxes) for _ in words]) for words in lines)


def _boxes(words: Sequence[str], seen: Sequence[Word]) -> list[Box | None]:
    """For each word where it was seen, if it was; one misread has the place of what it replaces."""
    found: list[Box | None] = [None] * len(words)
    here, there = [_fold(word.text) for word in seen], [_fold(word) for word in words]
    match = SequenceMatcher(None, here, there, autojunk=False)
    for kind, low, high, first, last in match.get_opcodes():
        if kind == "equal" or (kind == "replace" and high - low == last - first):
            found[first:last] = [word.box for word in seen[low:high]]
    return found


def _line(words: Sequence[str], boxes: Sequence[Box | None]) -> Line:
    text = " ".join(words)
    known = [at for at, box in enumerate(boxes) if box]
    if not known:
        return Line(text)
    near = [boxes[_nearest(known, number)] for number in range(len(boxes))]
    marked = tuple(Word(word, box) for word, box in zip(words, near, strict=True) if box)
    around = marked[0].box
    for word in marked[1:]:
        around |= word.box
    height = min(word.box.height for word in marked)
    return replace(Line(text, around, marked), size=round(height, 1), indent=around.left)


def _nearest(places: Sequence[int], place: int) -> int:
    return min(places, key=lambda one: abs(one - place))


def _fold(word: str) -> str:
    return _SIGNS.sub("", word).lower() or word
