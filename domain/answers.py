"""Questions to a document: sentences that answer, word for word, or nothing."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import mul

from domain.requirements.sentences import sentence_spans
from domain.vectors import Vector

MOST_ANSWERS = 4
LEAST_SCORE = 0.5
"""Under this a sentence only shares its subject with the question."""
_MEANING = 0.7
"""Share of meaning in a score; the rest is the share of the question's own words."""
_NEAR_BEST = 0.75
_LEAST_WORDS = 3
_WORD = re.compile(r"[a-z0-9]+(?:[-.][a-z0-9]+)*")
_EMPTY = frozenset(
    _WORD.findall(
        "a an and any are as at be been by can could do does for from had has have how i if in is"
        " it its may much many must need of on or our shall should that the their them there they"
        " this to us was we what when where which who whom whose why will with would you your long"
    )
)


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk as it was found: its heading counts as words of each of its sentences."""

    heading: str
    text: str
    page: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a passage."""

    text: str
    heading: str
    page: int


@dataclass(frozen=True, slots=True)
class Ranked:
    candidate: Candidate
    score: float


def candidates(passages: Sequence[Passage]) -> list[Candidate]:
    """Sentences of the passages, each once. Overlapping passages repeat themselves."""
    found: dict[str, Candidate] = {}
    for passage in passages:
        for text in _sentences(passage.text):
            found.setdefault(text, Candidate(text, passage.heading, passage.page))
    return list(found.values())


def rank(
    question: str, vector: Vector, found: Sequence[Candidate], vectors: Sequence[Vector]
) -> list[Ranked]:
    """The best first: those that are good enough, and not much worse than the best.

    `vectors` are those of the candidates, of length one as `vector`.
    """
    asked = words(question)
    ranked = [
        Ranked(one, _score(asked, vector, one, its))
        for one, its in zip(found, vectors, strict=True)
    ]
    ranked.sort(key=lambda one: -one.score)
    best = ranked[0].score if ranked else 0.0
    least = max(LEAST_SCORE, best * _NEAR_BEST)
    return [one for one in ranked[:MOST_ANSWERS] if one.score >= least]


def words(text: str) -> frozenset[str]:
    """That carry meaning, without their endings."""
    return frozenset(_stem(word) for word in _WORD.findall(text.lower()) if word not in _EMPTY)


def _score(asked: frozenset[str], vector: Vector, one: Candidate, its: Vector) -> float:
    similar: float = sum(map(mul, vector, its))
    held = words(f"{one.heading} {one.text}")
    share = len(asked & held) / len(asked) if asked else 0.0
    return _MEANING * similar + (1 - _MEANING) * share


def _stem(word: str) -> str:
    for ending in ("ies", "ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word


def _sentences(text: str) -> Iterator[str]:
    for line in text.splitlines():
        for start, end in sentence_spans(line):
            sentence = line[start:end].strip()
            if len(sentence.split()) >= _LEAST_WORDS:
                yield sentence
