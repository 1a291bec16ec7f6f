"""Makes the documents and the gold of the made-up solicitations in a directory.

python -m benchmarks.requirements.unseen.make --into DIRECTORY
"""

import argparse
import json
from itertools import groupby
from pathlib import Path
from typing import Any

import docx

from benchmarks.requirements.unseen.sheets import write_pdf, write_scan
from benchmarks.requirements.unseen.source import Paragraph, Source, read_source

TUNED = ("dla_rfq", "navy_ucf", "cdc_lab", "fema_ppe", "gsa_ebuy")
BLIND = ("army_sf1449", "ihs_letter", "uscg_synopsis", "bop_dental", "veterans_home")
STRANGERS = (
    "va_prosthetics",
    "dla_pharma",
    "ihs_lab",
    "mcaac_staffing",
    "simple_rfq",
    "county_ems",
)
EVERY = (*TUNED, *BLIND, *STRANGERS)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, required=True)
    into: Path = parser.parse_args().into
    into.mkdir(parents=True, exist_ok=True)
    make_all(EVERY, into)


def make_all(names: tuple[str, ...], into: Path) -> None:
    """Documents, `.jsonl`, `.facts.json` and `labelled_pages.json` as the scorer reads them."""
    pages = {name: make(name, into) for name in names}
    (into / "labelled_pages.json").write_text(json.dumps(pages), encoding="utf-8")


def make(name: str, into: Path) -> dict[str, Any]:
    """Returns what `labelled_pages.json` says about it. A scan is scored by its printed form."""
    source = read_source(name)
    file = f"{name}.docx" if source.form == "docx" else f"{name}.pdf"
    if source.form == "docx":
        write_docx(source, into / file)
    else:
        write_pdf(source, into / file)
    if source.form == "scan":
        write_scan(into / file, into / f"{name}.scan.pdf")
    rows = [label.record(f"{name}-{number:03}") for number, label in enumerate(source.labels, 1)]
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (into / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    (into / f"{name}.facts.json").write_text(json.dumps(source.facts), encoding="utf-8")
    return {"document": file, "first": 1, "last": max(row["page"] for row in rows)}


def write_docx(source: Source, path: Path) -> None:
    document = docx.Document()
    printed = [paragraph for paragraph in source.paragraphs if paragraph.kind != "directive"]
    for is_table, group in groupby(printed, lambda one: one.kind in ("row", "head")):
        if is_table:
            _add_table(document, list(group))
        else:
            for paragraph in group:
                _add(document, paragraph)
    document.save(str(path))


def _add(document: Any, paragraph: Paragraph) -> None:
    text = _text(paragraph.cells[0])
    if paragraph.kind == "heading":
        document.add_heading(text, level=2)
    elif text.startswith("• "):
        document.add_paragraph(text[2:], style="List Bullet")
    else:
        document.add_paragraph(text).paragraph_format.left_indent = docx.shared.Pt(
            18 * paragraph.indent
        )


def _add_table(document: Any, rows: list[Paragraph]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0].cells))
    table.style = "Table Grid"
    for row in rows:
        for cell, words in zip(table.add_row().cells, row.cells, strict=True):
            cell.text = _text(words)


def _text(words: Any) -> str:
    return " ".join(word.text for word in words)


if __name__ == "__main__":
    main()
