"""Invented notices to measure with: the same ones each time."""

import csv
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cluster.clients.sam_gov_records import CSV_COLUMNS, from_csv
from cluster.servers.sam_gov_sandbox.generator import Row, notice
from domain.opportunity import OpportunityDiscovered

_FIRST_POSTED = datetime(2026, 1, 1, tzinfo=UTC)
_PARAGRAPHS = 400
_MORE = (0, 1, 2, 3, 8)
"""Paragraphs that follow a description: with them rows are as long as SAM.gov's, 2.5 kB a piece."""


def rows(count: int) -> Iterator[Row]:
    """As in SAM.gov's bulk file. About a millisecond each."""
    dice = random.Random(4)  # noqa: S311 - it is to be the same each time
    paragraphs = [notice(number, _FIRST_POSTED)["Description"] for number in range(_PARAGRAPHS)]
    for number in range(count):
        row = notice(number, _FIRST_POSTED + timedelta(minutes=number))
        more = dice.sample(paragraphs, dice.choice(_MORE))
        yield row | {"Description": " ".join([row["Description"], *more])}


def discoveries(count: int) -> list[OpportunityDiscovered]:
    return [OpportunityDiscovered(notice=from_csv(row).notice, form=3) for row in rows(count)]


def bulk_csv(folder: Path, count: int) -> Path:
    """Written once, then found again."""
    path = folder / f"notices_{count}.csv"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        with unfinished.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, CSV_COLUMNS)
            writer.writeheader()
            writer.writerows(rows(count))
        unfinished.rename(path)
    return path
