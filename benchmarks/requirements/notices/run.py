"""Extracts from real notices of SAM.gov and scores rows and key facts.

python -m benchmarks.requirements.notices.run --notices DIRECTORY [--errors] [NAME …]

The directory holds the files of notices that `notices.json` names. A description is read as the hub
keeps it: plain text, HTML without its tags.
"""

import argparse
import gzip
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pydantic import BaseModel

from benchmarks.requirements.facts_score import Tally
from benchmarks.requirements.score import Score, labelled_documents, score_document
from cluster.clients.sam_gov_values import readable
from pipelines.extract_requirements import extract_file, facts_to_record, to_json_lines

GOLD = Path(__file__).parent
_HEAD = """\
| notice | words | rows | P | R | F1 | facts P | R | F1 |
|---|---|---|---|---|---|---|---|---|
"""


class Labelled(BaseModel):
    """Which notice a gold file is about: its number, the file it is in, words of its text."""

    notice_id: str
    file: str
    words: int


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="all, if none is given")
    parser.add_argument("--notices", type=Path, required=True)
    parser.add_argument("--errors", action="store_true", help="list missed and wrong rows")
    given = parser.parse_args(arguments)
    scores = score_notices(given.names or [*labelled_notices(GOLD)], given.notices)
    print(table(scores, labelled_notices(GOLD)))
    for name, score in scores.items() if given.errors else ():
        print("\n".join(_errors(name, score)))


def score_notices(names: Sequence[str], notices: Path, gold: Path = GOLD) -> dict[str, Score]:
    """By name. Blocks for about 0.1 s a notice and a second a file. Raises LookupError for a notice
    that its file does not hold, KeyError for a name without labels."""
    with tempfile.TemporaryDirectory() as directory:
        into = Path(directory)
        labelled = labelled_notices(gold)
        write_texts({name: labelled[name] for name in names}, notices, into, gold)
        found = into / "found"
        found.mkdir()
        return {name: _score(name, gold, into, found) for name in names}


def labelled_notices(gold: Path) -> dict[str, Labelled]:
    entries = json.loads((gold / "notices.json").read_text(encoding="utf-8"))
    return {name: Labelled.model_validate(entry) for name, entry in entries.items()}


def write_texts(labelled: dict[str, Labelled], notices: Path, into: Path, gold: Path) -> None:
    """One plain text file a notice, named as in `labelled_pages.json`. Raises LookupError."""
    documents = labelled_documents(gold)
    texts: dict[str, str] = {}
    for file in {about.file for about in labelled.values()}:
        wanted = {about.notice_id for about in labelled.values() if about.file == file}
        texts.update(_descriptions(notices / file, wanted))
    for name, about in labelled.items():
        if about.notice_id not in texts:
            raise LookupError(f"{about.file} has no notice {about.notice_id}")
        (into / documents[name].document).write_text(texts[about.notice_id], encoding="utf-8")


def table(scores: dict[str, Score], labelled: dict[str, Labelled]) -> str:
    """Markdown, one line a notice and one for all."""
    words = {name: labelled[name].words for name in scores}
    lines = [_line(name, words[name], score) for name, score in scores.items()]
    return _HEAD + "".join([*lines, _line("all", sum(words.values()), _total(scores.values()))])


def _descriptions(path: Path, wanted: set[str]) -> Iterator[tuple[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            told = json.loads(line)
            if told["noticeId"] in wanted:
                yield told["noticeId"], readable(told["description"])


def _score(name: str, gold: Path, texts: Path, found: Path) -> Score:
    extraction = extract_file(texts / labelled_documents(gold)[name].document).extraction
    (found / f"{name}.jsonl").write_text(to_json_lines(extraction), encoding="utf-8")
    facts = json.dumps(facts_to_record(extraction), ensure_ascii=False)
    (found / f"{name}.facts.json").write_text(facts, encoding="utf-8")
    return score_document(name, gold, found, texts)


def _total(scores: Iterable[Score]) -> Score:
    return sum(scores, Score())


def _line(name: str, words: int, score: Score) -> str:
    rows = (
        f"{score.rows.right} of {score.rows.right + score.rows.missing}, {score.rows.extra} wrong"
    )
    cells = (name, f"{words}", rows, *_rates(score.rows), *_rates(score.facts))
    return f"| {' | '.join(cells)} |\n"


def _rates(tally: Tally) -> Iterator[str]:
    return (f"{rate:.3f}" for rate in (tally.precision, tally.recall, tally.f1))


def _errors(name: str, score: Score) -> Iterator[str]:
    yield f"## {name}"
    for row in score.missed:
        yield f"missed {row.id} {row.actor}.{row.modality}.{row.type}: {row.quote}"
    for row in score.wrong:
        yield f"WRONG {row.actor}.{row.modality}.{row.type}: {row.quote}"


if __name__ == "__main__":
    main()
