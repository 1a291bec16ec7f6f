"""Scores key facts and line items of the labelled documents, and writes the results.

python -m benchmarks.key_facts.run --documents DIRECTORY
"""

import argparse
import gzip
import json
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.requirements.facts_score import Tally, words_f1
from cluster.engines.reading import read_pages
from domain.key_facts import KeyFact, key_facts
from domain.line_items import ScheduleItem, schedule_items
from domain.pages import Page
from domain.requirements import extract

HERE = Path(__file__).parent
_ALIKE = 0.5
_LISTS = {
    "contact": "contacts",
    "page_limit": "page_limits",
    "evaluation_factor": "evaluation_factors",
}
_SINGLE = ("solicitation_number", "response_deadline", "questions_due", "set_aside", "naics")

Atom = tuple[str, str]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=Path, required=True)
    given = parser.parse_args(arguments)
    truth = json.loads((HERE / "truth.json").read_text(encoding="utf-8"))
    lines = ["# Key facts and line items with their places\n", _HEAD]
    facts_total, cells_total, wrong = Tally(), Tally(), []
    for name, told in truth.items():
        facts, items = found_in(read(given.documents / name))
        mine, theirs = set(_told_atoms(told)), set(_found_atoms(facts, told))
        cells, found = set(_told_cells(told)), set(_found_cells(items, told))
        facts_score, cells_score = _tally(mine, theirs), _tally(cells, found)
        facts_total, cells_total = facts_total + facts_score, cells_total + cells_score
        lines.append(_row(name, facts_score, cells_score))
        wrong += [
            f"- {name}: missed {' '.join(atom)}" for atom in sorted((mine | cells) - theirs - found)
        ]
        wrong += [
            f"- {name}: wrong {' '.join(atom)}" for atom in sorted((theirs | found) - mine - cells)
        ]
    lines.append(_row("all", facts_total, cells_total))
    text = "\n".join([*lines, "\n## Errors\n", *wrong]) + "\n"
    (HERE / "RESULTS.md").write_text(text, encoding="utf-8")
    print(text)


_HEAD = (
    "| document | facts P | facts R | cells of items P | cells of items R |\n|---|---|---|---|---|"
)


def read(path: Path) -> list[Page]:
    if path.suffix != ".gz":
        return read_pages(path)
    with tempfile.TemporaryDirectory() as directory:
        plain = Path(directory) / path.stem
        plain.write_bytes(gzip.decompress(path.read_bytes()))
        return read_pages(plain)


def found_in(pages: list[Page]) -> tuple[tuple[KeyFact, ...], tuple[ScheduleItem, ...]]:
    return key_facts(pages, extract(pages).facts), schedule_items(pages)


def _told_atoms(told: Mapping[str, Any]) -> Iterator[Atom]:
    for name in _SINGLE:
        if told[name] is not None:
            yield name, _plain(told[name].removesuffix(" null"))
    for name, field in _LISTS.items():
        for value in told[field] or []:
            yield name, _plain(str(value))


def _found_atoms(facts: Sequence[KeyFact], told: Mapping[str, Any]) -> Iterator[Atom]:
    for fact in facts:
        if fact.name in _SINGLE or told[_LISTS[fact.name]] is not None:
            yield fact.name, _plain(fact.value)


def _told_cells(told: Mapping[str, Any]) -> Iterator[Atom]:
    for item in told["line_items"]:
        for name in (
            "number",
            "description",
            "quantity",
            "unit",
            "nsn",
            "delivery",
            "place",
            "page",
        ):
            if item[name] is not None:
                yield f"{item['number']} {name}", _plain(str(item[name]))


def _found_cells(items: Sequence[ScheduleItem], told: Mapping[str, Any]) -> Iterator[Atom]:
    """A description that is alike counts as the labelled one; an unlabelled page does not count."""
    by_number = {item["number"]: item for item in told["line_items"]}
    for item in items:
        mine = by_number.get(item.number, {})
        words = mine.get("description") or ""
        alike = words_f1(words, item.description.text) >= _ALIKE
        cells = {
            "number": item.number,
            "description": words if alike else item.description.text,
            "quantity": f"{item.quantity:g}" if item.quantity is not None else None,
            "unit": item.unit,
            "nsn": item.nsn and item.nsn.text,
            "delivery": item.delivery and item.delivery.text,
            "place": item.place and item.place.text,
            "page": str(item.description.page) if mine.get("page", 0) is not None else None,
        }
        for name, value in cells.items():
            if value:
                yield f"{item.number} {name}", _plain(value)


def _plain(text: str) -> str:
    """The continental zones in one form: "EST", "ET" and "Eastern Time" are the same."""
    zoned = re.sub(
        r" ([ecmp])(?:[sd]?t|astern.*|entral.*|ountain.*|acific.*)$", r" \1t", text.lower()
    )
    return re.sub(r"[^a-z0-9@:]", "", zoned)


def _tally(told: set[Atom], found: set[Atom]) -> Tally:
    return Tally(len(told & found), len(found - told), len(told - found))


def _row(name: str, facts: Tally, cells: Tally) -> str:
    numbers = (facts.precision, facts.recall, cells.precision, cells.recall)
    return f"| {name} | " + " | ".join(f"{number:.2f}" for number in numbers) + " |"


if __name__ == "__main__":
    main()
