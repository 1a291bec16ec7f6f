"""Two versions of a document compared by requirement: added, removed, changed, moved."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

LEAST_ALIKE = 0.6
"""Share of words in order that an old and a new wording of one requirement have in common."""
_COMMON = 40
"""A word in more requirements than this says nothing about which it is."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A requirement as far as a comparison asks. `key` is its words' (`domain.matrix.row_key`)."""

    key: str
    quote: str
    section: str
    paragraph: str | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class Change:
    """`alike` from 0 to 1."""

    before: Compared
    after: Compared
    alike: float = 1.0


@dataclass(frozen=True, slots=True)
class Comparison:
    """`moved` have the same words in another section, or in another order among those kept."""

    added: tuple[Compared, ...] = ()
    removed: tuple[Compared, ...] = ()
    changed: tuple[Change, ...] = ()
    moved: tuple[Change, ...] = ()
    same: int = 0


def compare(before: Sequence[Compared], after: Sequence[Compared]) -> Comparison:
    """Same words first; the rest in pairs, the most alike first. Each is in one pair at most."""
    old, new = _by_key(before), _by_key(after)
    kept = [Change(old[key], new[key]) for key in new if key in old]
    changed = _pairs(
        [one for key, one in old.items() if key not in new],
        [one for key, one in new.items() if key not in old],
    )
    paired_old = {change.before.key for change in changed}
    paired_new = {change.after.key for change in changed}
    moved = tuple(_moved(kept, {key: at for at, key in enumerate(old)}))
    return Comparison(
        added=tuple(one for key, one in new.items() if key not in old and key not in paired_new),
        removed=tuple(one for key, one in old.items() if key not in new and key not in paired_old),
        changed=tuple(changed),
        moved=moved,
        same=len(kept) - len(moved),
    )


Piece = tuple[Literal["same", "added", "removed"], str]


def word_diff(before: str, after: str) -> list[Piece]:
    """The words of both in order, each stretch once."""
    old, new = before.split(), after.split()
    pieces: list[Piece] = []
    for what, low, high, start, end in _matcher(old, new).get_opcodes():
        if what == "equal":
            pieces.append(("same", " ".join(old[low:high])))
        if what in {"replace", "delete"}:
            pieces.append(("removed", " ".join(old[low:high])))
        if what in {"replace", "insert"}:
            pieces.append(("added", " ".join(new[start:end])))
    return pieces


def _by_key(rows: Sequence[Compared]) -> dict[str, Compared]:
    found: dict[str, Compared] = {}
    for row in rows:
        found.setdefault(row.key, row)
    return found


def _pairs(before: Sequence[Compared], after: Sequence[Compared]) -> list[Change]:
    """In the order of the new version."""
    ranked = sorted(_candidates(before, after), key=lambda change: -change.alike)
    old, new = set[str](), set[str]()
    chosen = []
    for change in ranked:
        if change.before.key not in old and change.after.key not in new:
            old.add(change.before.key)
            new.add(change.after.key)
            chosen.append(change)
    place = {one.key: at for at, one in enumerate(after)}
    return sorted(chosen, key=lambda change: place[change.after.key])


def _candidates(before: Sequence[Compared], after: Sequence[Compared]) -> Iterator[Change]:
    """Only pairs with a word in common that not every requirement has are looked at closely."""
    words = {one.key: _words(one.quote) for one in (*before, *after)}
    holders: Mapping[str, list[Compared]] = _holders(before, words)
    for one in after:
        near = {
            other.key: other
            for word in set(words[one.key])
            for other in holders.get(word, ())
            if len(holders[word]) <= _COMMON
        }
        for other in near.values():
            alike = _alike(words[other.key], words[one.key])
            if alike >= LEAST_ALIKE:
                yield Change(other, one, round(alike, 4))


def _holders(rows: Sequence[Compared], words: Mapping[str, list[str]]) -> dict[str, list[Compared]]:
    holders: dict[str, list[Compared]] = defaultdict(list)
    for one in rows:
        for word in set(words[one.key]):
            holders[word].append(one)
    return holders


def _alike(one: list[str], other: list[str]) -> float:
    """Of words in order; first an upper bound, which is cheaper."""
    common = (Counter(one) & Counter(other)).total()
    if 2 * common < LEAST_ALIKE * (len(one) + len(other)):
        return 0.0
    return _matcher(one, other).ratio()


def _matcher(one: list[str], other: list[str]) -> "SequenceMatcher[str]":
    return SequenceMatcher(None, one, other, autojunk=False)


def _words(quote: str) -> list[str]:
    return [word for raw in quote.lower().split() if (word := raw.strip(".,;:()[]\"'“”"))]


def _moved(kept: Sequence[Change], place: Mapping[str, int]) -> Iterator[Change]:
    """Those outside the longest run that stands in the same order in both, or in another section.

    An insertion shifts pages and numbers of all that follow: that is no move.
    """
    steady = _longest_rising([place[change.before.key] for change in kept])
    for at, change in enumerate(kept):
        if at not in steady or change.before.section != change.after.section:
            yield change


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """Indexes of a longest rising subsequence (patience sorting)."""
    tops: list[int] = []
    last: list[int] = []
    previous: list[int] = []
    for at, number in enumerate(numbers):
        pile = bisect_left(tops, number)
        tops[pile : pile + 1] = [number]
        last[pile : pile + 1] = [at]
        previous.append(last[pile - 1] if pile else -1)
    chosen, at = set[int](), last[-1] if last else -1
    while at >= 0:
        chosen.add(at)
        at = previous[at]
    return chosen
