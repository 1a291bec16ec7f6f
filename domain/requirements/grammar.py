"""The verbs of duty in a sentence, each with its subject, as far as federal prose needs it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MODAL = re.compile(
    r"\b(?P<modal>(?:shall|must|will|should|may|can|need|does|do)\s+(?:also\s+|only\s+"
    r"|not\s+){0,2}|(?:shall|must|will|should)(?=\s*[—\u2013:,-])|cannot\b\s*|"
    r"(?:is|are|be|been|was|were)\s+(?:hereby\s+|also\s+|solely\s+"
    r"|not\s+){0,2}(?:required\b(?!\s+(?:by|in(?! (?:all|each|every|the quot|the offer))"
    r"|under|for(?! (?:all|each|every|any))"
    r"|at(?! (?:all times|the time|least))|"
    r"on(?! (?:each|every|all|the (?:quot|offer|invoice)|your))|pursuant|because|if|when"
    r"|or)\b)\s*(?:to\s+)?"
    r"|responsible\s+for\s+|prohibited\b\s*"
    r"|obligated\s+to\s+|"
    r"(?:expected|bound|obliged|directed|instructed|asked|requested|urged|advised|reminded"
    r"|cautioned)\s+to\s+|"
    r"to\s+(?=[a-z])|mandatory\b|due\b)|(?:has|have)\s+to\s+|needs?\s+to\s+)",
    re.IGNORECASE,
)
_SUBORDINATOR = re.compile(
    r"(?:^|[,;—]\s*|\s)(?:if|when|whenever|unless|where|whereby|although|though|while|because"
    r"|since|as|until|before|"
    r"after|once|that|which|who|whom|whose|what|whether|how|why|provided|except|to the extent"
    r"|so)\b[^,;]*$",
    re.IGNORECASE,
)
_OPENER = re.compile(
    r"^(?:if|when|whenever|unless|where|although|though|while|because|since|as|until|before"
    r"|after|once|upon|"
    r"except|notwithstanding|in the event|to the extent|should)\b",
    re.IGNORECASE,
)
_BOUNDARY = re.compile(
    r";\s*(?:and\s+|or\s+|but\s+|however,?\s+)?|,\s*(?:and|but|or|then|nor)\s+|:\s+|—"
    r"|\s(?:and|nor|but)\s+(?=the (?:government|contractor|offeror|contracting officer|agency"
    r"|cor)\b)",
    re.IGNORECASE,
)
_ROLE = re.compile(r"\b(\w+ed) as\b", re.IGNORECASE)
"""As in "items classified as devices": no clause of its own."""
_PREPOSITION = re.compile(
    r"\s(?:of|for|by|to|from|in|on|at|with|under|that|which|who|whose|submitted|received"
    r"|including|pursuant|within|"
    r"regarding|concerning|resulting|not|providing|provided|made|during|against|after|before"
    r"|between|over)\b",
    re.IGNORECASE,
)
_RELATIVE = re.compile(r"\b(?:that|which|who|whose|as|after|before|where|when)\b", re.IGNORECASE)
_ARTICLE = re.compile(
    r"^(?:the|a|an|any|all|each|every|such|this|these|those|both|some|no|only|either)\s+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb of duty: `subject` is the words before it, `rest` those behind it, lower case."""

    subject: str
    modal: str
    rest: str

    @property
    def is_negative(self) -> bool:
        return " not" in f" {self.modal}" or self.modal == "cannot"


def masked(text: str) -> str:
    """The sentence with what stands in brackets blanked out, of the same length."""
    previous = ""
    while previous != text:
        previous = text
        text = re.sub(r"\([^()]*\)|\[[^\[\]]*\]", lambda m: " " * len(m.group()), text)
    return text


def verbs(sentence: str) -> Iterator[Verb]:
    """Verbs of duty of the main clauses, in order; those of "that", "which" and "if" left out."""
    plain = masked(sentence)
    for found in _MODAL.finditer(plain):
        before = plain[: found.start()]
        clause = _clause(before)
        if not _is_subordinate(clause):
            modal = " ".join(found["modal"].lower().split())
            yield Verb(_subject(clause), modal, " ".join(plain[found.end() :].lower().split()))


def head(subject: str) -> str:
    """The noun that a subject is about, with what stands before it: "the contractor's staff"."""
    words = _ARTICLE.sub("", subject.strip())
    found = _PREPOSITION.search(f" {words}")
    core = f" {words}"[: found.start()].strip() if found else words
    return core or words


def _clause(before: str) -> str:
    """From the last break between main clauses to the verb."""
    cut = [match.end() for match in _BOUNDARY.finditer(before)]
    for at in reversed(cut):
        rest = before[at:].strip()
        if rest and not _list_tail(before[:at], rest):
            return before[at:]
    return before


def _list_tail(front: str, rest: str) -> bool:
    """Whether "…, and" joins nouns of one subject and not two clauses."""
    return not re.search(r"\b(?:shall|must|will|should|may|is|are)\b", front, re.IGNORECASE)


def _is_subordinate(clause: str) -> bool:
    """Whether the verb belongs to a clause opened by "that", "if" and the like."""
    stripped = clause.strip()
    opener = _OPENER.match(stripped)
    if opener:
        return "," not in stripped or _open_after_commas(stripped)
    plain = _ROLE.sub(r"\1 ", clause)
    return bool(_SUBORDINATOR.search(plain)) and not _closed(plain)


def _open_after_commas(clause: str) -> bool:
    """An opening "if …" clause ends at a comma behind which a subject stands."""
    last = clause.rsplit(",", 1)[1].strip()
    return not last or bool(_SUBORDINATOR.search(last))


def _closed(clause: str) -> bool:
    """Whether the relative clause has its own verb, so that this one is the main clause's."""
    last = list(_RELATIVE.finditer(clause))
    inner = clause[last[-1].end() :] if last else ""
    return bool(
        re.search(
            r"\b(?:is|are|was|were|has|have|had|do|does|can|will|shall|may|must|submit|exceed"
            r"|fail|meet|contain|apply|wish|want|intend|plan|hold|arrive|come|need|"
            r"provide|require|\w{3,}(?:s|ed))\s+\S+|^\s*(?:fail|apply|differ|exist|\w{3,}ed)\s*$",
            inner,
            re.IGNORECASE,
        )
    )


def _subject(clause: str) -> str:
    """Behind the opening condition or adverbial, if there is one."""
    stripped = clause.strip().lower()
    if "," not in stripped:
        return stripped
    parts = [part.strip() for part in stripped.split(",")]
    nouns = [part for part in parts if part]
    if _OPENER.match(stripped) or re.match(
        r"(?:in|for|on|at|by|with|within|during|under|pursuant|to|from|prior|therefore|however"
        r"|additionally|"
        r"furthermore|moreover|further|also|thus|finally|for|beginning|no later|not later|per"
        r"|consistent|based)\b",
        stripped,
    ):
        return nouns[-1] if nouns else stripped
    return stripped
