"""Whose duty a sentence states and with what force; None if it is no duty of a bidder."""

import re
from dataclasses import dataclass

from domain.requirements.evaluation import (
    is_consequence,
    is_evaluation,
    is_rating,
    tells_of_judging,
)
from domain.requirements.exclusions import defines, is_excluded, is_no_duty, refers
from domain.requirements.forces import answers_for, force_of, is_act_of_bidder, is_told
from domain.requirements.grammar import Verb, masked, verbs
from domain.requirements.imperatives import is_imperative, is_polite
from domain.requirements.models import Actor, Duty, Modality
from domain.requirements.needs import is_needed, is_requested, specifies
from domain.requirements.parties import is_offer, party
from domain.requirements.practices import is_practice, measures

_BEFORE_AWARD = frozenset("AKLM")
_AFTER_AWARD = frozenset("CDEFGHI")
_TERMS = frozenset("CDEFGH")
_AGREES = re.compile(
    r"\b(?:offerors?|quoters?|bidders?|proposers?|vendors?|contractors?|i|we|sdvosb|vosb"
    r"|joint venture"
    r"|firm|concern|representor|company|"
    r"undersigned|signatory|or|and|offer|further|hereby|award,?)\s+(?:also |hereby |further "
    r"|either |does |\[ ?\] ?)*"
    r"(?:agrees?|certif(?:y|ies)|represents?|warrants?|acknowledges?|understands?|affirms?"
    r"|verif(?:y|ies)|guarantees?|attests?|concurs?|confirms|assures"
    r"|accepts? (?:all |any |the |these )*(?:terms|conditions|requirements))\b"
    r"(?!\s+(?:itself|themselves))",
    re.IGNORECASE,
)
_OPENING = 2
_CONDITION_ONLY = re.compile(r"\[\s*complete only if\b[^\]]*\]\.?$", re.IGNORECASE)
_QUOTED = re.compile(r"[“\"][^”\"]*(?:[”\"]|$)")
_UP_TO = re.compile(
    r"\b(?:it )?(?:is|are|shall be|will be|remains?) (?:up to|the (?:sole |full )?responsibility of"
    r"|incumbent (?:up)?on) (?:the |each |all |every )?(?:\w+ )?"
    r"(?:offeror|contractor|quoter|vendor|bidder|proposer|supplier|awardee)s?\b|"
    r"\b(?:is|shall be|will be|remains) the (?:offeror|contractor|quoter|vendor|proposer|supplier"
    r"|bidder)[\u2019']?s?[\u2019']? (?:sole |full )?responsibility|"
    r"\b(?:offeror|contractor|quoter|vendor|bidder|proposer|supplier)s? (?:bears?|has|have"
    r"|assumes?)"
    r" (?:the )?(?:sole |full )?responsibility (?:for|to)\b",
    re.IGNORECASE,
)
_CHOICE = re.compile(
    r"(?:\[\s*\]|□|☐|__+)\s*(?:is|are|has|have|does|do|will|was|were"
    r"|intends)\b.{0,40}(?:\[\s*\]|□|☐|__+)",
    re.IGNORECASE,
)
_ONLY = re.compile(
    r"^no [\w ,/-]+\b(?:items?|products?|equipment|goods|parts|substitut\w+|exceptions)\W*$|"
    r"\bonly (?:will|shall|may) be (?:accepted|considered)\b|"
    r"^only\b.*\b(?:shall|will|may|are|is) (?:be )?(?:\w+ )?(?:accepted|considered|answered"
    r"|eligible"
    r"|allowed|permitted|authorized|acceptable)\b|"
    r"\b(?:will|shall) only (?:be )?(?:accept|consider)\w*|^(?:there (?:will"
    r"|shall) be )?no\b(?! later| more| less)(?!.* (?:is|are) (?:planned|scheduled|anticipated"
    r"|expected|needed|known|contemplated)\b).*\b(?:will|shall|"
    r"may|are|is)\b(?: \w+)? (?:be )?\w+(?:ed|en|de|t)\b"
    r"|^(?:under no circumstances?|in no (?:event|case)|at no time)\b(?! (?:shall|will|may) the"
    r" government)|\bunder no circumstances\b.*\b(?:contractor|offeror|vendor)|"
    r"\bno more than\b.*\bmay be\b|\bgovernment (?:is not|will not"
    r"|does not) (?:\w+ or )?(?:accept|request)\w*|"
    r"\b(?:is|are) (?:strictly |not )?(?:prohibited|forbidden|not (?:allowed|permitted"
    r"|authorized|acceptable))\b",
    re.IGNORECASE,
)
_DUE = re.compile(
    r"\b(?:quot(?:es?|ations?)|offers?|proposals?|questions?|responses?|bids?|inquir\w+"
    r"|submissions?|submittals?|invoices?|reports?|"
    r"samples?|deliver(?:y|ies|ables?)|draft|plan)\b.{0,80}\b(?:(?:is|are) due\b"
    r"|due (?:no later|by|on|within)|deadline)|"
    r"^(?:all |written |the )*(?:quot(?:es?|ations?)|offers?|proposals?|questions?|responses?|bids?"
    r"|submissions?|inquiries) due\b(?! date)[^.;:]{0,40}\d|"
    r"\b(?:deadline|cut-?off|due date|closing date)\b.{0,60}\b(?:is|are|for)\b.{0,60}\d"
    r"|\blimited to\b.{0,30}\bpages?\b|"
    r"\b(?:questions?|offers?|quotes?|proposals?)\b.{0,120}\b(?:will be|are) (?:accepted"
    r"|received|taken)\b.{0,40}\b(?:until|through|by"
    r"|up to)\b|"
    r"\bperiod\b.{0,80}\bend(?:s|ing)\b.{0,40}\d|\bnot to exceed\b.{0,30}\bpages?\b"
    r"|^\W*(?:a )?max(?:imum)?(?: of)? \d+ pages\b"
    r"|^(?:the |all )?(?:work|services?|performance) (?:takes? place|(?:is"
    r"|are) performed) (?:at|in|on)\b"
    r"|\bonly\b.{0,120}\b(?:are|is) (?:considered )?eligible\b",
    re.IGNORECASE,
)


_GOVERNMENT_MODAL = re.compile(r"\bgovernment (?:will|shall|may)\b", re.IGNORECASE)
_MUST_BY = re.compile(
    r"\bmust be (?:completed|submitted|signed|provided|returned) by the "
    r"(?:offeror|quoter|contractor)"
)


_DO_NOT = re.compile(r"(?:\W*note\W+)?\W*do not\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a sentence stands: section letter, and short names of the buying agency."""

    section: str
    agencies: frozenset[str] = frozenset()


def duty_of(sentence: str, setting: Setting) -> Duty | None:
    """The guideline's order: judging and failing first, then promises, then verbs of duty."""
    text = _unwrapped(sentence.translate({0xA0: " "}).strip())
    if _CONDITION_ONLY.match(sentence.strip()):
        return None
    if text.endswith("?") and not _CHOICE.search(text):
        return None
    if defines(text) and not _CHOICE.search(text):
        return None
    if _opens_with_promise(text):
        return _promised(text, setting) or _judged(text, setting)
    return _judged(text, setting) or _promised(text, setting) or _ordered(text, setting)


def _opens_with_promise(text: str) -> bool:
    """ "The offeror acknowledges that …": what follows is the content, also if it is a penalty."""
    found = _AGREES.search(masked(text))
    return found is not None and len(text[: found.start()].split()) <= _OPENING


def _unwrapped(text: str) -> str:
    """A whole sentence in brackets is read as one without."""
    inner = text[1:].rstrip(".])")
    whole = text[:1] in "[(" and text.rstrip(".")[-1:] in "])" and not re.search(r"[\[\](]", inner)
    return inner if text[:1] and whole else text


def actor_for(subject: str, text: str, setting: Setting) -> Actor:
    """Who acts: by the name used, else by the section it stands in."""
    who = party(subject, setting.agencies)
    before = setting.section in _BEFORE_AWARD
    if re.search(r"\bprospective\b|\beligible\b", subject):
        return "offeror"
    if who == "contractor":
        return "offeror" if before and is_offer(text.lower()) else "contractor"
    if who == "offer":
        return "offeror"
    if who == "offeror":
        after = not before and re.search(r"\b(?:vendor|you|compan|firm|seller)", subject)
        return "contractor" if after and not is_offer(text.lower()) else "offeror"
    with_offer = re.search(
        r"\bwith (?:the|its|their|your) (?:offeror.s )?(?:offer|bid|quot|proposal)", text
    )
    if setting.section == "A" and who == "thing" and subject and not is_offer(text.lower()):
        return "contractor"
    return "offeror" if before or with_offer else "contractor"


def _judged(text: str, setting: Setting) -> Duty | None:
    if is_rating(text) or is_consequence(text):
        ordered = _ordered(text.partition(";")[0], setting) if ";" in text else None
        if ordered and ordered.modality != "states":
            return ordered
    if is_rating(text):
        return Duty("government", "states")
    if (
        setting.section == "M"
        and tells_of_judging(text)
        and not (is_consequence(text) or is_no_duty(text))
    ):
        return Duty("government", "states")
    if is_consequence(text) and not is_excluded_right(text):
        later = setting.section in _AFTER_AWARD and not is_offer(text.lower())
        return Duty("contractor" if later else "offeror", "consequence")
    if (
        setting.section in {"L", "M", "I", "K", "A", "B"}
        and is_evaluation(text)
        and not is_no_duty(text)
    ):
        return Duty("government", "states")
    if (
        setting.section not in _BEFORE_AWARD
        and re.search(r"\boffer|\bquot|\bproposal", text.lower())
        and is_evaluation(text)
    ):
        return None if is_no_duty(text) else Duty("government", "states")
    return None


def is_excluded_right(text: str) -> bool:
    """Remedies of the Government under the contract read like consequences."""
    return bool(
        re.search(
            r"\bterminat|\bremed(?:y|ies)\b|\bliab|\bwithhold|\bbinding contract\b|\bneed not\b",
            text,
            re.IGNORECASE,
        )
    )


def _promised(text: str, setting: Setting) -> Duty | None:
    plain = masked(_QUOTED.sub(lambda found: " " * len(found.group()), text))
    if refers(text):
        return None
    if re.match(r"(?:represents|certifies|agrees|acknowledges|warrants)\b", text, re.IGNORECASE):
        return Duty("offeror", "agrees")
    if re.search(r"\bby submi(?:ssion|tting) .{0,20}\boffer\s*[—:\u2013-]$", text):
        return Duty("offeror", "agrees")
    found = _AGREES.search(plain)
    ordered = found and re.search(
        r"\b(?:shall|must|will|should|to)\b[^,;]*$", plain[: found.start()]
    )
    if found and not ordered and not _subordinate(plain[: found.start()]):
        after = re.search(r"\b(?:performance of the contract|when awarded)\b", text, re.IGNORECASE)
        named = actor_for(plain[: found.end()].lower(), text, setting)
        return Duty(
            "contractor" if after and "offeror" not in plain[: found.end()].lower() else named,
            "agrees",
        )
    if _CHOICE.search(text) and setting.section in {"K", "I", "L", "A"}:
        return Duty("offeror", "agrees")
    return None


def _subordinate(before: str) -> bool:
    opening = before.strip().lower()
    return bool(re.match(r"(?:if|when|unless|where)\b", opening)) and "," not in opening


def _ordered(text: str, setting: Setting) -> Duty | None:
    if is_excluded(text):
        return None
    found = _barred(text, setting) or _asked(text, setting)
    if found:
        return found
    for verb in verbs(text):
        duty = _verb_duty(verb, text, setting)
        if duty:
            return duty
    if is_imperative(text):
        force: Modality = "prohibited" if _DO_NOT.match(text) else "imperative"
        return Duty(actor_for("", text, setting), force)
    stated = _DUE.search(text) or _is_told_as_fact(text, setting)
    return Duty(actor_for("", text, setting), "states") if stated else None


def _is_told_as_fact(text: str, setting: Setting) -> bool:
    """Of the work in its description and terms; clauses say their duties by verbs."""
    if setting.section == "C" and (specifies(text) or measures(text)):
        return True
    return setting.section in _TERMS and is_practice(text)


def _barred(text: str, setting: Setting) -> Duty | None:
    """ "Only …", "no …": what is not accepted, and who alone may bid."""
    if not _ONLY.search(text) or _GOVERNMENT_MODAL.search(text):
        return None
    lower = text.lower()
    unauthorized = re.search(r"\b(?:is|are) not authorized\b", lower)
    if unauthorized and party(lower[: unauthorized.start()], setting.agencies) == "government":
        return None
    if "eligible" in lower and lower.startswith(("only", "pursuant")):
        return Duty("offeror", "states")
    return Duty(actor_for("", text, setting), "prohibited")


def _asked(text: str, setting: Setting) -> Duty | None:
    """Duties said in other ways than by a verb behind its subject."""
    if _MUST_BY.search(text):
        return Duty(actor_for("", text, setting), "must")
    if _UP_TO.search(text):
        return Duty(actor_for("", text, setting), "required")
    if is_polite(text) or is_requested(text):
        return Duty(actor_for("", text, setting), "should")
    if setting.section in _AFTER_AWARD | {"L"} and is_needed(text):
        return Duty(actor_for("", text, setting), "required")
    return None


def _verb_duty(verb: Verb, text: str, setting: Setting) -> Duty | None:
    who = party(verb.subject, setting.agencies)
    modality = force_of(verb)
    if who == "government" and modality in {"shall", "must", "required"} and is_told(verb):
        return Duty("contractor", modality)
    if modality is None or who in {"government", "other"} or not is_act_of_bidder(verb):
        return None
    if who in {"thing", "offer"} and not answers_for(verb, modality, setting.section):
        return None
    return Duty(actor_for(verb.subject, text, setting), modality)
