"""Learns the weights of `domain.requirements.learned` from the labelled documents, measures them.

python -m benchmarks.requirements.learning --documents DIRECTORY --notices DIRECTORY [--write]

Measured with each document left out of the learning in turn, so that no sentence judges itself.
A regression with an L1 penalty: most features end at zero, and what is left can be read.
"""

import argparse
import csv
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression

from benchmarks.requirements.notices.run import GOLD as NOTICES
from benchmarks.requirements.notices.run import labelled_notices, write_texts
from benchmarks.requirements.page_text import PageText, fold, read_pages
from benchmarks.requirements.score import (
    GOLD,
    Row,
    Score,
    labelled_documents,
    read_rows,
    score_rows,
)
from benchmarks.requirements.unseen.make import BLIND, EVERY, STRANGERS, TUNED, make_all
from cluster.engines.reading.opened import open_file
from domain.pages import Page
from domain.requirements.extract import extract, nodes_of, standing_of
from domain.requirements.labels import behind_label
from domain.requirements.learned import Sentence, Weights, features
from domain.requirements.outline import Node
from domain.requirements.running import without_running_lines
from domain.requirements.sentences import sentence_spans
from domain.requirements.standing import Standing
from pipelines.extract_requirements import to_record

PENALTY = 1.0
"""The inverse strength that scikit-learn calls C."""
GROUPS = (
    tuple(labelled_documents(GOLD)),
    (*TUNED, *BLIND),
    STRANGERS,
    tuple(labelled_notices(NOTICES)),
)
_SAME = 0.5
_SMALLEST = 0.005
_NONE = Weights(-20.0, {})


@dataclass(frozen=True, slots=True)
class Example:
    sentence: Sentence
    is_row: bool


@dataclass(frozen=True, slots=True)
class Labelled:
    """`first` and `last` are the labelled pages."""

    pages: Sequence[Page]
    rows: Sequence[Row]
    first: int
    last: int

    @property
    def examples(self) -> list[Example]:
        """Its sentences; what is only a part of a row, or optional, teaches nothing."""
        body = without_running_lines(self.pages)
        gold = [(fold(row.quote), row.optional) for row in self.rows]
        found = []
        for sentence, page in _sentences(nodes_of(body), standing_of(body, _NONE)):
            is_row = _label(fold(sentence.text), gold)
            if is_row is not None and self.first <= page <= self.last:
                found.append(Example(sentence, is_row))
        return found


@dataclass(frozen=True, slots=True)
class Document:
    """`printed` is what the scorer reads, `labelled` what the hub read, a scan's pages by OCR."""

    printed: Path
    labelled: Labelled

    def score(self, weights: Weights) -> Score:
        """Rows only."""
        about = self.labelled
        pages = read_pages(self.printed)
        on = range(about.first, about.last + 1)
        extracted = extract(about.pages, weights).requirements
        found = [Row.model_validate(to_record(one)) for one in extracted]
        kept = [row for row in found if len(pages) == 1 or row.page in on]
        gold = [row for row in about.rows if row.page in on]
        return score_rows(gold, kept, PageText(pages))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="keep the weights of all documents")
    parser.add_argument("--notices", type=Path, required=True)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        documents = read_all(given.documents, given.notices, Path(directory))
        examples = {name: one.labelled.examples for name, one in documents.items()}
        for group in GROUPS:
            _tell({name: documents[name] for name in group}, examples)
    if given.write:
        write(learn([one for some in examples.values() for one in some]))


def read_all(real: Path, notices: Path, into: Path) -> dict[str, Document]:
    """Blocks for about half a minute: two of the made-up documents are scans."""
    make_all(EVERY, into)
    write_texts(labelled_notices(NOTICES), notices, into, NOTICES)
    return {
        name: _read(directory / about.document, gold / f"{name}.jsonl", about.first, about.last)
        for gold, directory in ((GOLD, real), (into, into), (NOTICES, into))
        for name, about in labelled_documents(gold).items()
    }


def _read(printed: Path, gold: Path, first: int, last: int) -> Document:
    scan = printed.with_suffix(".scan.pdf")
    opened = open_file(scan if scan.exists() else printed, "auto")
    pages = [opened.read(number) for number in range(1, opened.pages + 1)]
    return Document(printed, Labelled(pages, read_rows(gold), first, last))


def _sentences(nodes: Iterable[Node], standing: Standing) -> Iterator[tuple[Sentence, int]]:
    for node in nodes:
        start, _ = behind_label(node.block, titled=node.parent is None)
        for span in sentence_spans(node.block.text, start):
            text = node.block.text[slice(*span)]
            if len(text.split()) > 1:
                yield standing.sentence(node, text), node.block.page
        yield from _sentences(node.children, standing)


def _label(text: str, gold: Sequence[tuple[str, bool]]) -> bool | None:
    for quote, optional in gold:
        if text in quote or quote in text:
            shorter, longer = sorted((len(text), len(quote)))
            if shorter >= _SAME * longer:
                return None if optional else True
    return None if any(text in quote for quote, _ in gold) else False


def learn(examples: Sequence[Example]) -> Weights:
    """Of features that do not end at zero; the same for the same examples."""
    names = DictVectorizer()
    counts = names.fit_transform([dict.fromkeys(features(one.sentence), 1) for one in examples])
    counts.indices, counts.indptr = counts.indices.astype(np.int32), counts.indptr.astype(np.int32)
    model = LogisticRegression(
        C=PENALTY, l1_ratio=1.0, solver="liblinear", max_iter=3000, random_state=0
    )
    model.fit(counts, [one.is_row for one in examples])
    pairs = zip(names.get_feature_names_out(), model.coef_[0], strict=True)
    kept = {name: round(float(weight), 3) for name, weight in pairs if abs(weight) > _SMALLEST}
    return Weights(round(float(model.intercept_[0]), 3), kept)


def write(weights: Weights) -> None:
    """Over those that the product reads, in order of their names."""
    with Path(str(files("domain.requirements") / "learned_weights.csv")).open(
        "w", encoding="utf-8", newline=""
    ) as file:
        lines = csv.writer(file, lineterminator="\n")
        lines.writerow(("bias", weights.bias))
        lines.writerows(sorted(weights.of.items()))


def _tell(documents: Mapping[str, Document], examples: Mapping[str, Sequence[Example]]) -> None:
    before, after = Score(), Score()
    for name, document in documents.items():
        others = [one for other, some in examples.items() if other != name for one in some]
        rules, both = document.score(_NONE), document.score(learn(others))
        print(_line(name, rules, both))
        before, after = before + rules, after + both
    print(_line("all", before, after) + "\n")


def _line(name: str, rules: Score, both: Score) -> str:
    cells = (f"{s.rows.precision:.3f} | {s.rows.recall:.3f}" for s in (rules, both))
    return f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
