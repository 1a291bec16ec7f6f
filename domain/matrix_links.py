"""Which instructions (L), criteria (M) and tasks (C) belong together, as far as meaning tells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import mul

from domain.vectors import Vector

LEAST_SIMILAR = 0.45
MOST_EACH = 3
"""Of the other section, to one row: more would have to be looked through again."""

PAIRS = (("L", "M"), ("L", "C"), ("M", "C"))


@dataclass(frozen=True, slots=True)
class Linkable:
    key: str
    section: str
    text: str


@dataclass(frozen=True, slots=True)
class ProposedLink:
    """From L to M or C, or from M to C. `score` is the cosine similarity of the two."""

    source: str
    target: str
    score: float


def linkable(rows: Sequence[Linkable]) -> list[Linkable]:
    """Those in sections that are linked."""
    letters = {letter for pair in PAIRS for letter in pair}
    return [row for row in rows if row.section in letters]


def propose_links(
    rows: Sequence[Linkable], vectors: Mapping[str, Vector]
) -> tuple[ProposedLink, ...]:
    """A link is proposed where each is among the nearest of the other. Vectors have length one."""
    return tuple(
        link
        for low, high in PAIRS
        for link in _between(
            [row for row in rows if row.section == low],
            [row for row in rows if row.section == high],
            vectors,
        )
    )


def _between(
    sources: Sequence[Linkable], targets: Sequence[Linkable], vectors: Mapping[str, Vector]
) -> Iterator[ProposedLink]:
    scores = {
        (one.key, other.key): score
        for one in sources
        for other in targets
        if (score := sum(map(mul, vectors[one.key], vectors[other.key]))) >= LEAST_SIMILAR
    }
    nearest = _nearest(scores, 0)
    nearest_back = _nearest(scores, 1)
    for (source, target), score in scores.items():
        if target in nearest[source] and source in nearest_back[target]:
            yield ProposedLink(source, target, round(score, 4))


def _nearest(scores: Mapping[tuple[str, str], float], side: int) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for pair in sorted(scores, key=lambda pair: -scores[pair]):
        near = found.setdefault(pair[side], set())
        if len(near) < MOST_EACH:
            near.add(pair[1 - side])
    return found
