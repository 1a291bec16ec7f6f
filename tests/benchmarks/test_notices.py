"""The labelled notices keep to the guideline; the runner reads, extracts and scores a notice."""

import gzip
import json
from pathlib import Path
from typing import get_args

import pytest

from benchmarks.requirements.facts_score import KeyFacts, Tally
from benchmarks.requirements.notices.run import (
    GOLD,
    labelled_notices,
    score_notices,
    table,
    write_texts,
)
from benchmarks.requirements.score import Row, labelled_documents, read_rows
from domain.requirements.models import Kind, Modality

DELIVER = "The contractor shall deliver the centrifuge within 30 days of award."
QUOTES = "Quotes must be submitted by e-mail to buyer@example.gov."
PARKING = "Parking is free."


@pytest.fixture
def notices(tmp_path: Path) -> Path:
    """Notices in a file, beside the labels of one of them."""
    description = f"<p>{DELIVER}</p><p>{QUOTES}</p><p>{PARKING}</p>"
    lines = [
        {"noticeId": "other", "description": None},
        {"noticeId": "abc", "description": description},
    ]
    with gzip.open(tmp_path / "some.jsonl.gz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)
    _write_gold(tmp_path, "abc")
    return tmp_path


def test_a_notice_is_read_without_its_html_extracted_and_scored(notices: Path) -> None:
    scores = score_notices(["one"], notices, notices)
    assert scores["one"].rows == Tally(right=2)
    assert "| all | 12 | 2 of 2, 0 wrong | 1.000 | 1.000 | 1.000 |" in table(
        scores, labelled_notices(notices)
    )


def test_a_labelled_row_that_is_not_extracted_is_missed(notices: Path) -> None:
    _write_rows(notices, [DELIVER, PARKING])
    score = score_notices(["one"], notices, notices)["one"]
    assert score.rows == Tally(right=1, extra=1, missing=1)
    assert [row.quote for row in score.missed] == [PARKING]


def test_a_notice_that_the_file_does_not_hold_is_an_error(notices: Path) -> None:
    _write_gold(notices, "gone")
    with pytest.raises(LookupError, match="gone"):
        write_texts(labelled_notices(notices), notices, notices, notices)


def test_each_notice_has_labels_and_each_row_an_id_of_its_own() -> None:
    names = list(labelled_notices(GOLD))
    assert names == list(labelled_documents(GOLD))
    assert names == sorted(path.stem for path in GOLD.glob("*.jsonl"))
    rows = [row for name in names for row in read_rows(GOLD / f"{name}.jsonl")]
    assert len({row.id for row in rows}) == len(rows)


@pytest.mark.parametrize("name", labelled_notices(GOLD))
def test_the_labels_keep_to_the_words_of_the_guideline(name: str) -> None:
    rows = read_rows(GOLD / f"{name}.jsonl")
    assert {row.page for row in rows} == {1}
    assert {row.actor for row in rows} <= {"offeror", "contractor", "government"}
    assert {row.section for row in rows} <= set("ABCDEFGHIJKLM")
    assert {row.modality for row in rows} <= {*get_args(Modality)}
    assert {row.type for row in rows} <= {*get_args(Kind)}
    for row in rows:
        assert (row.actor == "government") == (row.type == "evaluation"), row.id
        assert row.type != "evaluation" or row.modality == "states", row.id
        assert row.due is None or row.due in row.quote, row.id
    KeyFacts.model_validate_json((GOLD / f"{name}.facts.json").read_bytes())


def _write_gold(folder: Path, notice_id: str) -> None:
    about = {"notice_id": notice_id, "file": "some.jsonl.gz", "words": 12}
    (folder / "notices.json").write_text(json.dumps({"one": about}))
    pages = {"document": "one.txt", "first": 1, "last": 1}
    (folder / "labelled_pages.json").write_text(json.dumps({"one": pages}))
    (folder / "one.facts.json").write_text("{}")
    _write_rows(folder, [DELIVER, QUOTES])


def _write_rows(folder: Path, quotes: list[str]) -> None:
    rows = [Row(id=f"{number}", page=1, quote=quote) for number, quote in enumerate(quotes)]
    (folder / "one.jsonl").write_text("\n".join(row.model_dump_json() for row in rows))
