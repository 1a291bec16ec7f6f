"""From paragraphs to rows: sentences with a duty, list items with that of their lead-in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain.requirements.blocks import Block
from domain.requirements.exclusions import is_excluded
from domain.requirements.labels import (
    before_fill_in,
    behind_label,
    is_blank,
    is_title,
    says_something,
)
from domain.requirements.leads import (
    are_alternatives,
    are_names,
    asks_choice,
    is_complete,
    is_condition,
    is_item_with_list,
)
from domain.requirements.models import Duty
from domain.requirements.outline import Node
from domain.requirements.sentences import sentence_spans
from domain.requirements.standing import DEFINITIONS, Skipping, Standing, in_checklist

Span = tuple[int, int]
_AS_FOLLOWS = re.compile(r"\bas follows\W*$")
_OPEN = re.compile(
    r"\b(?:shall|must|will|should|to)\b[^;]*\b(?:include|contain|consist of|(?:have"
    r"|include) (?:these|the)"
    r"(?: following)? (?:parts?|volumes|sections|items|documents))\s*:$"
)
_PASSED_WORDS = 12
_STATEMENT_WORDS = 6
_CHECKED_WORDS = 3
_NAME_WORDS = 2
"""Of a first sentence that only names what the others are about: "Gowns." """


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
    duty: Duty


class RowFinder:
    """Asked node by node, in the order of the document."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing
        self._skipping = Skipping()

    def rows(self, node: Node) -> Iterator[Row]:
        """Of a node and all below it."""
        if not self._skipping.covers(node):
            yield from self._visit(node, None)

    def _visit(self, node: Node, lead: _Lead | None) -> Iterator[Row]:
        if not node.block.content.strip():
            yield from self._below(node, lead)
            return
        if DEFINITIONS.match(node.block.content):
            return
        start, label = behind_label(node.block, titled=not lead or lead.duty.modality == "agrees")
        if self._is_titled(node, start):
            yield from self._titled(node, start, lead)
            return
        spans = sentence_spans(node.block.text, start)
        if not (node.children and spans and self._leads(node, spans[-1])):
            yield from self._sentences(node, spans, lead, label)
            yield from self._below(node, None)
            return
        yield from self._sentences(node, spans[:-1], lead, label)
        only = len(spans) == 1
        yield from self._list(node, spans[-1], lead if only else None, label, only=only)

    def _is_titled(self, node: Node, start: int) -> bool:
        text = node.block.text[start:]
        if not node.children or node.kind == "[ ]" or not is_title(text):
            return False
        own = self._standing.own_duty(node, text)
        return own is None or own.actor == "government"

    def _titled(self, node: Node, start: int, lead: _Lead | None) -> Iterator[Row]:
        """A title over a list hands down what stands over itself; it may order factors."""
        own = self._standing.own_duty(node, node.block.text[start:])
        if own:
            yield self._row(node, (start, len(node.block.text)), own, lead)
        elif lead and is_item_with_list(node.block.text):
            yield self._row(node, (start, len(node.block.text)), lead.duty, lead)
        if own is None and self._standing.specifies(node, node.block.text[start:]):
            own = Duty("contractor", "states")
        yield from self._below(node, lead or (_Lead(node.block.content, own) if own else None))

    def _leads(self, node: Node, last: Span) -> bool:
        return node.leads or asks_choice(node.block.text[slice(*last)])

    def _below(self, node: Node, lead: _Lead | None) -> Iterator[Row]:
        for child in node.children:
            yield from self._visit(child, lead)

    def _sentences(
        self, node: Node, spans: Sequence[Span], lead: _Lead | None, label: str
    ) -> Iterator[Row]:
        """Each sentence with a duty; the item's first sentences with that of the lead-in."""
        texts = [node.block.text[slice(*span)] for span in spans]
        owns = [self._standing.own_duty(node, text) for text in texts]
        if not spans:
            return
        end = (
            next((at for at, own in enumerate(owns) if own), len(owns))
            if lead or not owns[0]
            else 0
        )
        alone = lead is None or any(owns[1:])
        named = alone and len(texts) > 1 and len(texts[0].split()) <= _NAME_WORDS
        handed = None if named else self._handed(node, lead, label, texts[0])
        taken = 0
        if owns[0] is None and handed and says_something(texts[0], handed):
            yield self._row(node, (spans[0][0], spans[end - 1][1]), handed, lead, label)
            taken = end
        for at, own in enumerate(owns):
            if own and at == 0 and lead:
                end = _explained(owns) if own == lead.duty else 1
                whole = spans[0][0], spans[end - 1][1]
                yield self._row(node, whole, _governed(own, lead.duty), lead, label)
            elif own and not _is_open(texts[at]):
                yield self._row(node, spans[at], own, None, label if at == 0 else "")
            elif at >= taken and not (own or lead):
                yield from self._learned(node, spans[at])

    def _learned(self, node: Node, span: Span) -> Iterator[Row]:
        found = self._standing.learned_duty(node, node.block.text[slice(*span)])
        if found:
            yield self._row(node, span, found, None)

    def _handed(self, node: Node, lead: _Lead | None, label: str, text: str) -> Duty | None:
        if lead:
            return lead.duty
        return self._standing.duty_by_place(node, label, text)

    def _list(
        self, node: Node, span: Span, lead: _Lead | None, label: str, *, only: bool
    ) -> Iterator[Row]:
        """A lead-in and its list; `only` says that it is the node's one sentence."""
        text = node.block.text[slice(*span)]
        own = self._standing.own_duty(node, text)
        handed = self._handed(node, lead, label, text) if lead or node.kind == "[ ]" else None
        if own is None and is_excluded(text):
            handed = None
        duty = _governed(own, handed) if own and handed else own or handed
        if duty is None:
            stated = self._standing.specifies(node, text)
            below = _Lead(text, Duty("contractor", "states")) if stated else None
            yield from self._below(node, below)
            return
        if own is None and lead and not _is_row(text) and only:
            if is_item_with_list(text):
                yield self._row(node, span, duty, lead, label)
            yield from self._below(node, _Lead(text, duty))
            return
        row = self._row(node, span, duty, lead if handed else None, label)
        if self._is_one(node, text, duty):
            yield replace(row, parts=tuple(self._whole(node, span)))
            yield from self._behind_choices(node)
        elif _lists_names(node):
            yield row
        else:
            if self._stands_alone(node, text, own) or (lead and is_item_with_list(text)):
                yield row
            yield from self._below(node, _Lead(text, duty))

    def _is_one(self, node: Node, text: str, duty: Duty) -> bool:
        """Whether lead-in and list are one duty: conditions, or alternatives to choose from."""
        if _lists_names(node):
            return False
        if is_condition(text):
            return True
        if duty.actor == "government" or duty.modality == "prohibited":
            return False
        items = [child.block.text for child in node.children]
        return are_alternatives(text, items) and (asks_choice(text) or not in_checklist(node))

    def _stands_alone(self, node: Node, text: str, own: Duty | None) -> bool:
        """Whether the lead-in is a row beside its items."""
        if own and own.actor == "government":
            return True
        if own is None and node.kind == "[ ]" and in_checklist(node):
            return len(text.split()) >= _CHECKED_WORDS
        if all(is_blank(child.block.text) for child in node.children):
            return own is not None
        if _AS_FOLLOWS.search(text):
            return not any(
                self._standing.own_duty(child, child.block.content) for child in node.children
            )
        if own and own.modality == "agrees":
            return False
        return is_complete(text) and (own is not None or _is_row(text))

    def _behind_choices(self, node: Node) -> Iterator[Row]:
        """What the last goes on with, such as an order in brackets to fill in a blank."""
        last = node.children[-1]
        end = self._end_of_choice(last)
        if end == len(last.block.text):
            return
        spans = sentence_spans(last.block.text, end)
        if last.children and self._leads(last, spans[-1]):
            yield from self._sentences(last, spans[:-1], None, "")
            yield from self._list(last, spans[-1], None, "", only=False)
        else:
            yield from self._sentences(last, spans, None, "")

    def _end_of_choice(self, node: Node) -> int:
        """Behind a box all sentences belong to the alternative, else those up to the next duty."""
        end = before_fill_in(node.block)
        if any(marker.kind == "[ ]" for marker in node.block.markers):
            return end
        for start, stop in sentence_spans(node.block.text[:end], node.block.body)[1:]:
            if self._standing.own_duty(node, node.block.text[start:stop]):
                return len(node.block.text[:start].rstrip())
        return end

    def _whole(self, node: Node, span: Span) -> Iterator[Part]:
        """The lead-in and all below it."""
        yield Part(node.block, *span)
        for child in node.children:
            last = child is node.children[-1]
            end = self._end_of_choice(child) if last else len(child.block.text)
            yield Part(child.block, 0, end)
            for grandchild in child.children if end == len(child.block.text) else ():
                yield from self._whole(grandchild, (0, len(grandchild.block.text)))

    def _row(self, node: Node, span: Span, duty: Duty, lead: _Lead | None, label: str = "") -> Row:
        text = lead.text if lead else node.block.text[slice(*span)]
        section = self._standing.section(node, text, duty)
        part = Part(node.block, *span)
        return Row((part,), duty, node, section, lead.text if lead else None, label)


def _governed(own: Duty, lead: Duty) -> Duty:
    """An item takes the force of its lead-in, unless it has a verb of duty itself."""
    weak = own.modality in {"imperative", "states"} or lead.modality == "agrees"
    if lead.actor == "government" or own.actor == "government":
        return own
    return lead if weak else own


def _explained(owns: Sequence[Duty | None]) -> int:
    """How many sentences an item has up to the second with a duty of its own."""
    return next((at for at, own in enumerate(owns) if own and at), len(owns))


def _is_open(text: str) -> bool:
    """Whether it leads to a list and orders nothing without it."""
    return bool(_OPEN.search(text))


def _is_row(text: str) -> bool:
    """Whether a lead-in with no verb of duty may say something by itself."""
    return len(text.split()) >= _STATEMENT_WORDS


def _lists_names(node: Node) -> bool:
    """Clauses, addresses, or one example line."""
    contents = [child.block.content for child in node.children]
    return are_names(contents) or (len(contents) == 1 and node.children[0].kind == "line")
