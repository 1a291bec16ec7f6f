"""Who a subject is: offeror, contractor, Government, or a thing that one of them answers for."""

import re
from typing import Literal

from domain.requirements.grammar import head

Party = Literal["offeror", "contractor", "government", "offer", "other", "thing"]

_OFFEROR = re.compile(
    r"\b(?:offeror|quoter|bidder|vendor|proposer|respondent|applicant|prospective contractor"
    r"|interested part(?:y|ies)|"
    r"compan(?:y|ies)|firm|you|i|we|concern|representor|prospective \w+|submitter|sdvosb|vosb"
    r"|joint venture|seller)s?\b"
)
_CONTRACTOR = re.compile(
    r"\b(?:contractor|awardee|successful (?:offeror|vendor|bidder|quoter)|supplier"
    r"|subcontractor|consultant|"
    r"lessor|licensor|grantee|manufacturer)s?\b"
)
_GOVERNMENT = re.compile(
    r"\b(?:government|contracting officers?(?:\W+s)?(?: representatives?)?"
    r"|contract specialists?|co|ko|cor|cotr|aco|pco|"
    r"contracting officer\W+s (?:technical )?representative|agenc(?:y|ies)|department of \w+|va"
    r"|dod|dla|hhs|cdc|nih|ihs|"
    r"cms|fda|fema|uscg|bop|dha|noaa|coast guard|warden|commander|gsa|nasa|nara|usda|usaid"
    r"|doe|dot|doj|dhs|epa|opm|sba|irs|treasury|army|navy"
    r"|air force|marine corps|"
    r"secretary|administrator|united states|evaluat(?:ion|ors?) (?:team|board|panel)|evaluators"
    r"|source selection\w*|"
    r"comptroller general|contracting office|issuing office|purchasing office|project officer"
    r"|program office|"
    r"technical (?:point of contact|representative|monitor)|authorized representative|inspector|"
    r"contract(?:ing)? (?:administrator|activity)|(?:clinical|medical|nursing|facility) director|"
    r"chief medical officer|nurse manager|designee|(?:hospital|facility|government) staff)\b"
)
_OFFER = re.compile(
    r"\b(?:offers?|quot(?:e|es|ation|ations)|proposals?|bids?|responses?|submissions?"
    r"|submittals?|questions?|"
    r"inquir(?:y|ies)|queries|cover (?:page|letter)|volumes?|page(?:s| limit)?"
    r"|resumes?|narrative|"
    r"representations?|amendments?|requests? for (?:information|clarification)|e-?mails?"
    r"|samples?|facsimiles?|"
    r"technical (?:proposal|volume)|price (?:list|proposal|volume)"
    r"|past performance (?:information|questionnaires?))\b"
)


_KEPT = re.compile(
    r"\b(?:data|records|property|equipment|information|systems|premises|materials|keys|badges)$"
)
"""What the Government owns and the contractor answers for."""


def party(subject: str, agencies: frozenset[str] = frozenset()) -> Party:
    """Of a subject in lower case. `agencies` are the short names the document gives to its own."""
    core = head(subject)
    owner = re.match(r"(.*?)[\u2019']s?\s+\S", core)
    words = owner[1] if owner else core
    named = _GOVERNMENT.search(core) and not _KEPT.search(core)
    if named and not _CONTRACTOR.search(core) and not owner:
        return "government"
    if (
        not _CONTRACTOR.search(words)
        and set(re.findall(r"\w+", core)) & agencies
        and not owner
        and len(core.split()) <= 3
    ):
        return "government"
    if _CONTRACTOR.search(words):
        return "contractor"
    if _OFFEROR.search(words) and not re.search(r"\b(?:government|third)\b", words):
        return "offeror"
    if re.match(
        r"(?:any |a |the |each )?(?:person|individual|party|bank|court|veteran|patient)s?\b",
        subject.strip(),
    ):
        return "other"
    if owner and _GOVERNMENT.search(words):
        return "other"
    return "offer" if is_offer(core) else "thing"


def is_offer(words: str) -> bool:
    """Whether it is an offer, a part of one, or what bidders send before it."""
    return bool(_OFFER.search(words))
