"""A first profile from a few words: good enough to match with, and easy to correct."""

import re

from domain.code_search import find_naics, find_psc, stem, stems
from domain.medical import is_medical
from domain.profile import Certification, CompanyProfile

_SEPARATORS = re.compile(r"[,;\n]+|\band\b")
_FEWEST, _MOST = 2, 80
CODES_A_PHRASE = 2

WHOLESALE = "423450"
"""Medical, dental and hospital equipment wholesalers: what sellers of goods of group 65 are."""

# What buyers call things, and the class of the Federal Supply Classification (GSA's H2 handbook)
# in which those are bought. Names of classes hardly ever say such words.
_EVERYDAY = {
    "6505": "drug medicine pharmaceutical vaccine tablet injection",
    "6510": "dressing bandage gauze wound plaster sponge",
    "6515": "glove mask respirator syringe needle catheter suture scalpel infusion pump stethoscope"
    " defibrillator ultrasound scanner monitor sterilizer ventilator oximeter endoscope",
    "6520": "dental dentist handpiece",
    "6525": "imaging radiology mri",
    "6530": "bed stretcher wheelchair furniture cart mattress",
    "6532": "gown drape scrub apron",
    "6540": "eyeglass lens ophthalmic optometry",
    "6545": "aid kit",
    "6550": "diagnostic reagent assay laboratory test",
}
# A notice for goods tells the industry that makes them, whoever sells them (FAR 19.102).
_MADE_BY = {
    "6505": ("325412",),
    "6510": ("339113",),
    "6515": ("339112", "339113"),
    "6520": ("339114",),
    "6525": ("334517",),
    "6530": ("339113",),
    "6532": ("339113",),
    "6540": ("339115",),
    "6545": ("339113",),
    "6550": ("325413",),
}
_CLASS_OF = {stem: psc for psc, words in _EVERYDAY.items() for stem in stems(words)}


def phrases_of(words: str) -> tuple[str, ...]:
    """What someone lists: `exam gloves, gowns and wound care` are three."""
    found = dict.fromkeys(" ".join(part.split()).strip(".") for part in _SEPARATORS.split(words))
    return tuple(phrase for phrase in found if _FEWEST <= len(phrase) <= _MOST)[:50]


def first_profile(
    name: str, words: str, certifications: tuple[Certification, ...], states: tuple[str, ...]
) -> CompanyProfile:
    """Each phrase is a keyword, and stands for the medical codes that are nearest to it."""
    phrases = phrases_of(words)
    psc = list(dict.fromkeys(code for phrase in phrases for code in _psc_of(phrase)))
    naics = [code for phrase in phrases for code in _naics_of(phrase)]
    naics += [made for code in psc for made in _MADE_BY.get(code, ())]
    if any(code.startswith("65") for code in psc):
        naics.append(WHOLESALE)
    return CompanyProfile(
        name=name,
        naics=tuple(dict.fromkeys(naics))[:30],
        psc=tuple(psc)[:30],
        certifications=certifications,
        keywords=tuple(dict.fromkeys(one for it in phrases for one in (it, _singular(it)))),
        states=states,
        statement=words.strip(),
    )


def _singular(phrase: str) -> str:
    """Titles say both, and matching finds the plural of what is singular."""
    *before, last = phrase.split(" ")
    return " ".join([*before, stem(last) if last.islower() else last])


def _psc_of(phrase: str) -> list[str]:
    everyday = [_CLASS_OF[stem] for stem in sorted(stems(phrase)) if stem in _CLASS_OF]
    named = [hit.code for hit in find_psc(phrase) if is_medical(None, hit.code)]
    return everyday or named[:CODES_A_PHRASE]


def _naics_of(phrase: str) -> list[str]:
    named = [hit.code for hit in find_naics(phrase) if is_medical(hit.code, None)]
    return named[:CODES_A_PHRASE]
