"""One ranking out of two: by words and by meaning."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

MEANING = 0.9
"""The share of meaning, tuned on the odd half of `benchmarks/search/queries.jsonl`."""


def fuse(
    by_meaning: Mapping[Key, float], by_words: Mapping[Key, float], share: float = MEANING
) -> dict[Key, float]:
    """Scores from 0 to 1 of all keys that either ranking has.

    Each ranking is stretched: its best is 1, its worst 0. By meaning even the worst is similar to
    some degree, so only differences tell; by words the zero is real. A key that one ranking lacks
    counts 0 in it. (Weighted score fusion: Bruch et al., "An Analysis of Fusion Functions for
    Hybrid Retrieval", 2023.)
    """
    meaning = _stretched(by_meaning, low=min(by_meaning.values(), default=0.0))
    words = _stretched(by_words, low=0.0)
    return {
        key: share * meaning.get(key, 0.0) + (1 - share) * words.get(key, 0.0)
        for key in [*meaning, *(words.keys() - meaning.keys())]
    }


def _stretched(scores: Mapping[Key, float], low: float) -> dict[Key, float]:
    span = max(scores.values(), default=0.0) - low
    return {key: (score - low) / span if span > 0 else 1.0 for key, score in scores.items()}
