"""The floor under extraction from made-up solicitations in other manners than the real ones."""

import pytest

from benchmarks.requirements.unseen.run import score_all


@pytest.mark.parametrize(
    ("name", "precision", "recall"),
    [("cdc_lab", 0.90, 0.85), ("uscg_synopsis", 0.90, 0.80)],
)
def test_rows_of_a_solicitation_in_another_manner(
    name: str, precision: float, recall: float
) -> None:
    rows = score_all((name,))[name].rows
    assert rows.precision >= precision
    assert rows.recall >= recall
