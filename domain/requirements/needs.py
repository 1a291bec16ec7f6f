"""Needs said without a verb of duty: "Training to be provided", "BLS certification required."."""

import re

_REQUESTED = re.compile(
    r"^(?:we |the (?:government|va|agency) |it is )?(?:also )?request(?:s"
    r"|ed)?\s+(?:that\s+)?(?:all |any |the |each )*"
    r"(?:offerors?|vendors?|quot\w+|questions|responses|bidders?|interested|prospective|you"
    r"|prices?|pricing)\b",
    re.IGNORECASE,
)
_TO_BE = re.compile(
    r"^(?!.{0,60}\b(?i:fails?|agrees?|wish|wishes|elects?|in|upon|is|are|was|were|has|have"
    r"|shall|must|will|should|may|can|order|how|who|what|which"
    r"|that|as|if|when|for|due|need|needs|able|intends?|plans?|purpose|goal|intent)\b.{0,60}\bto\b)"
    r"[A-Z][\w/&-]*(?: [\w/&,()-]+){0,7} to (?:be|start|include|meet|have|occur|begin)\b"
    r"(?:(?!\b(?:is|are)\b).){3,}[.;]$"
)
_NEEDED = re.compile(
    r"^(?!.*\b(?:as|if|when|where|not|be|been|is|are|was|time|resources?|information"
    r"|otherwise)\s+(?:\w+ )?"
    r"required\b)[A-Z\d][^.;:]{8,140}\brequired\.$"
)
_SPECIFIED = re.compile(
    r"^(?:a |minimum )?(?:one|two|three|five|ten|\d+)[- ](?:\(\d+\)[- ])?(?:year"
    r"|month)s?\b[^.]{0,60}\bwarranty\b"
    r"|^(?:able to|capable of|compatible with|equipped with|minimum(?: of)?\s+\w"
    r"|maximum(?: of)?\s+\w|at least)\b"
    r"|^(?!.*\b(?:estimated|average|current|now)\b)(?:\w+ ){0,3}(?:time|capacity|weight"
    r"|warranty|size|length"
    r"|height|speed|resolution|load)\b[^.;]{0,30}\bis\b[^.;]{0,20}\d",
    re.IGNORECASE,
)


def is_requested(sentence: str) -> bool:
    """ "The Government requests that offerors …"."""
    return bool(_REQUESTED.match(sentence))


def is_needed(sentence: str) -> bool:
    """An infinitive or a participle in place of the verb."""
    return bool(_TO_BE.match(sentence) or _NEEDED.match(sentence))


def specifies(sentence: str) -> bool:
    """A measure or an ability that a specification states as a fact."""
    return bool(_SPECIFIED.search(sentence))
