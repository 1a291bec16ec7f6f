"""Finding NAICS and PSC by what they are called: for people who know what they sell."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from domain.codes import naics_names, psc_names

_WORD = re.compile(r"[a-z0-9]+")
_IDLE = frozenset(
    {"a", "an", "and", "are", "for", "from", "in", "of", "on", "or", "our", "the", "to", "we"}
    | {"with", "sell", "supply", "supplies"}
)
Index = Mapping[str, tuple[str, frozenset[str]]]
"""By code: its name, and the stems in that."""

_NAICS_DIGITS = 6
_PSC_LETTERS = 4


@dataclass(frozen=True, slots=True)
class NamedCode:
    code: str
    name: str


def find_naics(words: str, limit: int = 12) -> list[NamedCode]:
    """Industries of six digits, the best first; a number is taken for the beginning of a code."""
    return _find(_naics(), words, limit)


def find_psc(words: str, limit: int = 12) -> list[NamedCode]:
    """Products and services of four characters, the best first."""
    return _find(_psc(), words, limit)


def _find(names: Index, words: str, limit: int) -> list[NamedCode]:
    """By how many of the words a name has, then by how much of the name they are."""
    told = words.strip().upper()
    if told and any(code.startswith(told) for code in names):
        found = [code for code in names if code.startswith(told)]
        return [NamedCode(code, names[code][0]) for code in found[:limit]]
    asked = stems(words)
    scored = []
    for code, (name, held) in names.items():
        shared = len(asked & held)
        if shared:
            scored.append((-shared, len(held) - shared, code, name))
    return [NamedCode(code, name) for _, _, code, name in sorted(scored)[:limit]]


def stems(words: str) -> frozenset[str]:
    """Words without what makes plurals, and without those that tell nothing."""
    return frozenset(stem(word) for word in _WORD.findall(words.lower())) - _IDLE


def stem(word: str) -> str:
    """A word in lower case without what makes it plural, as far as that is easy."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("s", "")):
        if len(word) > 4 and word.endswith(ending) and not word.endswith("ss"):
            return word.removesuffix(ending) + instead
    return word


@cache
def _naics() -> Index:
    return _indexed(naics_names(), _NAICS_DIGITS)


@cache
def _psc() -> Index:
    return _indexed(psc_names(), _PSC_LETTERS)


def _indexed(names: Mapping[str, str], length: int) -> Index:
    return {code: (name, stems(name)) for code, name in names.items() if len(code) == length}
