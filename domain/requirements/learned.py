"""Sentences that the rules leave out, judged by weights learned from the labelled documents.

A logistic regression over words: `benchmarks.requirements.learning` makes the weights and measures
them with each document left out in turn. It only says whether a sentence that stands in the pages
is a row; it makes no text, and nothing in a document can steer it further than its own sentence.
"""

import csv
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from domain.requirements.duties import Setting, actor_for
from domain.requirements.evaluation import is_consequence, is_evaluation, tells_of_judging
from domain.requirements.exclusions import defines, is_no_duty
from domain.requirements.forces import force_of
from domain.requirements.grammar import verbs
from domain.requirements.imperatives import is_imperative
from domain.requirements.labels import is_finite
from domain.requirements.models import Duty, Modality
from domain.requirements.parties import party

SURE = 0.7
"""The least probability of a row: above it two of three that are added are right."""
_FILE = "learned_weights.csv"
_BIDDER = re.compile(
    r"(?:contractor|offeror|quoter|vendor|bidder|proposer|supplier|awardee|provider|firm|company"
    r"|seller|respondent|applicant|dealer|laboratory)(?:'?s)?"
)
_BUYER = re.compile(
    r"(?:government|agency|co|ko|cor|va|county|ihs|dla|usda|fda|sba|hospital|clinic|department"
    r"|board|state|army|navy|we|bureau|institute|center|facility)(?:'?s)?"
)
_WORD = re.compile(r"[a-z]+(?:'[a-z]+)?|\d[\d,.:/]*|[?:;!%$\[\]]")
_TITLE_WORDS, _LEAD_WORDS, _OPENING, _VERBS = 6, 4, 3, 3
_LONG, _STEP = 8, 5
_FEW = 4
_OPEN_END = re.compile(r"[:—\u2013-]\W*$|\?\W*$")
_WHOLE = re.compile(r"[.;)\"”\u2019]$")
_FAILS = re.compile(
    r"\b(?:reject|disqualif|ineligib|unanswered|returned|sent back|sent away|set aside|turned down"
    r"|thrown? out|taken out|removed|discarded|excluded|not (?:be )?(?:\w+ )?(?:considered"
    r"|answered|paid|read|opened|accepted|honou?red|looked at|evaluated)|won't be)",
    re.IGNORECASE,
)
_BARS = re.compile(
    r"\b(?:not|no|never|neither|nor|cannot|forbidden|prohibited|unacceptable)\b|^only\b",
    re.IGNORECASE,
)
_AGREES = re.compile(
    r"\b(?:agree|certif(?:y|ies)|represents?|warrants?|acknowledges?|swears?|affirms?)\b|agrees\b",
    re.IGNORECASE,
)
_FORCES: tuple[tuple[Modality, re.Pattern[str]], ...] = (
    ("shall", re.compile(r"\bshall\b", re.IGNORECASE)),
    ("must", re.compile(r"\bmust\b", re.IGNORECASE)),
    (
        "required",
        re.compile(
            r"\b(?:required|responsib\w+|needs?|ha(?:s|ve) to|(?:is|are) to)\b", re.IGNORECASE
        ),
    ),
    ("should", re.compile(r"\b(?:should|please)\b", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """`title` is of the heading that it stands under, `lead` the text that its list hangs on."""

    text: str
    letter: str
    title: str = ""
    lead: str = ""
    in_clause: bool = False
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Weights:
    """Of features; `bias` is added to every sum."""

    bias: float
    of: Mapping[str, float]

    def probability(self, sentence: Sentence) -> float:
        """That it is a row, from 0 to 1."""
        total = self.bias + sum(self.of.get(name, 0.0) for name in features(sentence))
        return 1 / (1 + math.exp(-total))

    def finds(self, sentence: Sentence) -> bool:
        """Whether it is surely a row. The text of clauses is left to the rules."""
        torn = sentence.text[:1].islower() and not sentence.kind
        if torn or sentence.in_clause or not _may_be_row(sentence.text):
            return False
        return self.probability(sentence) >= SURE


@cache
def learned() -> Weights:
    """As measured and committed. Raises ValueError if the file is no table of weights."""
    text = files("domain.requirements").joinpath(_FILE).read_text(encoding="utf-8")
    rows = {name: float(weight) for name, weight in csv.reader(text.splitlines())}
    return Weights(rows.pop("bias"), rows)


def kind_of_duty(sentence: Sentence, setting: Setting) -> Duty:
    """Whose duty a found row states and with what force, by its words."""
    text = sentence.text
    fails = bool(_FAILS.search(text) or is_consequence(text))
    judged = setting.section == "M" or is_evaluation(text) or tells_of_judging(text)
    if judged and not fails:
        return Duty("government", "states")
    return Duty(actor_for("", text, setting), "consequence" if fails else modality_of(text))


def modality_of(text: str) -> Modality:
    """Of a row that says neither how offers are judged nor what happens to one that fails."""
    if _AGREES.search(text):
        return "agrees"
    if _BARS.search(text):
        return "prohibited"
    for modality, pattern in _FORCES:
        if pattern.search(text):
            return modality
    if is_imperative(text):
        return "imperative"
    return "will" if re.search(r"\bwill\b", text) else "states"


def features(sentence: Sentence) -> frozenset[str]:
    """Names of what is so about it; each counts once."""
    return frozenset(_features(sentence))


def _features(sentence: Sentence) -> Iterator[str]:
    words = _words(sentence.text)
    for size in range(1, _OPENING + 1):
        yield from (f"{size}:{'_'.join(run)}" for run in _runs(words, size))
        if len(words) >= size:
            yield f"opens:{'_'.join(words[:size])}"
    yield from (f"ends:{word}" for word in words[-1:])
    yield from (f"title:{word}" for word in _words(sentence.title)[:_TITLE_WORDS])
    yield from (f"lead:{word}" for word in _words(sentence.lead)[-_LEAD_WORDS:])
    yield f"section:{sentence.letter}"
    yield f"clause:{sentence.in_clause:d}"
    yield f"item:{sentence.kind[:1]}"
    yield f"length:{min(_LONG, len(words) // _STEP)}"
    yield f"stop:{sentence.text.rstrip().endswith('.'):d}"
    for verb in list(verbs(sentence.text))[:_VERBS]:
        yield f"verb:{party(verb.subject)}:{force_of(verb)}"


def _runs(words: list[str], size: int) -> Iterator[tuple[str, ...]]:
    return zip(*(words[at:] for at in range(size)), strict=False)


def _words(text: str) -> list[str]:
    """Lower case; numbers, names of the bidder and of the buyer are one word each."""
    return [_class(word) for word in _WORD.findall(text.lower().replace("\u2019", "'"))]


def _class(word: str) -> str:
    if word[0].isdigit():
        return "0"
    if _BIDDER.fullmatch(word):
        return "BIDDER"
    return "BUYER" if _BUYER.fullmatch(word) else word


def _may_be_row(text: str) -> bool:
    """Whether it is a whole statement and nothing that the guideline leaves out in any wording."""
    stripped = text.strip()
    if len(stripped.split()) < _FEW:
        return False
    if _OPEN_END.search(stripped) or is_no_duty(stripped) or defines(stripped):
        return False
    return bool(_WHOLE.search(stripped)) or is_finite(stripped)
