"""A document in, its requirements and key facts out."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cluster.engines.reading import read_pages
from domain.pages import Page
from domain.requirements import Extraction, Requirement, extract

_FIELDS = (
    "id",
    "page",
    "section",
    "paragraph",
    "quote",
    "actor",
    "modality",
    "type",
    "due",
    "lead_in",
)


@dataclass(frozen=True, slots=True)
class ReadDocument:
    extraction: Extraction
    pages: tuple[Page, ...]


def extract_file(path: Path) -> ReadDocument:
    """Blocks for about 0.1 s a page. Raises NotFound or Unreadable."""
    pages = read_pages(path)
    return ReadDocument(extract(pages), tuple(pages))


def to_record(requirement: Requirement) -> dict[str, Any]:
    """One line of the labelling guideline's form."""
    return {name: getattr(requirement, name) for name in _FIELDS}


def to_json_lines(extraction: Extraction) -> str:
    lines = (json.dumps(to_record(row), ensure_ascii=False) for row in extraction.requirements)
    return "".join(f"{line}\n" for line in lines)


def facts_to_record(extraction: Extraction) -> dict[str, Any]:
    return asdict(extraction.facts)


def to_json(extraction: Extraction) -> str:
    """Rows and key facts in one object."""
    rows = [to_record(row) for row in extraction.requirements]
    whole = {"requirements": rows, "facts": facts_to_record(extraction)}
    return json.dumps(whole, ensure_ascii=False, indent=2) + "\n"
