"""`mch requirements`: what a solicitation on disk asks of a bidder."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Format(StrEnum):
    JSONL = "jsonl"
    JSON = "json"


def requirements(
    file: Annotated[Path, typer.Argument(help="A PDF, DOCX or text file.")],
    form: Annotated[
        Format, typer.Option("--format", help="Rows one a line, or all with the key facts.")
    ] = Format.JSONL,
) -> None:
    """Print each requirement with its place, as the labelling guideline writes them."""
    from pipelines.extract_requirements import extract_file, to_json, to_json_lines  # noqa: PLC0415 - slow import

    extraction = extract_file(file).extraction
    sys.stdout.write(to_json(extraction) if form is Format.JSON else to_json_lines(extraction))
