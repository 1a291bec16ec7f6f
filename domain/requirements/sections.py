"""The letter of the uniform contract format (FAR 15.204-1) that a heading stands for."""

import re
from collections.abc import Sequence

from domain.requirements.headings import Heading

_COMMERCIAL = {
    "52.212-1": "L",
    "52.212-2": "M",
    "52.212-3": "K",
    "52.212-4": "I",
    "52.212-5": "I",
    "52.217-5": "M",
}
"""FAR 12.301: the commercial provisions and clauses in place of sections I, K, L and M."""
_REPRESENTATIONS = frozenset(
    [
        "52.203-2",
        "52.203-11",
        "52.203-18",
        "52.204-8",
        "52.204-17",
        "52.204-20",
        "52.204-24",
        "52.204-26",
        "52.204-29",
        "52.209-2",
        "52.209-5",
        "52.209-7",
        "52.209-11",
        "52.209-12",
        "52.209-13",
        "52.219-1",
        "52.219-2",
        "52.219-22",
        "52.222-18",
        "52.222-22",
        "52.222-25",
        "52.222-38",
        "52.222-48",
        "52.222-52",
        "52.222-56",
        "52.222-57",
        "52.223-1",
        "52.223-4",
        "52.223-22",
        "52.225-2",
        "52.225-4",
        "52.225-6",
        "52.225-18",
        "52.225-20",
        "52.225-25",
        "52.227-15",
        "52.229-11",
        "52.230-1",
        "52.240-90",
        "252.203-7005",
        "252.204-7007",
        "252.204-7016",
        "252.204-7017",
        "252.209-7001",
        "252.209-7002",
        "252.225-7000",
        "252.225-7020",
        "252.225-7031",
        "252.225-7050",
        "252.247-7022",
    ]
)
_INSTRUCTIONS = frozenset(
    [
        "52.204-6",
        "52.204-7",
        "52.204-16",
        "52.207-1",
        "52.207-2",
        "52.209-1",
        "52.211-1",
        "52.211-2",
        "52.211-14",
        "52.214-34",
        "52.214-35",
        "52.215-1",
        "52.215-16",
        "52.215-20",
        "52.215-22",
        "52.216-1",
        "52.216-27",
        "52.216-28",
        "52.216-29",
        "52.216-30",
        "52.216-31",
        "52.222-24",
        "52.222-46",
        "52.232-38",
        "52.233-2",
        "52.236-27",
        "52.237-1",
        "52.237-10",
        "52.252-1",
        "52.252-3",
        "52.252-5",
        "252.204-7004",
        "252.215-7008",
        "252.215-7010",
    ]
)
_STRONG = (
    (
        "M",
        r"evaluation (?:factor|criteri|of\b|approach|procedure|method|process|plan|and award|basis)"
        r"|basis (?:for|of) "
        r"(?:the )?award|(?:factors|criteria|selection) for award|^(?:the )?evaluation\W*$"
        r"|evaluation[—\u2013-]\s*commercial|"
        r"award (?:criteria|factors)|method of award|source selection"
        r"|^how we (?:will )?(?:decide|evaluate|choose|select|award|judge)",
    ),
    (
        "L",
        r"instructions? to (?:offeror|quoter|bidder|vendor|prospective|all|contractor)|"
        r"(?:quot\w*|proposal|offer|bid|response|package|email) (?:preparation|submission"
        r"|submittal|content|format|instruction)|"
        r"^submission (?:instruction|requirement|of)|preparation instructions"
        r"|instructions? for (?:submi|prepar|respon)|"
        r"(?:submission|submittal|vendor|quote|proposal|offeror\W*s?) checklist|cover page|"
        r"(?:vendor|offeror|contractor) acknowledg|notices? to (?:offeror|bidder|quoter|vendor)|"
        r"^(?:solicitation )?instructions\W*$|how to (?:respond|submit|quote|bid|offer|apply)"
        r"|^(?:your )?(?:proposals?|quot(?:es?|ations?)|offers?)\W*$",
    ),
    (
        "K",
        r"representations?(?: and|,| by|\W*$)|certifications? (?:and|of) (?:rep|off)|reps? (?:and"
        r"|&) certs?",
    ),
    (
        "C",
        r"statement of (?:work|need|objective)|performance work statement|\b(?:PWS|SOW|SOO)\b"
        r"|salient (?:char|feat)|"
        r"scope of (?:work|service)|description[/ ,]+spec|^(?:technical |product |minimum "
        r"|general |system )*"
        r"(?:specification|requirement)s?\W*$|purchase description|item description"
        r"|description of (?:work|service|requirement)|"
        r"work statement",
    ),
    (
        "B",
        r"price.{0,3}cost schedule|schedule of (?:suppl|serv|price|item)|pric\w+ schedule"
        r"|suppl\w+ or services|"
        r"supplies/services|continuation of (?:sf|blocks?|standard form)|bid schedule"
        r"|contract line item"
        r"|^items? information",
    ),
    (
        "I",
        r"contract clauses|clauses incorporated|contract terms and conditions|^clauses"
        r"|general provisions",
    ),
    ("J", r"list of (?:attachments|documents|exhibits)"),
)
_UCF = (
    (
        "G",
        r"contract administration|^invoic\w* (?:and|&|/) "
        r"payment|^invoicing\W*$|^payment\W*$|invoic\w* (?:instruction|procedure|requirement)",
    ),
    ("D", r"packag\w* (?:and|&) marking|preservation|^packag\w+\W*$|^marking"),
    (
        "E",
        r"inspection (?:and|&) acceptance|^(?:inspections?|acceptance)\W*$"
        r"|quality assurance requirements",
    ),
    (
        "F",
        r"deliver\w* (?:or|and|/|&) performance|^(?:deliver(?:y|ies)|shipping)\W*$"
        r"|delivery (?:schedule|information|requirement|terms)"
        r"|period of performance|"
        r"place of (?:performance|delivery)",
    ),
    ("H", r"special (?:contract )?(?:requirement|provision|clause)s?"),
    ("K", r"representation|certification"),
    ("I", r"^terms\b|^clauses?\b|terms that apply"),
    (
        "C",
        r"^what (?:we|the \w+) needs?|^(?:scope|objectives?|tasks?|background|requirements?)\W*$",
    ),
    (
        "L",
        r"solicitation provisions|question|submission|submittal|response date|due date"
        r"|point of contact",
    ),
    ("M", r"evaluat|award"),
    ("B", r"schedule|pricing|line items?"),
)
_LETTER = re.compile(r"^section\s+([A-M])\b", re.IGNORECASE)
_ATTACHED = re.compile(r"^(?:attachment|appendix|annex|exhibit|enclosure)\b", re.IGNORECASE)
_ASKS = re.compile(
    r"offer|propos|quot|bid|instruct|notice|evaluat|award|represent|certif|protest|solicit|disclos"
    r"|contract type|type of contract|visit",
    re.IGNORECASE,
)
"""In the titles of provisions, which bind before award; other FAR numbers are clauses."""
_FIXED = frozenset("CIKLM")


def section_of(path: Sequence[Heading]) -> str | None:
    """The letter for text under these headings, outermost first; None where they say nothing."""
    letter: str | None = None
    for heading in path:
        letter = _narrowed(letter, heading)
    return letter


def names_part(title: str) -> bool:
    """Whether a heading names instructions, evaluation, a specification or a schedule."""
    return _named(title, _STRONG) in {"B", "C", "L", "M"}


def _narrowed(outer: str | None, heading: Heading) -> str | None:
    if heading.clause:
        return clause_section(heading.clause, heading.title, outer)
    strong = _named(heading.title, _STRONG)
    printed = _LETTER.match(heading.title)
    if printed:
        return strong or _named(heading.title, _UCF) or printed[1].upper()
    if heading.rank == 1:
        named = strong or (_named(heading.title, _UCF) if _ATTACHED.match(heading.title) else None)
        return _addendum(heading.title) or named or outer
    if strong and (outer != "C" or strong in {"L", "M"}):
        return strong
    if outer in _FIXED:
        return outer
    return _named(heading.title, _UCF) or outer


def clause_section(number: str, title: str, outer: str | None) -> str:
    """Clauses are I, unless the number or the title says what else they are."""
    if number in _COMMERCIAL:
        return _COMMERCIAL[number]
    if number in _REPRESENTATIONS:
        return "K"
    if number in _INSTRUCTIONS:
        return "L"
    if re.search(r"\brepresentations?\b", title, re.IGNORECASE) and outer != "I":
        return "K"
    if number.startswith("52.") and outer in {"K", "L", "M"} and not _ASKS.search(title):
        return "I"
    return outer if outer in {"K", "L", "M", "D", "E", "F", "G", "H"} else "I"


def _addendum(title: str) -> str | None:
    found = re.search(r"52\.212-\d", title)
    return _COMMERCIAL.get(found.group()) if found else None


def _named(title: str, table: Sequence[tuple[str, str]]) -> str | None:
    for letter, pattern in table:
        if re.search(pattern, title, re.IGNORECASE):
            return letter
    return None
