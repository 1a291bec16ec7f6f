"""How an opportunity suits a company: gates first, then a score out of what is known.

Points, by what speaks for the notice: NAICS 20, PSC 20, meaning 25, set-aside 15, keywords 10,
place 10. Where the meaning is not known, the rest counts for the whole. Weights are ours: they
follow what a bid manager asks first (is it ours to sell, may we bid, can we get it there).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import Field

from domain.events import Event
from domain.notice import Notice
from domain.profile import Certification, CompanyProfile
from domain.search import Fit

MATCH = "Match"
"""The aggregate type: one stream for each opportunity of a tenant that suited it."""

THRESHOLD = 45
"""From this score on, an opportunity is told of."""

STRONG = 75
"""From this score on, it is worth fetching its files unasked."""

_NAICS, _PSC, _MEANING, _SET_ASIDE, _KEYWORDS, _PLACE = 20, 20, 25, 15, 10, 10
_ALL = _NAICS + _PSC + _MEANING + _SET_ASIDE + _KEYWORDS + _PLACE

# Cosine similarities of a statement and a notice, as all-MiniLM-L6-v2 gives them: of notices for
# other trades 95 % lie below 0.35 (of 25 real ones), few for our own reach the second.
_UNRELATED, _SAME = 0.30, 0.60

_NOT_FOR_BIDS = {"a", "g", "u"}  # Awards, sales of surplus property, justifications.

_C = Certification
_ADMITS: dict[str, frozenset[Certification]] = {
    "8A": frozenset({_C.EIGHT_A}),
    "8AN": frozenset({_C.EIGHT_A}),
    "HZC": frozenset({_C.HUBZONE}),
    "HZS": frozenset({_C.HUBZONE}),
    "SDVOSBC": frozenset({_C.SERVICE_DISABLED_VETERAN_OWNED}),
    "SDVOSBS": frozenset({_C.SERVICE_DISABLED_VETERAN_OWNED}),
    "VSA": frozenset({_C.VETERAN_OWNED, _C.SERVICE_DISABLED_VETERAN_OWNED}),
    "VSS": frozenset({_C.VETERAN_OWNED, _C.SERVICE_DISABLED_VETERAN_OWNED}),
    "WOSB": frozenset({_C.WOMAN_OWNED, _C.ECONOMICALLY_DISADVANTAGED_WOMAN_OWNED}),
    "WOSBSS": frozenset({_C.WOMAN_OWNED, _C.ECONOMICALLY_DISADVANTAGED_WOMAN_OWNED}),
    "EDWOSB": frozenset({_C.ECONOMICALLY_DISADVANTAGED_WOMAN_OWNED}),
    "EDWOSBSS": frozenset({_C.ECONOMICALLY_DISADVANTAGED_WOMAN_OWNED}),
    "IEE": frozenset({_C.INDIAN_ECONOMIC_ENTERPRISE, _C.INDIAN_SMALL_BUSINESS}),
    "ISBEE": frozenset({_C.INDIAN_SMALL_BUSINESS}),
    "BICiv": frozenset({_C.INDIAN_ECONOMIC_ENTERPRISE, _C.INDIAN_SMALL_BUSINESS}),
}
_FOR_SMALL = {"SBA", "LAS"}
_OPEN_TO_ALL = {None, "", "NONE", "SBP"}  # A partial set-aside leaves a part for everyone.


class OpportunityMatched(Event):
    """An opportunity that the company may bid on suits it, or suits it otherwise than before."""

    type: Literal["OpportunityMatched"] = "OpportunityMatched"
    notice_id: str
    score: Annotated[int, Field(ge=0, le=100)] | None
    gates: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()
    similarity: float | None = None
    profile_version: int
    notice_version: int


@dataclass(frozen=True, slots=True)
class _Part:
    """What one criterion gives: points out of its whole, and why."""

    points: float
    whole: int
    reason: str


def fit(
    profile: CompanyProfile, notice: Notice, *, is_closed: bool, similarity: float | None = None
) -> Fit:
    """Reasons are codes with a parameter, best first: `naics:339112`, `meaning:0.62`.

    A reason that speaks against begins with `not_`. Where a gate stands there is no number.
    """
    gates = tuple(_gates(profile, notice, is_closed))
    parts = sorted(_parts(profile, notice, similarity), key=lambda part: -part.points)
    reasons = tuple(part.reason for part in parts)
    if gates:
        return Fit(None, gates, reasons)
    points = sum(part.points for part in parts)
    whole = _ALL if similarity is not None else _ALL - _MEANING
    return Fit(round(100 * points / whole), (), reasons)


def could_suit(profile: CompanyProfile, notice: Notice, *, is_closed: bool) -> bool:
    """Whether the meaning could still lift it to the threshold: if not, nobody need ask for it."""
    best = fit(profile, notice, is_closed=is_closed, similarity=1.0).score
    return best is not None and best >= THRESHOLD


def is_told(found: Fit) -> bool:
    return found.score is not None and found.score >= THRESHOLD


def _gates(profile: CompanyProfile, notice: Notice, is_closed: bool) -> Iterator[str]:
    if is_closed:
        yield "closed"
    if notice.type in _NOT_FOR_BIDS:
        yield f"type:{notice.type}"
    if not _may_bid(profile, notice):
        yield f"set_aside:{notice.set_aside}"
    if unwanted := _found(profile.exclusions, notice.title):
        yield f"excluded:{unwanted}"


def _may_bid(profile: CompanyProfile, notice: Notice) -> bool:
    code = notice.set_aside
    if code in _OPEN_TO_ALL:
        return True
    if code in _FOR_SMALL:
        return profile.is_small
    return not _ADMITS.get(code or "", frozenset(Certification)).isdisjoint(profile.certifications)


def _parts(profile: CompanyProfile, notice: Notice, similarity: float | None) -> Iterator[_Part]:
    yield _code("naics", _NAICS, profile.naics, notice.naics)
    yield _code("psc", _PSC, profile.psc, notice.psc)
    yield _set_aside(profile, notice)
    yield _place(profile, notice)
    if keyword := _found(profile.keywords, notice.title):
        yield _Part(_KEYWORDS, _KEYWORDS, f"keyword:{keyword}")
    if similarity is None:
        yield _Part(0, _MEANING, "no_meaning")
    else:
        nearness = min(max((similarity - _UNRELATED) / (_SAME - _UNRELATED), 0.0), 1.0)
        yield _Part(_MEANING * nearness, _MEANING, f"meaning:{similarity:.2f}")


def _code(name: str, whole: int, ours: tuple[str, ...], theirs: str | None) -> _Part:
    """Half the points where the notice tells only the group that ours belongs to."""
    if not theirs:
        return _Part(0, whole, f"no_{name}")
    if theirs.startswith(ours):
        return _Part(whole, whole, f"{name}:{theirs}")
    if any(code.startswith(theirs) for code in ours):
        return _Part(whole / 2, whole, f"{name}_group:{theirs}")
    return _Part(0, whole, f"not_{name}:{theirs}")


def _set_aside(profile: CompanyProfile, notice: Notice) -> _Part:
    """All the points for fewest rivals, some where everybody may bid."""
    code = notice.set_aside
    if code in {None, "", "NONE"}:
        return _Part(_SET_ASIDE / 3, _SET_ASIDE, "no_set_aside")
    if not _may_bid(profile, notice):
        return _Part(0, _SET_ASIDE, f"not_set_aside:{code}")
    share = 2 / 3 if code in {"SBA", "SBP", "LAS"} else 1
    return _Part(_SET_ASIDE * share, _SET_ASIDE, f"set_aside:{code}")


def _place(profile: CompanyProfile, notice: Notice) -> _Part:
    """Goods can be shipped to any state; abroad is another matter."""
    state, country = (notice.place.state, notice.place.country) if notice.place else (None, None)
    if country and country not in {"USA", "US"}:
        return _Part(0, _PLACE, f"not_place:{country}")
    if not state:
        return _Part(_PLACE / 2, _PLACE, "no_place")
    if not profile.states or state in profile.states:
        return _Part(_PLACE, _PLACE, f"state:{state}")
    return _Part(_PLACE / 2, _PLACE, f"shipping:{state}")


def _found(phrases: tuple[str, ...], title: str) -> str | None:
    if not phrases:
        return None
    found = _any_of(phrases)(title)
    return found[0].lower() if found else None


@lru_cache(maxsize=64)
def _any_of(phrases: tuple[str, ...]) -> Callable[[str], re.Match[str] | None]:
    """Whole words, with or without a plural s."""
    longest_first = sorted(phrases, key=len, reverse=True)
    words = "|".join(re.escape(phrase) for phrase in longest_first)
    return re.compile(rf"\b(?:{words})(?=s?\b|es\b)", re.IGNORECASE).search
