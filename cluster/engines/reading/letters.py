"""The size of letters from boxes of read words: a line without a "p" is not of smaller print."""

from collections.abc import Sequence
from statistics import median

from domain.pages import Word

_LOW = frozenset("acemnorsuvwxz.,-:;'\"_·•=~+*")
_DEEP = frozenset("gjpqy")
_X_HEIGHT, _ABOVE, _BELOW = 0.48, 0.24, 0.21
"""Shares of the size that x-height, ascenders above it and descenders take in common book faces."""


def size_of(words: Sequence[Word]) -> float:
    """In points, of most of the words; 0 for none."""
    told = [word for word in words if sum(sign.isalnum() for sign in word.text) > 1] or words
    return median(_size(word) for word in told) if told else 0.0


def _size(word: Word) -> float:
    signs = frozenset(word.text)
    high = _ABOVE if signs - _LOW - _DEEP or "j" in signs else 0.0
    deep = _BELOW if signs & _DEEP else 0.0
    return word.box.height / (_X_HEIGHT + high + deep)
