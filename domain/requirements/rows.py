"""From paragraphs to rows: sentences with a duty, list items with that of their lead-in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain.requirements.blocks import Block
from domain.requirements.duties import Setting, duty_of
from domain.requirements.evaluation import is_evaluation, is_rating
from domain.requirements.exclusions import is_excluded
from domain.requirements.grammar import masked
from domain.requirements.imperatives import is_imperative
from domain.requirements.leads import (
    are_alternatives,
    are_names,
    is_name,
    asks_choice,
    is_complete,
    is_condition,
)
from domain.requirements.models import Duty
from domain.requirements.outline import Node
from domain.requirements.sections import section_of
from domain.requirements.sentences import sentence_spans

_LABEL = re.compile(
    r"(?:[A-Z\d][\w/&.,()’'§–-]*(?:\s+[\w/&.,()’'§–-]+){0,7}\s*(?::|\s[-–—](?=\s)|—)\s+)(?=\S)"
)
_TITLE = re.compile(r"(?:[A-Z][\w/’'(),;—–-]*(?:\s+[\w/’'(),;—–-]+){0,11}\.\s+)(?=[\[(A-Z])")
_VERB = re.compile(
    r"\b(?:shall|must|will|should|may|is|are|has|have|please|do not|submit|provide|includes?)\b",
    re.IGNORECASE,
)
_DEFINITIONS = re.compile(r"definitions?\b", re.IGNORECASE)
_FINITE = re.compile(
    r"\b(?:shall|must|will|should|may|can|is|are|was|were|has|have|had|does|do|includes?|means|uses|please|either|submit|provide)\b|@|https?:|\d{3}[.-]\d{4}",
    re.IGNORECASE,
)
_DELIVERABLE = re.compile(r"(?:deliverable|cdrl|milestone)\b", re.IGNORECASE)
_TITLE_WORDS = 9
_HIGH_RANK = 3
"""Of the headings of parts, sections and clauses: on a form's front only these end section A."""
_SENT = re.compile(
    r"\b(?:submit|include|provide|send|return|complete|attach|e-?mail|receiv|due)\w*\b.*\b(?:quot\w+|offers?|proposals?|bids?)\b|"
    r"\b(?:quot(?:es?|ations?)|offers?|proposals?|bids?)\b.{0,60}\b(?:submit|include|receiv|due|contain)\w*", re.IGNORECASE)
_BLANK = re.compile(r"_{3,}\W*$|^\W*$")
_SPEC = re.compile(
    r"\bsalient\b|\bcharacteristics\b|\bspecifications?\b|\bdeliverables\b|\bminimum requirements?\b|"
    r"\btechnical requirements?\b|\bphysical requirements?\b|\bfeatures\b",
    re.IGNORECASE,
)
_INFORMS = re.compile(
    r"\bfor (?:informational?|reference|illustrative|example) (?:purposes? )?only\b|\bfor information purposes\b", re.IGNORECASE
)
_CHECKLIST = re.compile(r"\bcheck ?list\b", re.IGNORECASE)
_LIST_KINDS = frozenset({"•", "-", "–", "o", "[ ]", "*", "○", "▪", "●", "■", "\uf0b7", "\uf0a7"})


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a paragraph."""

    block: Block
    start: int
    end: int

    @property
    def text(self) -> str:
        return self.block.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Row:
    """A requirement before its fields are filled in."""

    parts: tuple[Part, ...]
    duty: Duty
    node: Node
    section: str
    lead_in: str | None = None
    label: str = ""

    @property
    def quote(self) -> str:
        return " ".join(part.text for part in self.parts)


@dataclass(frozen=True, slots=True)
class _Lead:
    """A governing text, and the duty that it hands to items without one of their own."""

    text: str
    duty: Duty | None


class RowFinder:
    """`form` says that the document begins with a standard form, whose front is section A."""

    def __init__(self, agencies: frozenset[str], *, form: bool) -> None:
        self._agencies = agencies
        self._form = form
        self._defining: tuple[object, ...] | None = None
        self._informing: tuple[object, ...] | None = None

    def rows(self, node: Node) -> Iterator[Row]:
        """Of a node and all below it, in the order of the document."""
        if self._skips(node):
            return
        yield from self._visit(node, None)

    def setting(self, node: Node, text: str) -> Setting:
        letter = section_of(node.path)
        high = any(heading.rank <= _HIGH_RANK for heading in node.path)
        if self._form and node.block.page == 1 and not high:
            letter = "A"
        return Setting(letter or by_content(text), self._agencies)

    def _skips(self, node: Node) -> bool:
        """Whether it belongs to the definitions of a clause: up to the next numbered paragraph."""
        if _DEFINITIONS.match(node.block.content) or any(
            _DEFINITIONS.match(h.title) for h in node.path[-1:]
        ):
            self._defining = node.path
            return True
        if _INFORMS.search(node.block.text[:300]) and node.path:
            self._informing = node.path
        if self._informing is not None and node.path[: len(self._informing)] == self._informing:
            return True
        if self._defining is not None and (node.path != self._defining or node.is_item):
            self._defining = None
        return self._defining is not None

    def _visit(self, node: Node, lead: _Lead | None) -> Iterator[Row]:
        if _DEFINITIONS.match(node.block.content) or not node.block.content.strip():
            yield from self._below(node, lead if not node.block.content.strip() else None)
            return
        governed = lead is not None and lead.duty is not None and lead.duty.modality != "agrees"
        start, label = _behind_label(node.block, titled=not governed)
        spans = sentence_spans(node.block.text, start)
        rest = node.block.text[start:]
        own = self._own(node, rest)
        plain = own is None or (own.actor == "government" and lead is not None)
        titled = node.kind != "[ ]" and _is_title(rest) and plain
        if node.children and titled:
            yield from self._below(node, lead)
            return
        leading = spans[-1] if node.children and spans and self._leads(node, spans[-1]) else None
        yield from self._sentences(node, spans[:-1] if leading else spans, lead, label)
        if leading is None:
            yield from self._below(node, None)
        else:
            yield from self._list(node, leading, lead, label, first=len(spans) == 1)

    def _leads(self, node: Node, last: tuple[int, int]) -> bool:
        return node.leads or asks_choice(node.block.text[slice(*last)])

    def _below(self, node: Node, lead: _Lead | None) -> Iterator[Row]:
        for child in node.children:
            yield from self._visit(child, lead)

    def _sentences(
        self, node: Node, spans: Sequence[tuple[int, int]], lead: _Lead | None, label: str
    ) -> Iterator[Row]:
        """Each sentence with a duty; the item's first sentences with that of the lead-in."""
        owns = [self._own(node, node.block.text[slice(*span)]) for span in spans]
        handed = lead.duty if lead else None
        if handed is None and node.is_item:
            handed = self._by_place(node, label, spans)
        number = 0
        if (
            spans
            and handed
            and owns[0] is None
            and _says_something(node.block.text[slice(*spans[0])], handed)
        ):
            number = next((at for at, own in enumerate(owns) if own), len(owns))
            yield self._row(node, (spans[0][0], spans[number - 1][1]), handed, lead, label)
        for at in range(number, len(spans)):
            own = owns[at]
            if own and at == 0 and lead and lead.duty:
                duty = _governed(own, lead.duty)
                end = _explained(owns) if own == lead.duty else 1
                yield self._row(node, (spans[0][0], spans[end - 1][1]), duty, lead, label)
            elif own:
                yield self._row(node, spans[at], own, None, label if at == 0 else "")

    def _list(
        self, node: Node, span: tuple[int, int], lead: _Lead | None, label: str, *, first: bool
    ) -> Iterator[Row]:
        text = node.block.text[slice(*span)]
        own = self._own(node, text)
        handed = lead.duty if lead and first else None
        if handed is None and node.kind == "[ ]":
            handed = self._by_place(node, label, [span])
        if own is None and is_excluded(text):
            handed = None
        duty = _governed(own, handed) if own and handed else own or handed
        if duty is None:
            handing = first and not is_excluded(text)
            yield from self._below(node, self._passed(node, text, lead) if handing else None)
            return
        items = [child.block.text for child in node.children]
        contents = [child.block.content for child in node.children]
        example = len(contents) == 1 and node.children[0].kind == "line"
        if are_names(contents) or example:
            yield self._row(node, span, duty, lead if handed else None, label)
            return
        whole = duty.actor != "government" and duty.modality != "prohibited"
        if is_condition(text) or (whole and self._chosen(node, text, items)):
            yield replace(self._row(node, span, duty, lead, label), parts=tuple(_whole(node, span)))
            yield from self._fill_ins(node)
            return
        if self._stands_alone(node, text, own, items):
            yield self._row(node, span, duty, lead if handed else None, label)
        yield from self._below(node, _Lead(text, duty))

    def _fill_ins(self, node: Node) -> Iterator[Row]:
        """Orders in brackets behind the alternatives are rows of their own."""
        for child in node.children:
            end = _behind_fill_in(child.block)
            for span in sentence_spans(child.block.text, end) if end < len(child.block.text) else ():
                own = self._own(child, child.block.text[slice(*span)])
                if own:
                    yield self._row(child, span, own, None, "")

    def _passed(self, node: Node, text: str, lead: _Lead | None) -> _Lead | None:
        """A lead-in without a duty of its own hands down what its list had, if it had one."""
        return _Lead(text, lead.duty) if lead and lead.duty and len(text.split()) < 12 else None

    def _chosen(self, node: Node, text: str, items: list[str]) -> bool:
        checklist = any(_CHECKLIST.search(heading.title) for heading in node.path)
        return are_alternatives(text, items) and (asks_choice(text) or not checklist)

    def _stands_alone(self, node: Node, text: str, own: Duty | None, items: Sequence[str]) -> bool:
        if own and own.actor == "government":
            return True
        if self._is_checked(node) and own is None:
            return len(text.split()) > 2
        if items and all(_BLANK.search(item.strip()) for item in items):
            return own is not None
        if re.search(r"\bas follows\W*$", text):
            return not any(self._own(child, child.block.content) for child in node.children)
        if own and own.modality == "agrees":
            return False
        return is_complete(text) and (own is not None or len(text.split()) > 5)

    def _is_checked(self, node: Node) -> bool:
        """Whether it is a line of a checklist."""
        return node.kind == "[ ]" and any(_CHECKLIST.search(h.title) for h in node.path)

    def _own(self, node: Node, text: str) -> Duty | None:
        if len(text.split()) < 2:
            return None
        return duty_of(text, self.setting(node, text))

    def _by_place(self, node: Node, label: str, spans: Sequence[tuple[int, int]]) -> Duty | None:
        """Items of checklists and of lists of characteristics are duties without a verb."""
        titles = " / ".join(heading.title for heading in node.path[-2:])
        if (
            _CHECKLIST.search(" / ".join(heading.title for heading in node.path))
            and node.kind in _LIST_KINDS
        ):
            return Duty("offeror", "must")
        if _is_under_statement(node) or any(heading.clause for heading in node.path):
            return None
        listed = node.kind in _LIST_KINDS or node.kind in {"1.", "a.", "(1)", "(a)", "1)"}
        section = section_of(node.path)
        if (
            listed
            and section in {"C", None}
            and (_SPEC.search(titles) or _DELIVERABLE.match(label))
        ):
            return Duty("contractor", "states")
        text = node.block.text[slice(*spans[0])] if spans else ""
        if listed and node.kind != "[ ]" and section == "L" and not _FINITE.search(text):
            return Duty("offeror", "states")
        return None

    def _row(
        self, node: Node, span: tuple[int, int], duty: Duty, lead: _Lead | None, label: str
    ) -> Row:
        text = node.block.text[slice(*span)]
        part = Part(node.block, *span)
        section = self._section(node, lead.text if lead else text, duty)
        return Row((part,), duty, node, section, lead.text if lead else None, label)

    def _section(self, node: Node, text: str, duty: Duty) -> str:
        """Of the headings, but what an offer holds is L in a schedule or specification too, and
        how offers are judged is M outside the clauses."""
        letter = self.setting(node, text).section
        in_clause = any(heading.clause for heading in node.path)
        if in_clause:
            return letter
        if duty.actor == "government" and not is_rating(text):
            return "M"
        if letter in {"B", "C"} and duty.actor == "offeror" and _SENT.search(text):
            return "L"
        return letter


def _governed(own: Duty, lead: Duty) -> Duty:
    """An item takes the force of its lead-in, unless it has a verb of duty itself."""
    weak = own.modality in {"imperative", "states"} or lead.modality == "agrees"
    if lead.actor == "government" or own.actor == "government":
        return own
    return lead if weak else own


def _is_under_statement(node: Node) -> bool:
    """Whether what it hangs under is more than a label."""
    return node.parent is not None and not _is_title(node.parent.block.content)


def _explained(owns: Sequence[Duty | None]) -> int:
    """How many sentences an item has up to the second with a duty of its own."""
    return next((at for at, own in enumerate(owns) if own and at), len(owns))


def by_content(text: str) -> str:
    """The section of a sentence in a document without headings that tell."""
    if is_evaluation(text):
        return "M"
    words = r"\b(?:offer(?:or)?s?|quot(?:e|es|er|ers|ation|ations)|proposals?|bid(?:der)?s?|responses?|questions?|vendors?|solicitation)\b"
    return "L" if re.search(words, text, re.IGNORECASE) else "C"


def _is_numbered(block: Block) -> bool:
    return any(marker.kind.startswith("(") for marker in block.markers)


def _is_title(text: str) -> bool:
    """A label over a list of its own."""
    bare = masked(text)
    return (
        0 < len(bare.split()) <= _TITLE_WORDS and not _FINITE.search(text) and not is_imperative(text)
    )


def _behind_label(block: Block, *, titled: bool) -> tuple[int, str]:
    """Where the text begins behind a run-in label or title, and the label."""
    start, label = block.body, ""
    for pattern in (_LABEL, _LABEL, _TITLE) if titled else (_LABEL, _LABEL):
        found = pattern.match(block.text, start)
        if (
            found
            and not _VERB.search(found.group())
            and found.end() < len(block.text)
            and (pattern is _LABEL or _is_numbered(block))
        ):
            start, label = found.end(), f"{label} {found.group()}".strip()
    return start, label


def _whole(node: Node, span: tuple[int, int]) -> Iterator[Part]:
    """The lead-in and all below it."""
    yield Part(node.block, *span)
    for child in node.children:
        yield Part(child.block, 0, _behind_fill_in(child.block))
        for grandchild in child.children:
            yield from _whole(grandchild, (0, len(grandchild.block.text)))


def _behind_fill_in(block: Block) -> int:
    """Where a text ends before an order in brackets to fill in a blank."""
    found = re.search(r"\s*\[\s*The (?:offeror|contractor|quoter) shall (?:enter|list|insert)", block.text)
    return found.start() if found else len(block.text)


def _says_something(text: str, handed: Duty) -> bool:
    """Not only a label over a list of its own, a reserved place or a blank to fill in."""
    bare = text.strip(" .:;—–-[]()")
    if re.match(r"be (?:punished|subject|ineligible|liable)\b", bare, re.IGNORECASE):
        return False
    if is_name(text) or len(text.split()) < 7 and text.rstrip().endswith(":") or (is_excluded(text) and handed.modality != "agrees") or re.search(r"_{4,}\W*$", text):
        return False
    return bool(bare) and not re.fullmatch(r"(?:reserved|n/?a|none|or|and|_+)", bare, re.IGNORECASE)
