"""The sources of the made-up solicitations: text with its labels in place."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SOURCES = Path(__file__).parent
_LABEL = re.compile(r"\{(?P<code>[A-Z][\w.]*\??)(?P<bar>\||\})")
_ACTORS = {"O": "offeror", "C": "contractor", "G": "government"}
_MODALITIES = {
    "req": "required",
    "proh": "prohibited",
    "imp": "imperative",
    "agr": "agrees",
    "cons": "consequence",
    "st": "states",
}
_TYPES = {
    "tech": "technical",
    "qual": "quality",
    "rep": "reporting",
    "deliv": "delivery",
    "mgmt": "management",
    "cert": "certification",
    "price": "pricing",
    "sub": "submission",
    "past": "past_performance",
}


@dataclass(slots=True)
class Label:
    """One requirement; `page` is known once its first word is laid out."""

    code: str
    section: str
    words: list[str] = field(default_factory=list)
    page: int = 0

    def record(self, identifier: str) -> dict[str, Any]:
        """A row in the guideline's form."""
        parts = self.code.rstrip("?").split(".")
        actor, modality, kind = parts if len(parts) == 3 else (parts[0], "st", "evaluation")
        due = re.search(r"~([^~]+)~", " ".join(self.words))
        return {
            "id": identifier,
            "page": self.page or 1,
            "section": self.section,
            "quote": " ".join(self.words).replace("~", ""),
            "actor": _ACTORS[actor],
            "modality": _MODALITIES.get(modality, modality),
            "type": _TYPES.get(kind, kind),
            "due": due and due[1],
            "optional": self.code.endswith("?"),
        }


@dataclass(frozen=True, slots=True)
class Word:
    text: str
    label: Label | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Words of one paragraph at a depth of indentation, or the cells of one row of a table."""

    cells: tuple[tuple[Word, ...], ...]
    kind: str
    indent: int = 0
    directive: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    facts: dict[str, Any]
    paragraphs: tuple[Paragraph, ...]
    labels: tuple[Label, ...]
    form: str
    """"pdf", "scan" or "docx"."""


def read_source(name: str) -> Source:
    """Raises ValueError for a label that is not closed."""
    facts, _, body = (SOURCES / f"{name}.txt").read_text(encoding="utf-8").partition("\n---\n")
    reader = _Reader()
    paragraphs = tuple(reader.read(line) for line in body.splitlines() if line.strip())
    if reader.open:
        raise ValueError(f"{name}: not closed: {reader.open.words}")
    directives = {paragraph.directive for paragraph in paragraphs}
    form = next((form for form in ("scan", "docx") if form in directives), "pdf")
    return Source(json.loads(facts), paragraphs, tuple(reader.labels), form)


class _Reader:
    def __init__(self) -> None:
        self.labels: list[Label] = []
        self.open: Label | None = None
        self._section = "A"

    def read(self, line: str) -> Paragraph:
        if line.startswith("@"):
            return self._directive(line[1:])
        text = line.strip()
        indent = (len(line) - len(line.lstrip())) // 2
        if row := re.match(r"(\|=?)(\{[^}|]*\})?(.*)\|$", text):
            return self._row(row[1], row[2] or "", row[3])
        if text.startswith("# "):
            return Paragraph((tuple(self._words(text[2:])),), "heading")
        text = re.sub(r"^- ", "• ", text)
        return Paragraph((tuple(self._words(text)),), "text", indent)

    def _directive(self, text: str) -> Paragraph:
        name, _, rest = text.partition(" ")
        if name == "section":
            self._section = rest
        return Paragraph(((Word(rest),),), "directive", directive=name)

    def _row(self, mark: str, label: str, rest: str) -> Paragraph:
        if label:
            self._start(label.strip("{}"))
        parts = re.split(r"(?<![\w?])\|", rest)
        cells = tuple(tuple(self._words(part)) for part in parts)
        if label:
            self.open = None
        return Paragraph(cells, "head" if mark == "|=" else "row")

    def _start(self, code: str) -> None:
        self.open = Label(code, self._section)
        self.labels.append(self.open)

    def _words(self, text: str) -> Iterator[Word]:
        """Blanks between the words; what stands against a brace stays against its word."""
        for piece in re.findall(r"\{[A-Z][\w.]*\??\||\}|[^\s{}]+", text):
            if _LABEL.fullmatch(piece):
                self._start(piece[1:-1])
            elif piece == "}":
                self.open = None
            else:
                if self.open:
                    self.open.words.append(piece)
                if plain := piece.replace("~", ""):
                    yield Word(plain, self.open)
