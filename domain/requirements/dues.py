"""The deadline that a requirement prints, as printed."""

import re

_UNIT = (
    r"(?:calendar |business |working |work |federal )?(?:hours?|days?|weeks?|months?|years?"
    r"|minutes?|business days?)"
)
_COUNT = (
    r"(?:\w+(?:-\w+)? ?\(\d+\)|\d+|one|two|three|four|five|six|seven|eight|nine|ten|fifteen"
    r"|twenty|thirty|sixty|ninety)"
)
_AFTER = (
    r"(?: \(\d+\))? (?:of|after|from|following|before|prior to|preceding"
    r"|in advance of)(?: the)? [^,.;:()]{3,80}?"
    r"(?=[,.;:()]|$| (?:the contractor|contractor|to (?:the|discuss)|shall|must|will"
    r"|and (?:shall|must))\b)"
)
_DATE = (
    r"(?:\d{1,2}[/-]\d{1,2}[/-]\d{2,4}|(?:\d{1,2} )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct"
    r"|nov|dec)[a-z]*\.? \d{0,2}"
    r"(?:st|nd|rd|th)?,? ?\d{0,4})"
)
_PATTERNS = (
    rf"(?:not later than|no later than|on or before|by|before|until|at or before|due"
    rf"|not l[ae]t(?:er|est) (?:than|then)) "
    rf"[^.;]{{0,60}}?{_DATE}[^;]{{0,60}}?(?=\.(?:\s|$)|;|$| via| to\b| at [A-Za-z.]+@)",
    rf"(?:not later than |no later than )?(?:within"
    rf"|in) {_COUNT}(?: \w+ \(\d+\))? ?{_UNIT}(?: \(\d+\))?(?:{_AFTER})?",
    rf"within [a-z]+ {_UNIT} \(\d+\)(?:{_AFTER})?",
    rf"(?:no later than |not later than |at least "
    rf"|not less than )?{_COUNT} {_UNIT}(?: \(\d+\))?{_AFTER}",
    rf"for (?:a (?:period|minimum) of )?(?:at least )?{_COUNT} {_UNIT}(?: (?:from"
    rf"|after) [^.;]{{3,80}}?(?=[.;]|$))?",
    r"(?:by|no later than|not later than) (?:the )?(?:\d+(?:st|nd|rd|th)|close of business|cob"
    r"|end of)[^.;]{0,80}",
    r"(?:no later than|not later than) [^.;,]{3,60}",
    r"until [^.;]{3,120}?(?=[.;,]|$)",
    r"(?:at or )?(?:before|prior to|by|until) the (?:exact |\w+ )?(?:time|date|closing|deadline)\b"
    r"[^.;()]{0,50}",
    rf"(?:(?:by|at|until) )?\d{{1,2}}(?::\d{{2}})? ?[ap]\.?m\.?[^.;]{{0,40}}{_DATE}|"
    r"\d{1,2}:\d{2} ?[ap]\.?m\.?,? local time[^.;]{0,80}",
    r"as soon as (?:it is )?(?:reasonably |practicable|possible)[^.;,]{0,80}",
    r"at least once every [^.;,]{3,60}",
    r"every (?:other |\w+ )?(?:month|week|day|quarter|year)s?(?: and when requested[^.;,]{0,20})?|"
    r"each (?:month|week|quarter|year)\b|(?<!-)\b(?:bi-?weekly|bi-? ?monthly|monthly|quarterly"
    r"|semi-?annually|annually|weekly|daily)\b",
    r"prior to (?:the )?(?:closing|commencement|start|delivery|shipment|award"
    r"|performance)[^.;,]{0,50}|"
    r"by the (?:closing|due) date[^.;,]{0,50}",
    r"promptly(?: (?:following|after|upon) [^.;,]{3,40})?|immediately(?: (?:following|after"
    r"|upon) [^.;,]{3,40})?|upon award[^)]{0,50}(?=\))",
)
_COMPILED = tuple(re.compile(pattern, re.IGNORECASE) for pattern in _PATTERNS)
_FREQUENT = re.compile(
    r"\b(?:monthly|daily|weekly|quarterly|annual)\b (?:usage|report|status|quality)", re.IGNORECASE
)


_BEGINNING = re.compile(r"\b(?:beginning|starting|commencing|effective)\s*(?:on )?$", re.IGNORECASE)


def _starts(text: str, found: re.Match[str]) -> bool:
    """Whether it says when something begins."""
    return bool(_BEGINNING.search(text[: found.start()]))


def due_of(quote: str, label: str = "") -> str | None:
    """The first kind of deadline found in the quote, else in its label."""
    for text in (quote, label):
        for pattern in _COMPILED:
            found = next((one for one in pattern.finditer(text) if not _starts(text, one)), None)
            if found:
                return found.group().strip(" ,;:")
    return None
