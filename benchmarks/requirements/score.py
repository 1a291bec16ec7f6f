"""Scores extracted requirements against the hand-made labels in `gold/`.

python -m benchmarks.requirements.score PREDICTIONS --documents DIRECTORY [--errors]
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel

from benchmarks.requirements.facts_score import (
    KeyFacts,
    Tally,
    score_facts,
    score_line_items,
    words_f1,
)
from benchmarks.requirements.page_text import PageText, Span, fold, read_pages

GOLD = Path(__file__).with_name("gold")
FIELDS = ("type", "section", "actor", "modality")
NONE = Tally()
_MATCHES = 0.5
_ON_OPTIONAL = 0.5
_SAME_DUE = 0.5


class Row(BaseModel):
    """One requirement, of the gold or extracted."""

    id: str = ""
    page: int
    quote: str
    section: str | None = None
    paragraph: str | None = None
    actor: str | None = None
    modality: str | None = None
    type: str | None = None
    due: str | None = None
    lead_in: str | None = None
    optional: bool = False


class Labelled(BaseModel):
    """Which document a gold file is about and which of its pages are labelled, ends included."""

    document: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Score:
    """Of one document, or the sum of several; `fields` count the matched rows that agree."""

    rows: Tally = NONE
    fields: dict[str, int] = field(default_factory=lambda: dict.fromkeys(FIELDS, 0))
    deadlines: Tally = NONE
    facts: Tally = NONE
    line_items: Tally = NONE
    missed: tuple[Row, ...] = ()
    wrong: tuple[Row, ...] = ()

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.rows + other.rows,
            {name: self.fields[name] + other.fields[name] for name in FIELDS},
            self.deadlines + other.deadlines,
            self.facts + other.facts,
            self.line_items + other.line_items,
            self.missed + other.missed,
            self.wrong + other.wrong,
        )


def score_rows(gold: Sequence[Row], found: Sequence[Row], text: PageText) -> Score:
    """Both lists in document order and only of labelled pages. Raises ValueError if a gold quote is
    not in the text."""
    spans = place_all(gold, text)
    if None in spans:
        raise ValueError(f"not in the text: {gold[spans.index(None)].id}")
    placed = [(row, span) for row, span in zip(gold, spans, strict=True) if span]
    counting = [(row, span) for row, span in placed if not row.optional]
    optional = [span for row, span in placed if row.optional]
    kept = [row for row in found if row.actor != "government" or row.type == "evaluation"]
    theirs = list(zip(kept, place_all(kept, text), strict=True))
    pairs = match([span for _, span in counting], [span for _, span in theirs])
    matched = {other for _, other in pairs}
    wrong = [
        row
        for number, (row, span) in enumerate(theirs)
        if number not in matched and not _on_any(span, optional)
    ]
    hit = {one for one, _ in pairs}
    missed = [row for number, (row, _) in enumerate(counting) if number not in hit]
    rows = Tally(len(pairs), len(wrong), len(missed))
    agreed = [(counting[one][0], theirs[other][0]) for one, other in pairs]
    return Score(
        rows, _agreement(agreed), _deadlines(agreed), missed=tuple(missed), wrong=tuple(wrong)
    )


def place_all(rows: Sequence[Row], text: PageText) -> list[Span | None]:
    """Where each quote stands; None for one that cannot be placed. Rows with the same words get
    different places where there are several."""
    spans: list[Span | None] = []
    taken: set[Span] = set()
    after = 0
    for row in rows:
        place = text.place(row.quote, row.page, after, taken)
        spans.append(place.span if place else None)
        if place:
            taken.add(place.span)
            after = place.span[0]
    return spans


def match(gold: Sequence[Span], found: Sequence[Span | None]) -> list[tuple[int, int]]:
    """Index pairs with intersection over union of at least a half, one to one, best pair first."""
    pairs = sorted(
        (-overlap, one, other)
        for one, mine in enumerate(gold)
        for other, theirs in enumerate(found)
        if theirs is not None and (overlap := iou(mine, theirs)) >= _MATCHES
    )
    taken: set[int] = set()
    hit: set[int] = set()
    chosen = []
    for _, one, other in pairs:
        if one not in hit and other not in taken:
            hit.add(one)
            taken.add(other)
            chosen.append((one, other))
    return chosen


def iou(one: Span, other: Span) -> float:
    """Intersection over union of two spans."""
    common = _common(one, other)
    return common / (one[1] - one[0] + other[1] - other[0] - common)


def same_deadline(printed: str, found: str | None) -> bool:
    """Whether a printed deadline is found: it stands in the other, or most words are the same."""
    if not found:
        return False
    return fold(printed) in fold(found) or words_f1(printed, found) >= _SAME_DUE


def score_document(name: str, gold: Path, predictions: Path, documents: Path) -> Score:
    """Rows, key facts and line items of one document. A prediction file that is not there counts
    as empty."""
    about = labelled_documents(gold)[name]
    labelled = range(about.first, about.last + 1)
    pages = read_pages(documents / about.document)
    whole = len(pages) == 1
    mine = read_rows(gold / f"{name}.jsonl")
    theirs = read_rows(predictions / f"{name}.jsonl")
    kept = [row for row in theirs if whole or row.page in labelled]
    rows = score_rows([row for row in mine if row.page in labelled], kept, PageText(pages))
    facts, found = (_read_facts(path / f"{name}.facts.json") for path in (gold, predictions))
    extra = Score(
        facts=score_facts(facts, found), line_items=score_line_items(facts.clins, found.clins)
    )
    return rows + extra


def labelled_documents(gold: Path) -> dict[str, Labelled]:
    entries = json.loads((gold / "labelled_pages.json").read_text(encoding="utf-8"))
    return {name: Labelled.model_validate(entry) for name, entry in entries.items()}


def read_rows(path: Path) -> list[Row]:
    """The rows of a JSON-lines file, in its order; none if it is not there."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").split("\n")
    return [Row.model_validate_json(line) for line in lines if line.strip()]


def table(scores: dict[str, Score]) -> str:
    """Markdown, one line a document and one for all."""
    head = (
        "| document | rows | P | R | F1 | type | section | actor | modality | due | facts | CLINs |"
        "\n|---|---|---|---|---|---|---|---|---|---|---|---|\n"
    )
    total = sum(scores.values(), Score())
    return head + "".join(_line(name, score) for name, score in {**scores, "all": total}.items())


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("predictions", type=Path)
    parser.add_argument("--documents", type=Path, required=True)
    parser.add_argument("--gold", type=Path, default=GOLD)
    parser.add_argument("--errors", action="store_true", help="list missed and wrong rows")
    given = parser.parse_args(arguments)
    names = labelled_documents(given.gold)
    scores = {
        name: score_document(name, given.gold, given.predictions, given.documents) for name in names
    }
    print(table(scores))
    for name, score in scores.items() if given.errors else ():
        print(name, *(f"  missed {row.id}: {row.quote}" for row in score.missed), sep="\n")
        print(*(f"  wrong p. {row.page}: {row.quote}" for row in score.wrong), sep="\n")


def _line(name: str, score: Score) -> str:
    rows, right = score.rows, score.rows.right
    fields = (f"{score.fields[key] / right:.3f}" if right else "-" for key in FIELDS)
    cells = (
        name,
        f"{right} of {right + rows.missing}, {rows.extra} wrong",
        *(f"{value:.3f}" for value in (rows.precision, rows.recall, rows.f1)),
        *fields,
        *(
            f"{value:.3f}"
            for value in (score.deadlines.recall, score.facts.f1, score.line_items.f1)
        ),
    )
    return f"| {' | '.join(cells)} |\n"


def _agreement(pairs: Sequence[tuple[Row, Row]]) -> dict[str, int]:
    return {name: sum(_agree(one, other, name) for one, other in pairs) for name in FIELDS}


def _agree(one: Row, other: Row, name: str) -> bool:
    return fold(getattr(one, name) or "") == fold(getattr(other, name) or "")


def _deadlines(pairs: Sequence[tuple[Row, Row]]) -> Tally:
    found = [same_deadline(one.due, other.due) for one, other in pairs if one.due]
    return Tally(right=sum(found), missing=len(found) - sum(found))


def _on_any(span: Span | None, others: Sequence[Span]) -> bool:
    if span is None:
        return False
    return any(_common(span, other) >= _ON_OPTIONAL * (span[1] - span[0]) for other in others)


def _common(one: Span, other: Span) -> int:
    return max(0, min(one[1], other[1]) - max(one[0], other[0]))


def _read_facts(path: Path) -> KeyFacts:
    return KeyFacts.model_validate_json(path.read_bytes()) if path.exists() else KeyFacts()


if __name__ == "__main__":
    main()
