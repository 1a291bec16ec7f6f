"""A first profile from a few words: good enough to match with, and easy to correct."""

import re

from domain.code_search import find_naics, find_psc
from domain.profile import Certification, CompanyProfile

_SEPARATORS = re.compile(r"[,;\n]+|\band\b")
_FEWEST, _MOST = 2, 80
CODES_A_PHRASE = 2


def phrases_of(words: str) -> tuple[str, ...]:
    """What someone lists: `exam gloves, gowns and wound care` are three."""
    found = dict.fromkeys(" ".join(part.split()).strip(".") for part in _SEPARATORS.split(words))
    return tuple(phrase for phrase in found if _FEWEST <= len(phrase) <= _MOST)[:50]


def first_profile(
    name: str, words: str, certifications: tuple[Certification, ...], states: tuple[str, ...]
) -> CompanyProfile:
    """Each phrase is a keyword, and stands for the codes whose names are nearest to it."""
    phrases = phrases_of(words)
    naics = [hit.code for phrase in phrases for hit in find_naics(phrase, CODES_A_PHRASE)]
    psc = [hit.code for phrase in phrases for hit in find_psc(phrase, CODES_A_PHRASE)]
    return CompanyProfile(
        name=name,
        naics=tuple(dict.fromkeys(naics))[:30],
        psc=tuple(dict.fromkeys(psc))[:30],
        certifications=certifications,
        keywords=phrases,
        states=states,
        statement=words.strip(),
    )
