"""Extracts from the made-up solicitations and scores the halves.

python -m benchmarks.requirements.unseen.run [--errors] [NAME …]
"""

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.requirements.score import Score, labelled_documents, score_document
from benchmarks.requirements.unseen.make import BLIND, EVERY, STRANGERS, TUNED, make_all
from cluster.engines.reading.opened import open_file
from domain.requirements import extract
from pipelines.extract_requirements import facts_to_record, to_json_lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", default=[*EVERY])
    parser.add_argument("--errors", action="store_true")
    given = parser.parse_args()
    scores = score_all(tuple(given.names))
    for half in (TUNED, BLIND, (*TUNED, *BLIND), STRANGERS):
        of_half = {name: scores[name] for name in half if name in scores}
        if of_half:
            print("\n".join(_line(name, score) for name, score in of_half.items()))
            print(_line("all", sum(of_half.values(), Score())) + "\n")
    if given.errors:
        for name in sorted(set(TUNED) & set(scores)):
            print("\n".join(_errors(name, scores[name])))


def score_all(names: tuple[str, ...]) -> dict[str, Score]:
    """By document. Blocks for about 0.1 s a page, 2 s a scanned one."""
    with tempfile.TemporaryDirectory() as directory:
        into = Path(directory)
        make_all(names, into)
        found = into / "found"
        found.mkdir()
        return {name: _score(name, into, found) for name in names}


def _score(name: str, into: Path, found: Path) -> Score:
    printed = into / labelled_documents(into)[name].document
    scan = printed.with_suffix(".scan.pdf")
    opened = open_file(scan if scan.exists() else printed, "auto")
    extraction = extract([opened.read(number) for number in range(1, opened.pages + 1)])
    (found / f"{name}.jsonl").write_text(to_json_lines(extraction), encoding="utf-8")
    facts = json.dumps(facts_to_record(extraction), ensure_ascii=False)
    (found / f"{name}.facts.json").write_text(facts, encoding="utf-8")
    return score_document(name, into, found, into)


def _line(name: str, score: Score) -> str:
    tallies = (score.rows, score.facts, score.line_items)
    parts = [f"{t.precision:.3f} | {t.recall:.3f} | {t.f1:.3f}" for t in tallies]
    matched = max(score.rows.right, 1)
    fields = [f"{count / matched:.2f}" for count in score.fields.values()]
    return f"| {name} | " + " | ".join(parts + fields) + " |"


def _errors(name: str, score: Score) -> list[str]:
    return [
        f"## {name}",
        *(f"missed p{r.page} {r.actor}.{r.modality}.{r.type}: {r.quote}" for r in score.missed),
        *(f"WRONG p{r.page} {r.actor}.{r.modality}.{r.type}: {r.quote}" for r in score.wrong),
    ]


if __name__ == "__main__":
    main()
