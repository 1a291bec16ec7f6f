"""The force of a verb of duty, and whether a duty about a thing falls on the bidder."""

import re

from domain.requirements.grammar import Verb, head
from domain.requirements.models import Modality

_BY_GOVERNMENT = re.compile(
    r"^(?:also |then |not )?be \w+(?:ed|en|de|t|ne)\b[^,;]{0,60}\bby (?:the )?(?:government"
    r"|contracting officer|co|cor|va|"
    r"agency|contract specialist|cotr|ko)\b"
)
_GOVERNMENT_ACTS = re.compile(
    r"^(?:\w+ly |not |also |then )?be (?:\w+ly )?(?:provided|reviewed|returned|retrieved|issued"
    r"|posted|made|given|notified"
    r"|paid|answered|addressed|discussed|"
    r"published|announced|sent to (?:the )?(?:contractor|vendor|offeror)|awarded|determined"
    r"|furnished|scheduled|held|considered|allowed|"
    r"granted|extended|negotiated|modified|distributed|available|released|informed|advised"
    r"|evaluated|used|added|required|"
    r"established|exercised|executed|governed|calculated|computed|resolved|monitored|publicized"
    r"|assigned|accepted|approved)\b"
)
_NO_ACT = re.compile(
    r"^(?:\w+ly |also |not |only |then )*(?:apply|applies|have been|be (?:construed|deemed"
    r"|liable|paid|entitled|interpreted|considered|"
    r"effective|binding|governed|the (?:same|sole|property|basis|interest)|reimbursed|"
    r"a (?:dispute|material|firm)|incorporated|at no|reduced|in effect|computed|resolved"
    r"|punished|subject to)|mean|prevail|survive|"
    r"constitute|pass\b|vest|bear interest|remain (?:the|in)|begin|commence|expire|end\b"
    r"|become|result"
    r"|count|have (?:no|the (?:right|same|meaning))|"
    r"relieve|occur|serve|take effect|start|meet the needs?)\b"
)
_RECEIVES = re.compile(
    r"^(?:not )?be (?:\w+ly )?(?:notified|informed|advised|debriefed"
    r"|given(?! to (?:the )?(?:cor|co|government|contracting|buyer|agency))|contacted|paid"
    r"|reimbursed"
    r"|afforded|granted|returned(?! to (?:the )?\w+\b(?<!contractor)(?<!offeror)(?<!vendor))"
    r"|announced)\b"
)
_APPROVED = re.compile(
    r"^(?:also |first )*be (?:\w+ly )?(?:pre-?)?(?:approved|authorized|agreed|cleared)\b[^;]*\b"
    r"(?:before|prior to|in advance|beforehand|in writing)\b"
)
_TOLD = re.compile(
    r"^(?:also |immediately |promptly )*be (?:\w+ly )?(?:notified|informed|advised|contacted"
    r"|copied|consulted)\b"
)
_AFTER_AWARD = frozenset("BCDEFGH")
_BY_CONTRACTOR = re.compile(r"\bby the (?:contractor|vendor|awardee|supplier)\b")
_WORK = re.compile(
    r"(?:all |the |any |each |routine |preventive |scheduled )*(?:deliver(?:y|ies)|shipments?"
    r"|work|services?|installations?"
    r"|training|maintenance|repairs?"
    r"|products?|items?|equipment|materials?|invoices?|reports?|calibrations?)$"
)
_BY_BUYER = re.compile(
    r"\bby (?:the |its |an? |our )?(?:\w+ )?(?:laboratory|clinic|hospital|office|facility"
    r"|depot|activity"
    r"|agency|medical center|department|buyer|center|board|committee|panel|station|installation"
    r"|base|users?|customer|unit|command|director|staff|program|warehouse|school)\b"
)
_SERVES = re.compile(
    r"^(?:also )?(?:tell|notify|inform|provide|give|send|issue|pay|supply|show|contact|advise"
    r"|furnish|let|help|assist) (?:you\b|the (?:contractor|offeror|vendor|awardee|quoter|bidder)\b"
    r"|(?:all |any |each )(?:offeror|vendor|quoter|bidder)s?\b)"
)
_JUDGED = re.compile(
    r"^(?:not )?be (?:inspected|evaluated|paid|accepted|reviewed|approved|monitored|added"
    r"|ordered|awarded)\b"
)
_AIM = re.compile(
    r"\b(?:purpose|objective|goal|intent|intention|aim|mission|scope|role|reason|it)s?$"
)
_POSSIBLE = re.compile(
    r"(?:always |necessarily |yet )*(?:be (?:available|known|able|complete|limited|applicable)\b"
    r"|reflect|represent|apply|exist)"
)
"""What "may not" says of things that only happen."""
_MODALITIES: dict[str, Modality] = {
    "shall": "shall",
    "must": "must",
    "will": "will",
    "should": "should",
}


def is_act_of_bidder(verb: Verb) -> bool:
    """Whether its rest tells an act at all, and not one done by the Government or to the bidder;
    to get an approval beforehand is one."""
    if _APPROVED.search(verb.rest) and force_of(verb) in {"shall", "must", "required"}:
        return True
    if re.match(r"(?:occur|begin|commence|start)\b", verb.rest) and _WORK.match(head(verb.subject)):
        return True
    served = _RECEIVES.search(verb.rest) or _BY_GOVERNMENT.search(verb.rest)
    return not served and not _NO_ACT.search(verb.rest)


def is_told(verb: Verb) -> bool:
    """Whether the Government is to be told or given something: that is the bidder's act."""
    return bool(_TOLD.search(verb.rest))


def answers_for(verb: Verb, modality: Modality, section: str) -> bool:
    """Whether a duty about a thing falls on the bidder: with "will" only for what is its work."""
    will = modality == "will" or verb.modal.startswith("will")
    if _SERVES.search(verb.rest) or (will and _is_by_buyer(verb)):
        return False
    if will:
        if _BY_CONTRACTOR.search(verb.rest) or _WORK.match(head(verb.subject)):
            return section in _AFTER_AWARD and not _JUDGED.search(verb.rest)
        if section in {"B", "L"} and verb.rest.startswith("be "):
            return False
        return section in {"B", "C", "D", "E", "F", "L"} and not _GOVERNMENT_ACTS.search(verb.rest)
    if modality == "required" and verb.modal.endswith(("is to", "are to")):
        return not _AIM.search(head(verb.subject)) and not _GOVERNMENT_ACTS.search(verb.rest)
    if verb.modal.startswith("may"):
        acts = re.sub(r"^be (?:used|made|modified|extended|released|distributed)\b", "", verb.rest)
        return not _POSSIBLE.match(verb.rest) and not _GOVERNMENT_ACTS.search(acts)
    if verb.modal.startswith("can"):
        return verb.rest.startswith("be ") or verb.rest.startswith("exceed")
    return "responsible" not in verb.modal


def _is_by_buyer(verb: Verb) -> bool:
    return bool(_BY_BUYER.search(verb.rest)) and not _BY_CONTRACTOR.search(verb.rest)


def force_of(verb: Verb) -> Modality | None:
    first = verb.modal.split()[0]
    if first in {"may", "can", "cannot"}:
        return "prohibited" if verb.is_negative or verb.modal == "may only" else None
    if first == "need" and not verb.is_negative and verb.rest.startswith("to "):
        return "required"
    if first in {"do", "does", "need"} or "due" in verb.modal:
        return None
    if verb.modal.endswith(("asked to", "requested to", "urged to", "advised to", "reminded to")):
        return None if verb.is_negative else "should"
    if first in _MODALITIES:
        if verb.is_negative and first != "should":
            return None if verb.rest.startswith("be required") else "prohibited"
        return _MODALITIES[first]
    if verb.is_negative:
        return "prohibited" if verb.modal.endswith(("is not to", "are not to")) else None
    return (
        "prohibited"
        if "prohibited" in verb.modal
        else "states"
        if "mandatory" in verb.modal
        else "required"
    )
