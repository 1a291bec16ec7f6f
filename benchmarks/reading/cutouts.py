"""Whether the boxes of a scan's words hold these words: cut out of the page's picture, read again.

The picture is the one that a viewer shows, not levelled: words that lie on their side there are
turned after they are cut out. What is cut out of a page is put into one picture, a word a row, and
read in one go: a word is there if its row reads so, but for one letter where it has five or more.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from cluster.engines.reading.ocr import picture_of
from cluster.engines.reading.straighten import Picture
from cluster.engines.reading.tesseract import recognize
from domain.pages import Page, Word

SAMPLE = 40
_LEAST_LETTERS = 3
_FORGIVEN_FROM = 5
"""Letters, of which one may be read otherwise."""
_DPI = 300
_MARGIN = 1.0
"""Points around a box."""
_WHITE = 60
"""Pixels around what is cut out, so that rows don't touch."""


@dataclass(frozen=True, slots=True)
class Cutouts:
    """Of `checked` words `there` are at their boxes; `inside`: every box lies in the page."""

    inside: bool
    there: int
    checked: int

    @property
    def share(self) -> float:
        return self.there / max(self.checked, 1)


def check_places(page: Any, read: Page) -> Cutouts:
    """A page of PyMuPDF, and what was read from it."""
    words = [word for line in read.lines for word in line.words]
    chosen = _sample([word for word in words if len(_plain(word.text)) >= _LEAST_LETTERS])
    there = max(_there(page, chosen, turn) for turn in _turns(chosen))
    return Cutouts(all(_is_inside(word, read) for word in words), there, len(chosen))


def _sample(words: Sequence[Word]) -> list[Word]:
    """Spread over the page."""
    count = min(len(words), SAMPLE)
    return [words[at * len(words) // count] for at in range(count)]


def _turns(words: Sequence[Word]) -> tuple[int, ...]:
    """Quarter turns by which to try them all: words that are high and narrow lie on their side."""
    high = sum(word.box.height > word.box.width for word in words)
    return (90, 270) if high > len(words) / 2 else (0,)


def _there(page: Any, words: Sequence[Word], turn: int) -> int:
    again = _read_again(page, words, turn)
    return sum(_is_there(word, row) for word, row in zip(words, again, strict=True))


def _read_again(page: Any, words: Sequence[Word], turn: int) -> list[list[str]]:
    """The words seen in each one's row, each turned after it was cut out."""
    picture, scale = picture_of(page, _DPI)
    cuts = [_cut(picture, scale, word).rotate(turn, expand=True) for word in words]
    sheet, tops = _stacked(cuts)
    rows: list[list[str]] = [[] for _ in words]
    for seen in recognize(sheet, dpi=_DPI, is_sparse=True):
        middle = (seen.box.top + seen.box.bottom) / 2
        rows[max(sum(top <= middle for top in tops) - 1, 0)].append(_plain(seen.text))
    return rows


def _cut(picture: Picture, scale: float, word: Word) -> Picture:
    box = word.box
    left, top = round((box.left - _MARGIN) * scale), round((box.top - _MARGIN) * scale)
    right, bottom = round((box.right + _MARGIN) * scale), round((box.bottom + _MARGIN) * scale)
    return picture.crop((left, top, max(right, left + 1), max(bottom, top + 1)))


def _stacked(cuts: Sequence[Picture]) -> tuple[Picture, list[int]]:
    """One below the other, and where each one's row begins."""
    width = max((cut.width for cut in cuts), default=1) + 2 * _WHITE
    height = sum(cut.height + 2 * _WHITE for cut in cuts) or 1
    sheet, tops, down = Image.new("L", (width, height), 255), list[int](), 0
    for cut in cuts:
        tops.append(down)
        sheet.paste(cut, (_WHITE, down + _WHITE))
        down += cut.height + 2 * _WHITE
    return sheet, tops


def _is_there(word: Word, row: Sequence[str]) -> bool:
    """On a skewed page a box holds slices of the lines around: so the word may be among others."""
    wanted = _plain(word.text)
    forgiven = 1 if len(wanted) >= _FORGIVEN_FROM else 0
    return any(_distance(wanted, seen) <= forgiven for seen in (*row, "".join(row)))


def _distance(one: str, other: str) -> int:
    """Letters to put in, take out or change."""
    before = list(range(len(other) + 1))
    for at, letter in enumerate(one, 1):
        now = [at]
        for place, beside in enumerate(other, 1):
            changed = before[place - 1] + (letter != beside)
            now.append(min(before[place] + 1, now[-1] + 1, changed))
        before = now
    return before[-1]


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _is_inside(word: Word, page: Page) -> bool:
    box = word.box
    return 0 <= box.left <= box.right <= page.width and 0 <= box.top <= box.bottom <= page.height
