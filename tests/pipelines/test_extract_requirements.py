"""The whole way from a file to the guideline's form, and the score on real documents."""

import json
from pathlib import Path

import pytest

from benchmarks.requirements.run import main
from pipelines.extract_requirements import extract_file, to_json, to_json_lines
from tests.shared_data import shared

_LEAST = 0.95


def test_rows_in_the_form_of_the_guideline(tmp_path: Path) -> None:
    path = tmp_path / "rfq.txt"
    path.write_text("The contractor shall sweep the hall daily.", encoding="utf-8")
    read = extract_file(path)
    (line,) = to_json_lines(read.extraction).splitlines()
    assert json.loads(line) == {
        "id": "001-01",
        "page": 1,
        "section": "C",
        "paragraph": None,
        "quote": "The contractor shall sweep the hall daily.",
        "actor": "contractor",
        "modality": "shall",
        "type": "technical",
        "due": "daily",
        "lead_in": None,
    }
    assert json.loads(to_json(read.extraction))["requirements"] == [json.loads(line)]


@pytest.mark.timeout(120)
def test_labelled_documents_are_met(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    documents = shared("documents")
    main(["--documents", str(documents), "--results", str(tmp_path / "RESULTS.md")])
    total = capsys.readouterr().out.strip().splitlines()[-1].split("|")
    precision, recall = float(total[3]), float(total[4])
    assert precision >= _LEAST
    assert recall >= _LEAST
