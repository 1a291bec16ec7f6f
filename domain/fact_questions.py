"""Questions that ask for a key fact of a solicitation, told by their words."""

import re

from domain.key_facts import FactName

_OFFER = (
    r"(?<!-)\b(?:offers?|quot(?:es?|ations?)|proposals?|bids?|responses?|submissions?"
    r"|solicitation|rf[qpi]"
    r"|repl(?:y|ies)|respond|submit)\b"
)
_ASKING = r"\b(?:questions?|inquir(?:y|ies)|enquir(?:y|ies)|q&a|clarifications?)\b"
_WHEN = (
    r"\b(?:when|until|till|by what|(?:what|which) (?:time|day|date|hour)|deadline|due|cut-?off"
    r"|clos(?:e|es|ing)|last day|how (?:long|late))\b"
)
_BARE_DEADLINE = (
    r"^\W*(?:(?:what|when) (?:is|are) (?:the )?)?(?:due date|deadline|closing (?:date|time))\W*$"
)
_OTHER_MOMENT = (
    r"\b(?:award|deliver\w*|invoic\w*|pa(?:y|id|yment)|start\w*|begin\w*|perform\w*|conference"
    r"|visit|valid|firm|issued|posted|published|evaluated|opened|opening|answer(?:s|ed)|reports?)\b"
)
_DELIVERING = (
    r"\bdeliver\w* (?:of )?(?:your |our |the |an? )?(?:offers?|quot\w+|proposals?|bids?)\b"
)

_RULES: dict[FactName, re.Pattern[str]] = {
    "page_limit": re.compile(
        r"\bpages?\b.{0,40}\b(?:limits?|maximum|most|allowed|long)\b"
        r"|\b(?:limits?|maximum|number|how many|most)\b.{0,25}\bpages?\b|\bpages? limit"
        rf"|\bhow long (?:may|can|should|must)\b.{{0,40}}{_OFFER}.{{0,12}}\bbe\b",
        re.IGNORECASE,
    ),
    "naics": re.compile(
        r"\bnaics\b|\bindustry (?:classification )?code\b|\bsize standard\b", re.IGNORECASE
    ),
    "set_aside": re.compile(
        r"\bset[- ]?asides?\b|\bunrestricted\b|\bfull and open\b"
        r"|\b(?:reserved|restricted|only|limited)\b.{0,30}\b(?:small|veteran|wom[ae]n)\b"
        r"|\bfor (?:small|veteran|wom[ae]n)\b.{0,30}\bonly\b",
        re.IGNORECASE,
    ),
    "contact": re.compile(
        r"\b(?:whom?)\b.{0,40}\b(?:contact|ask|call|write to|contracting officer"
        r"|contract specialist|buyer)\b|\bpoints? of contact\b|\bpoc\b"
        r"|\bcontact (?:person|details|information)\b|\bcontact (?:the )?(?:buyer|officer"
        r"|specialist)\b"
        r"|\b(?:buyer|officer|specialist)[\u2019']?s? (?:phone|telephone|e-?mail)\b"
        r"|\b(?:phone|telephone|e-?mail)\b.{0,20}\b(?:number|address)?\b.{0,40}\b(?:contracting"
        r"|officer|specialist|buyer|contact)\b",
        re.IGNORECASE,
    ),
    "evaluation_factor": re.compile(
        r"\bevaluation (?:factors?|criteri\w+)\b|\bfactors?\b.{0,30}\bevaluat|\bbasis (?:of|for) "
        rf"(?:the )?award\b|\bhow\b.{{0,20}}{_OFFER}.{{0,20}}\bevaluated\b",
        re.IGNORECASE,
    ),
    "solicitation_number": re.compile(
        r"\b(?:solicitation|rf[qp]|notice)\b.{0,12}\b(?:number|no\b|id\b)|\bnumber of the "
        r"(?:solicitation|rf[qp]|notice)\b",
        re.IGNORECASE,
    ),
}


def asked_facts(question: str) -> tuple[FactName, ...]:
    """The kinds of facts that would answer it; none for most questions.

    A moment is of offers or of questions: not of what else happens to them, or after an award.
    """
    found = [name for name, rule in _RULES.items() if rule.search(question)]
    if _matches(_BARE_DEADLINE, question):
        found.append("response_deadline")
    elif _matches(_WHEN, question) and "page_limit" not in found:
        if _matches(_ASKING, question) and not _is_of_another(question):
            found.append("questions_due")
        elif _matches(_OFFER, question) and not _is_of_another(question):
            found.append("response_deadline")
    return tuple(found)


def _is_of_another(question: str) -> bool:
    return _matches(_OTHER_MOMENT, question) and not _matches(_DELIVERING, question)


def _matches(rule: str, question: str) -> bool:
    return re.search(rule, question, re.IGNORECASE) is not None
