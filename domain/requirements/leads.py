"""Lead-ins: whether one orders something by itself, and how its list belongs to it."""

import re

_CONNECTORS = re.compile(
    r"[,;]?\s*(?:(?:,? ?(?:that|which) (?:shall |must |will )?includes?|,? ?to include|,? ?including|,? ?consisting of|,? ?such as|with|"
    r"in accordance with|according to|for|under)\s*(?:,? ?but (?:is |are )?not (?:be )?limited to)?\s*(?:,? ?at a minimum,?)?"
    r"\s*(?:all |any |each )?(?:of )?(?:the )?(?:following)?(?:\s+\w+){0,3}?|,? ?as follows|,? ?but not (?:be )?limited to|"
    r",? ?at a minimum)\s*$",
    re.IGNORECASE,
)
_FOLLOWING = re.compile(
    r"\s*(?:(?:all|each|any|at least)\s+(?:of\s+)?)?(?:the|these)?\s*following(?:\s+[\w/&-]+){0,4}\s*$",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"(?:^|\b)(?:shall|must|will|should|to|that|is|are|be|by|of|for|and|or|with|from|the|include|includes|contain|contains|show|state|"
    r"provide|submit|indicate|address|describe|identify|ensure|perform|represents?|certif(?:y|ies)|agrees|acknowledges|"
    r"prohibited from|report|list|belief|meet|detail|demonstrate|offer|furnish|specify|document|following|"
    r"prohibited from (?:providing|using)[^.]*|not|enter|have|maintain|at a minimum,?|minimum|submission of its offer)"
    r"(?:\s+(?:in writing|also|with|within|as separate documents|with (?:their|its|your|the) \w+))?\W*$",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"\b(?:if|when|unless|where|whenever|provided that|because|in which|whose?|until|after|before|only if)\W*$|"
    r"\bif [^,]{0,80}\b(?:is|are|either)\W*$|\bto the extent\W*$|\bunless [^,]*\bone of the following\W*$",
    re.IGNORECASE,
)
_ALTERNATIVES = re.compile(
    r"\b(?:one|either|1) of the following\b|\beither\b\W*$|\bany (?:one )?of the following (?:method|way|form|option|means)|"
    r"\bfollowing (?:methods|ways|options|alternatives)\b|\bin the format of\b[^.]*$|\bvia\W*$|\bcheck (?:one|the appropriate|"
    r"which)|\bselect one\b|\bplease submit either\b|\bcheck(?:ing)? the appropriate (?:block|box)",
    re.IGNORECASE,
)
_BOXES = frozenset({"[ ]"})


def is_complete(lead: str) -> bool:
    """Whether it still orders something when the list is cut off."""
    text = re.sub(r"[\s:—–-]+$", "", lead)
    text = re.sub(r"\([^()]*\)\s*$", "", text).rstrip(" ,")
    connected = _CONNECTORS.sub("", text)
    if connected != text:
        rest = connected.rstrip(" ,")
        return not _OPEN.search(rest)
    text = _FOLLOWING.sub("", text)
    return not _OPEN.search(text.rstrip(" ,:"))


def is_condition(lead: str) -> bool:
    """Whether the items are conditions, so that lead-in and items are one sentence."""
    return bool(_CONDITION.search(re.sub(r"[\s:—–-]+$", "", lead)))


def are_alternatives(lead: str, items: list[str], kinds: list[str]) -> bool:
    """Whether the items are to choose from, so that they are one duty with the lead-in."""
    if _ALTERNATIVES.search(lead):
        return True
    if len(items) > 1 and re.search(r"(?:[;,]\s*or|\bor)\W*$", items[-2], re.IGNORECASE):
        return True
    boxed = [
        item
        for item, kind in zip(items, kinds, strict=True)
        if kind in _BOXES or re.search(r"\[\s*[xX]?\s*\]\s*$", item)
    ]
    return len(boxed) >= max(2, len(items) - 1) and all(len(item.split()) < 9 for item in items)
