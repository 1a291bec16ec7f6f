"""Orders without a subject: "Submit …", "Do not …", "Offeror to complete …"."""

import re
from collections.abc import Iterator

from domain.requirements.grammar import masked

_PLAIN = re.compile(
    r"""(?:interview|put|pay|name|cite|break|seal|draft|deduct|hand|bid|omit|leave|tell|ask|learn|sanitize|destroy|dispatch|consult
    |prescribe|treat|examine|diagnose|administer|counsel|educate|screen|schedule|dispense|transcribe
    |submit|provide|complete|include|ensure|furnish|describe|indicate|identify|confirm|enter
    |maintain|perform|deliver|prepare|attach|insert|specify|explain|demonstrate|acknowledge
    |reference
    |follow|fill|quote|obtain|conduct|develop|assist|coordinate|establish|install|remove|replace
    |inspect|clean|dispose|notify|comply|verify|propose|email|send|give|make|keep|allow|assure
    |manage|respond|participate|attend|implement|analyze|collect|create|assign|select|initial|show
    |bring|avoid|discuss|disclose|utilize|monitor|advise|apply|arrange|calibrate|certify|evaluate
    |execute|facilitate|generate|meet|operate|oversee|produce|protect|recommend|supervise
    |troubleshoot|employ|detail|summarize|outline|add|advertise|administer|investigate
    |adhere|assemble|configure|connect|construct|deploy|disconnect|enable|fabricate|gather|handle
    |integrate|itemize|migrate|pack|reinstall|relocate|render|resolve|restore|retain|secure|tailor
    |take|tender|unpack|upgrade|upload|validate|write)""",
    re.VERBOSE | re.IGNORECASE,
)
_ALSO_NOUN = re.compile(
    r"""(?:list|report|record|test|name|price|schedule|design|plan|ship|mail|load|check|mark|label
    |sign|date|state|order|work|review|access|use|display|document|address|repair|request|return
    |update|store|stock|track|staff|cost|copy|print|support|process|present|train|offer|number
    |round|invoice|limit|place|post|host|transport|set|cover|estimate|answer|base|supply|call|map|have|put)""",
    re.VERBOSE | re.IGNORECASE,
)
_DETERMINER = re.compile(
    r"""(?:the|a|an|all|any|each|every|your|our|their|its|one|two|three|no(?!\.)|only|copies|below|here
    |appropriate|applicable|if|in|on|up|with|to|both|this|these|those|such|most|blocks?|invoices?
    |existing|new|government|additional|other|necessary|required|proposed|\w+ly
    |and\s(?:return|submit|sign|date|provide|complete|maintain))\b""",
    re.VERBOSE | re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:\W*(?:note|important|instructions?|notice)\s*:\s*)?\W*(?:also,?\s+|then,?\s+)*",
    re.IGNORECASE,
)
_CONDITION = re.compile(
    r"^(?:if|when|for|in|upon|after|before|prior to|where|to|at|once|during|unless|by|within|with|"
    r"on)\b[^,]*,\s*(?:then\s+|please\s+)*",
    re.IGNORECASE,
)
_NEXT_COMMA = re.compile(r"[^,]*,\s*(?:then\s+|please\s+)*")
_TOLD = re.compile(
    r"^(?:the )?(?:offeror|contractor|vendor|quoter|bidder)s? (?:to|not to) [a-z]+", re.IGNORECASE
)
_POLITE = re.compile(
    r"\W*(?:\w+,? |(?:if|when|for|in)\b[^,]*, )?please\b"
    r"(?! (?:note|see|be advised|refer|contact|feel))",
    re.IGNORECASE,
)
_MOST_COMMAS = 3


def is_imperative(sentence: str) -> bool:
    """Whether it begins with an order, also behind a condition. Nouns that look like verbs count
    only before an article or the like."""
    text = " ".join(masked(sentence).split()) or sentence.strip("[]() ")
    bare = text[_end(_LEAD, text) :]
    if _TOLD.match(bare) or re.match(r"do not [a-z]", bare, re.IGNORECASE):
        return True
    return _orders(bare) or any(_orders(rest) for rest in _behind_condition(bare))


def is_polite(sentence: str) -> bool:
    """ "Please …": a request; "please note" and "please contact" are none."""
    return bool(_POLITE.match(" ".join(sentence.split())))


def _behind_condition(text: str) -> Iterator[str]:
    """What follows the first, second, third comma of a sentence that opens with a condition."""
    end = _end(_CONDITION, text)
    for _ in range(_MOST_COMMAS):
        if not end:
            return
        yield text[end:]
        following = _NEXT_COMMA.match(text[end:])
        end = end + following.end() if following else 0


def _orders(text: str) -> bool:
    words = text.split(maxsplit=1)
    if len(words) < 2 or not words[0].isalpha():
        return False
    verb, rest = words
    if _ALSO_NOUN.fullmatch(verb):
        return bool(_DETERMINER.match(rest))
    never = re.match(r"(?:of|by|is|are|shall|will|must)\b", rest, re.IGNORECASE)
    return bool(_PLAIN.fullmatch(verb)) and not never


def _end(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return found.end() if found else 0
