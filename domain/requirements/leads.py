"""Lead-ins: whether one orders something by itself, and how its list belongs to it."""

import re

_CONNECTORS = re.compile(
    r"[,;]?\s*(?:(?:,? ?(?:that|which) (?:shall |must |will )?includes?|,? ?to include"
    r"|,? ?including|,? ?consisting of|,? ?such as|,? ?inclusive of)\s*(?:,? ?but (?:is "
    r"|are )?not (?:be )?limited to)?\s*(?:,? ?at a minimum,?)?"
    r"\s*(?:all |any |each )?(?:of )?(?:the )?(?:following)?(?:\s+\w+){0,3}?|,? ?as follows"
    r"|,? ?but not (?:be )?limited to|"
    r",? and (?:shall|must|will|should|needs? to|has to) (?:also )?(?:include|contain|show"
    r"|state|list)"
    r"|,? and comply with|"
    r",? ?at a minimum|,? (?:in accordance with|with|under|for|according to) (?:all |any "
    r"|each )?(?:of )?the following(?:\s+\w+){0,3})\s*$",
    re.IGNORECASE,
)
_FOLLOWING = re.compile(
    r"\s*(?:(?:all|each|any|at least)\s+(?:of\s+)?)?(?:the"
    r"|these)?\s*following(?:\s+[\w/&-]+){0,4}\s*$",
    re.IGNORECASE,
)
_THESE = re.compile(
    r",? ?(?:under |in |into |with |by )?(?:these|the following)(?: \w+){0,2} (?:parts?|tabs?"
    r"|volumes?"
    r"|sections?|items?|documents?|headings?|elements?)\s*$",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"(?:^|\b)(?:shall|must|will|should|to|that|is|are|be|by|of|for|and|or|with|from|the"
    r"|include|includes|contain|contains|show|state|"
    r"provide|submit|indicate|address|describe|identify|ensure|perform|represents?|certif(?:y"
    r"|ies)|agrees|acknowledges|"
    r"prohibited from|report|list|belief|meet|detail|demonstrate|offer|furnish|specify|document"
    r"|organized|arranged|divided|structured|composed"
    r"|following|"
    r"prohibited from (?:providing|using)[^.]*|not|enter|have|maintain|at a minimum,?|minimum"
    r"|submission of its offer)"
    r"(?:\s+(?:in writing|also|with|within|as separate documents|with (?:their|its|your"
    r"|the) \w+))?\W*$",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:if|when|unless|where|whenever|provided that|because|in which|whose?|until|after"
    r"|before|only if)\W*$|"
    r"\bif [^,]{0,80}\b(?:is|are|either)\W*$|\bto the extent\W*$"
    r"|\bunless [^,]*\bone of the following\W*$",
    re.IGNORECASE,
)
_ALTERNATIVES = re.compile(
    r"\b(?:one|either|1) of the following\b|\beither\b\W*$"
    r"|\bany (?:one )?of the following (?:method|way|form|option|means)|"
    r"\bfollowing (?:methods|ways|options|alternatives)\b|\bin the format of\b[^.]*$|\bvia\W*$"
    r"|\bcheck (?:one|the appropriate|"
    r"which)|\bselect one\b|\bplease submit either\b|\bcheck(?:ing)? the appropriate (?:block|box)",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"\b(?:include|contain|provide|submit|show|report|furnish|list|address|describe"
    r"|identify)\s+(?:\w+\s+){0,2}the following\b[^,]*$",
    re.IGNORECASE,
)
_NAME = re.compile(
    r"(?:(?:FAR|DFARS|[A-Z]{2,5}AR)\s+)?(?:clause\s+)?\d{2,4}\.\d{3}[\u2013-]\d"
    r"|alternate\s+[IVX]+\b|\[?reserved\]?\W*$|https?:|www\.|"
    r"\S+@\S+$|(?:FAR|DFARS) (?:part|subpart)?\s*\d|\(?End of",
    re.IGNORECASE,
)
_BOX = re.compile(r"\[\s*[xX]?\s*\]|[☐☑☒□]|__+")


_NESTED = re.compile(
    r"[\w)],? (?:including|with|such that|of which|to include|consisting of)\W*$", re.IGNORECASE
)


def is_item_with_list(text: str) -> bool:
    """Whether a list item says what is wanted before it goes on to a list of its own."""
    return bool(_NESTED.search(text))


def is_complete(lead: str) -> bool:
    """Whether it still orders something when the list is cut off."""
    text = re.sub(r"[\s:—\u2013-]+$", "", lead)
    text = re.sub(r"\([^()]*\)\s*$", "", text).rstrip(" ,")
    if re.search(r"\b(?:needs?|ha[sv]e?|is|are) to include$", text):
        return False
    connected = _THESE.sub("", _CONNECTORS.sub("", text))
    if connected != text:
        rest = connected.rstrip(" ,")
        return not _OPEN.search(rest)
    if _ASKS.search(text):
        return False
    text = _FOLLOWING.sub("", text)
    return not _OPEN.search(text.rstrip(" ,:"))


def are_names(items: list[str]) -> bool:
    """Whether the list names clauses, addresses and the like, so that no item is a duty."""
    named = sum(bool(_NAME.match(item)) for item in items)
    return bool(items) and named >= 0.6 * len(items)


def is_name(item: str) -> bool:
    """Of a clause, an address or the like."""
    return bool(_NAME.match(item))


def asks_choice(text: str) -> bool:
    return bool(_ALTERNATIVES.search(text))


def is_condition(lead: str) -> bool:
    """Whether the items are conditions, so that lead-in and items are one sentence."""
    return bool(_CONDITION.search(re.sub(r"[\s:—\u2013-]+$", "", lead)))


def are_alternatives(lead: str, items: list[str]) -> bool:
    """Whether the items are to choose from, so that they are one duty with the lead-in."""
    if asks_choice(lead) or any(item.strip().upper() == "OR" for item in items):
        return True
    if len(items) > 1 and re.search(r"(?:[;,]\s*or|\bor)\W*$", items[-2], re.IGNORECASE):
        return True
    if re.search(r"\b(?:all|each|every)\b", lead, re.IGNORECASE):
        return False
    boxed = sum(_is_boxed(item) for item in items)
    return len(items) > 1 and boxed >= len(items) - 1


def _is_boxed(item: str) -> bool:
    """One box at its beginning or end; two boxes are a yes or no of its own."""
    boxes = len(_BOX.findall(item[:60]))
    at_end = re.search(r"(?:\[\s*[xX]?\s*\]|[☐☑☒□])\s*$", item)
    return (boxes == 1 and bool(_BOX.search(item[:14]))) or bool(at_end)
