"""Codes in words, short enough for a row. The whole names are in `domain.codes`."""

import re
from dataclasses import dataclass
from typing import Literal

from domain.codes import NOTICE_TYPES, SET_ASIDES, naics_names, psc_names, state_names
from domain.solicitation import LinkReason

Tone = Literal["good", "warn", "danger", "info", "changed", "accent"]

_SHORT_SET_ASIDES = {
    "SBA": "Small business set-aside",
    "SBP": "Partial small business set-aside",
    "8A": "8(a) set-aside",
    "8AN": "8(a) sole source",
    "HZC": "HUBZone set-aside",
    "HZS": "HUBZone sole source",
    "SDVOSBC": "SDVOSB set-aside",
    "SDVOSBS": "SDVOSB sole source",
    "WOSB": "WOSB set-aside",
    "WOSBSS": "WOSB sole source",
    "EDWOSB": "EDWOSB set-aside",
    "EDWOSBSS": "EDWOSB sole source",
    "LAS": "Local area set-aside",
    "IEE": "Indian economic enterprise set-aside",
    "ISBEE": "ISBEE set-aside",
    "BICiv": "Buy Indian set-aside",
    "VSA": "Veteran-owned set-aside",
    "VSS": "Veteran-owned sole source",
    "NONE": "No set-aside",
}
_SHORT_TYPES = {
    "k": "Combined synopsis",
    "r": "Sources sought",
    "s": "Special notice",
    "a": "Award",
    "g": "Surplus sale",
    "i": "Intent to bundle",
}
_LINKS: dict[LinkReason, str] = {
    "original": "The original",
    "amendment": "Amendment",
    "cancelled": "Cancelled",
    "presolicitation": "Presolicitation",
    "sources_sought": "Sources sought",
    "special_notice": "Special notice",
    "award": "Award",
    "justification": "Justification",
    "surplus_sale": "Surplus sale",
    "intent_to_bundle": "Intent to bundle",
    "same_number": "Same number",
}
_SHORT_AGENCIES = {
    "VETERANS AFFAIRS, DEPARTMENT OF": "VA",
    "DEPT OF DEFENSE": "Defense",
    "DEFENSE LOGISTICS AGENCY": "DLA",
    "DEFENSE LOGISTICS AGENCY (DLA)": "DLA",
    "DEFENSE HEALTH AGENCY (DHA)": "DHA",
    "HEALTH AND HUMAN SERVICES, DEPARTMENT OF": "HHS",
    "INDIAN HEALTH SERVICE": "IHS",
    "JUSTICE, DEPARTMENT OF": "Justice",
    "HOMELAND SECURITY, DEPARTMENT OF": "Homeland Security",
    "STATE, DEPARTMENT OF": "State",
}
_PSC_PREFIX = re.compile(r"^[0-9A-Z]{2,4}\s*-{1,2}\s*(?=\S)")
_LOOKS_LIKE_INITIALS = re.compile(r"\d|^[^AEIOUY]{2,5}$")
_LOWER = {"of", "and", "the", "for", "to", "in", "on"}
_KEPT = {"VA", "US", "USA", "DLA", "DHA", "NIH", "CDC", "FDA", "IHS", "GSA", "NASA", "VISN", "PCAC"}


@dataclass(frozen=True, slots=True)
class Label:
    """A fact in a word or two, with a tone and a symbol where it has a meaning of its own."""

    text: str
    tone: Tone | None = None
    symbol: str | None = None


def set_aside_label(code: str | None) -> Label:
    if not code:
        return Label("Set-aside not stated")
    return Label(_SHORT_SET_ASIDES.get(code, f"Set-aside {code}"))


def set_aside_name(code: str | None) -> str | None:
    return SET_ASIDES.get(code, code) if code else None


def type_label(code: str | None) -> str:
    if not code:
        return "Type not stated"
    return _SHORT_TYPES.get(code) or NOTICE_TYPES.get(code, code)


def link_label(reason: LinkReason) -> str:
    """What a notice is in its solicitation."""
    return _LINKS[reason]


def naics_label(code: str) -> str:
    return _with_name(code, naics_names().get(code))


def psc_label(code: str) -> str:
    return _with_name(code, _sentence(psc_names().get(code)))


def state_label(code: str) -> str:
    return state_names().get(code, code)


def agency_label(name: str) -> str:
    """`JUSTICE, DEPARTMENT OF` as `Justice`; an office without its number."""
    if name in _SHORT_AGENCIES:
        return _SHORT_AGENCIES[name]
    bare = re.sub(r"^\d+[A-Z]*\s*-\s*|\s*\([^)]*\)$|,? DEPARTMENT OF$|^DEPT OF ", "", name).strip()
    return _title(bare) if bare.isupper() else bare


def plain_title(title: str) -> str:
    """Without SAM.gov's `6520--` before it; the case is the notice's own."""
    return _PSC_PREFIX.sub("", title).strip() or title


def _with_name(code: str, name: str | None) -> str:
    return f"{code} {name}" if name else code


def _title(words: str) -> str:
    return " ".join(_cased(word, first=at == 0) for at, word in enumerate(words.split()))


def _cased(word: str, *, first: bool) -> str:
    if word.strip("(),") in _KEPT or _LOOKS_LIKE_INITIALS.search(word):
        return word
    lower = word.lower()
    return lower if lower in _LOWER and not first else lower[:1].upper() + lower[1:]


def _sentence(name: str | None) -> str | None:
    return name.capitalize() if name and name.isupper() else name
