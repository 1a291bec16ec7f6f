"""Orders without a subject: "Submit …", "Do not …", "Offeror to complete …"."""

import re
from collections.abc import Iterator

from domain.requirements.grammar import masked

_PLAIN = frozenset(
    [
        "submit",
        "provide",
        "complete",
        "include",
        "ensure",
        "furnish",
        "describe",
        "indicate",
        "identify",
        "confirm",
        "enter",
        "maintain",
        "perform",
        "deliver",
        "prepare",
        "attach",
        "insert",
        "specify",
        "explain",
        "demonstrate",
        "acknowledge",
        "reference",
        "follow",
        "fill",
        "quote",
        "obtain",
        "conduct",
        "develop",
        "assist",
        "coordinate",
        "establish",
        "install",
        "remove",
        "replace",
        "inspect",
        "clean",
        "dispose",
        "notify",
        "comply",
        "verify",
        "propose",
        "propose",
        "email",
        "send",
        "give",
        "make",
        "keep",
        "allow",
        "assure",
        "manage",
        "respond",
        "participate",
        "attend",
        "implement",
        "analyze",
        "collect",
        "create",
        "assign",
        "select",
        "initial",
        "show",
        "bring",
        "avoid",
        "discuss",
        "disclose",
        "propose",
        "utilize",
        "monitor",
        "advise",
        "apply",
        "arrange",
        "calibrate",
        "certify",
        "evaluate",
        "execute",
        "facilitate",
        "generate",
        "meet",
        "monitor",
        "operate",
        "oversee",
        "present",
        "process",
        "produce",
        "protect",
        "recommend",
        "supervise",
        "support",
        "troubleshoot",
        "transport",
        "employ",
        "detail",
        "summarize",
        "outline",
        "add",
        "advertise",
        "administer",
        "investigate",
        "invoice",
        "complete",
        "number",
        "round",
        "limit",
        "adhere",
        "assemble",
        "configure",
        "connect",
        "construct",
        "cover",
        "deploy",
        "disconnect",
        "enable",
        "evaluate",
        "fabricate",
        "gather",
        "handle",
        "host",
        "integrate",
        "itemize",
        "migrate",
        "offer",
        "pack",
        "place",
        "post",
        "reinstall",
        "relocate",
        "render",
        "resolve",
        "restore",
        "retain",
        "secure",
        "set",
        "supply",
        "tailor",
        "take",
        "tender",
        "train",
        "unpack",
        "upgrade",
        "upload",
        "validate",
        "write",
    ]
)
_ALSO_NOUNS = frozenset(
    [
        "list",
        "report",
        "record",
        "test",
        "name",
        "price",
        "schedule",
        "design",
        "plan",
        "ship",
        "mail",
        "load",
        "check",
        "mark",
        "label",
        "sign",
        "date",
        "state",
        "order",
        "work",
        "review",
        "access",
        "use",
        "display",
        "document",
        "address",
        "repair",
        "request",
        "return",
        "update",
        "store",
        "stock",
        "track",
        "staff",
        "note",
        "cost",
        "copy",
        "print",
        "support",
        "process",
        "present",
        "detail",
        "train",
        "offer",
        "number",
        "round",
        "limit",
        "place",
        "post",
        "host",
        "transport",
        "set",
        "cover",
        "estimate",
        "answer",
        "base",
        "bid",
        "bill",
        "call",
        "contact",
    ]
)
_DETERMINER = re.compile(
    r"(?:the|a|an|all|any|each|every|your|our|their|its|one|two|three|no|only|copies|below|here|appropriate|applicable|if|in|"
    r"on|up|with|to|both|this|these|those|and (?:return|submit|sign|date|provide|complete|maintain)|such|most|blocks?|invoices?|"
    r"existing|new|government|additional|other|necessary|required|proposed|\w+ly)\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:\W*(?:note|important|instructions?|notice)\s*:\s*)?\W*(?:also,?\s+|then,?\s+|please\s+(?:be sure to\s+|note\s+)?)*",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"^(?:if|when|for|in|upon|after|before|prior to|where|to|at|once|during|unless|by|within|with|on)\b[^,]*,\s*(?:then\s+|please\s+)*",
    re.IGNORECASE,
)
_MOST_COMMAS = 3
_TOLD = re.compile(
    r"^(?:the )?(?:offeror|contractor|vendor|quoter|bidder)s? (?:to|not to) [a-z]+", re.IGNORECASE
)


def is_imperative(sentence: str) -> bool:
    """Whether it begins with an order, also behind a condition. Nouns that look like verbs count
    only before an article or the like."""
    text = " ".join(masked(sentence).split()) or sentence.strip("[]() ")
    bare = text[_end(_LEAD, text) :]
    if _TOLD.match(bare) or re.match(r"do not [a-z]", bare, re.IGNORECASE):
        return True
    polite = re.match(
        r"\W*(?:\w+,? )?please\b(?! (?:note|see|be advised|refer|contact|feel))",
        text,
        re.IGNORECASE,
    )
    return bool(polite) or _orders(bare) or any(_orders(rest) for rest in _behind_condition(bare))


def _behind_condition(text: str) -> Iterator[str]:
    """What follows the first, second, third comma of a sentence that opens with a condition."""
    end = _end(_CONDITION, text)
    for _ in range(_MOST_COMMAS):
        if not end:
            return
        yield text[end:]
        following = re.match(r"[^,]*,\s*(?:then\s+|please\s+)*", text[end:])
        end = end + following.end() if following else 0


def _orders(text: str) -> bool:
    words = text.split(maxsplit=1)
    if len(words) < 2 or not words[0].isalpha():
        return False
    verb = words[0].lower()
    if verb in _ALSO_NOUNS:
        return bool(_DETERMINER.match(words[1])) and not re.match(r"of\b", words[1])
    return verb in _PLAIN and not re.match(
        r"(?:of|by|is|are|shall|will|must)\b", words[1], re.IGNORECASE
    )


def _end(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return found.end() if found else 0
