"""Duties told as practice: "Contractor furnishes all tools.", "Invoices are submitted monthly."."""

import re

_WHO = (
    r"(?:the |all |each |any |every )*(?:contractors?|vendors?|suppliers?|awardees?|sellers?)"
    r"(?:[\u2019']s?)?(?: (?:\w+ )?(?:personnel|employees|staff|technicians?|engineers?|drivers?))?"
    r"|(?:the |all |each )*(?:assigned |service |field |key |installing |visiting )*(?:personnel"
    r"|technicians?|engineers?|installers?)\b[^,.;]{0,50}?"
)
_ACTS = (
    r"abides?|answers?|arranges?|assigns?|assumes?|attends?|bears?|checks?|cleans?|completes?"
    r"|compl(?:y|ies)|conducts?|coordinates?|corrects?|deliver(?:s)?|disposes?|documents?|ensures?"
    r"|equips?|follows?|furnish(?:es)?|holds?|installs?|inspects?|keeps?|maintains?|notif(?:y|ies)"
    r"|obtains?|packs?|pays?|performs?|picks? up|prepares?|presents?|protects?|provides?|receives?"
    r" training|removes?|repairs?|replaces?|reports?|responds?|restores?|returns?|ships?|signs?"
    r"|stores?|submits?|suppl(?:y|ies)|tests?|trains?|undergo(?:es)?|wears?"
)
_NOW = r"(?!.*\b(?:currently|presently|previously|historically|incumbent|may(?! \d)|if it)\b)"
_ACTIVE = re.compile(
    rf"^{_NOW}(?:{_WHO}) (?:also |then |promptly |always |immediately )?(?:{_ACTS})\b(?! (?:is"
    rf"|are)\b)",
    re.IGNORECASE,
)
_HAS_TIME = re.compile(
    rf"^{_NOW}(?:{_WHO}) (?:has|have) (?:up to |no more than )?(?:\w+ )?\(?\d+\)? (?:\w+ )?(?:hours"
    r"|days|weeks|months)\b.{0,40}\bto \w+",
    re.IGNORECASE,
)
_WORK = (
    r"(?:invoices?|reports?|deliver(?:y|ies)|shipments?|items?|units|cartons?|boxes|packages"
    r"|containers?|damages?|defects?|records?|certificates?|repairs?|calibrations?|maintenance"
    r"|installations?|training|work|services|plans?|lots?)"
)
_DONE = (
    r"submitted|sent|delivered|shipped|furnished|provided by the (?:contractor|vendor|supplier)"
    r"|repaired|replaced|corrected|marked|labell?ed|packed|packaged|accompanied|completed|performed"
    r"|returned|emailed|uploaded|entered|scheduled with"
)
_PASSIVE = re.compile(
    rf"^{_NOW}(?:[\w\u2019'/-]+ ){{0,4}}{_WORK}\b(?: (?:of|to|for|from|with) [^,.;]{{1,60}}?)?"
    rf" (?:is|are) (?:also |then |electronically )?(?:{_DONE})\b(?! by (?:the )?(?:government|va"
    r"|agency|cor|staff|hospital|pharmacy|clinic|patients?|carrier))",
    re.IGNORECASE,
)
_RECEIVED = re.compile(
    r"^(?:all )?(?:deliver(?:y|ies)|shipments?) (?:is|are) (?:only )?(?:accepted|received"
    r"|taken)\b.*\d",
    re.IGNORECASE,
)
_FINITE = r"(?!.*\b(?:is|are|was|were|will|shall|must|should|may|can|has|have|had|be)\b)"
_PARTICIPLE = re.compile(
    rf"^{_FINITE}(?:all |each |every |any )?(?:\w+ ){{0,3}}(?:items?|equipment|units?|products?"
    rf"|supplies|materials?|goods|shipments?|cartons?|packages) (?:\w+ )?(?:supplied|shipped"
    rf"|delivered|packed|packaged|marked|labell?ed|provided|installed|equipped|accompanied"
    r"|sealed) (?:with|in|by|to|fob|at|on)\b",
    re.IGNORECASE,
)
_NEEDS_APPROVAL = re.compile(
    r"\brequires? (?:the |a )?(?:prior |written |advance |express )*(?:approval|consent|permission"
    r"|authorization)\b",
    re.IGNORECASE,
)
_BUYERS = re.compile(
    r"\b(?:hospital|clinic|center|centre|facility|pharmacy|department|program|station|office|ward"
    r"|building|campus|laboratory|agency|government|va|staff|system serves)\b",
    re.IGNORECASE,
)
_MEASURED = re.compile(
    r"^(?!.*\b(?:approximately|about|average|estimated|currently|annually|[ap]\.?m)\b)(?:the "
    r"|each )?([\w/-]+(?: [\w/-]+){0,3}) (?:supports?|accommodates?|holds?|operates?|weighs?"
    r"|measures?|provides?|delivers?|displays?|runs?|withstands?|extends?|adjusts?|lifts?|stores?"
    r"|records?)\b[^.;]*\b(?:up to|at least|no (?:more|less|fewer) than|minimum|maximum|or (?:more"
    r"|less|better|greater)|from \d+|within)\b[^.;]*\d",
    re.IGNORECASE,
)


def is_practice(sentence: str) -> bool:
    """What the contractor does, or is done with its goods, told in the present tense."""
    return any(
        rule.search(sentence)
        for rule in (_ACTIVE, _HAS_TIME, _PASSIVE, _RECEIVED, _PARTICIPLE, _NEEDS_APPROVAL)
    )


def measures(sentence: str) -> bool:
    """A thing, told with a bound of what it does: "The bed supports up to 500 pounds."."""
    found = _MEASURED.search(sentence)
    return found is not None and not _BUYERS.search(found[1])
