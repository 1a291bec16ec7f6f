"""Evaluation factors with their weights, in the order they are printed."""

import re
from collections.abc import Iterator, Sequence

from domain.requirements.models import Factor
from domain.requirements.outline import Node

_LEAD = re.compile(
    r"\b(?:factors?|criteria)\b.{0,120}\b(?:evaluat\w+|award|used|consider\w*|below|following"
    r"|listed)|"
    r"\b(?:evaluat\w+|award)\b.{0,120}\b(?:factors?|criteria)\b",
    re.IGNORECASE | re.DOTALL,
)
_RUN_IN = re.compile(
    r"\b(?:factors?|criteria)\b[^.:]{0,120}:\s*((?:[A-Z(\d][^.;:]{2,80}[,;]\s*){1,7}(?:and"
    r"|&)?\s*[A-Z(\d][^.;:]{2,60})",
    re.DOTALL,
)
_NAMED = re.compile(r"^factor\s+(?:\d+|[A-Z]|[IVX]+)\s*[:.\u2013—-]+\s*(.{3,80})$", re.IGNORECASE)
_WEIGHT = re.compile(
    r"\(?\s*(\d{1,3}\s*(?:%|percent|points?|pts\.?))\s*(?:maximum)?\s*\)?", re.IGNORECASE
)
_HEAD = re.compile(r"(?:max\w* )?(?:weight|points)\w*", re.IGNORECASE)
_MOST_WORDS = 9
_MOST = 10


def factors_of(nodes: Sequence[Node]) -> tuple[Factor, ...]:
    """None where no provision lists them."""
    named = [
        match[1]
        for node in _walk(nodes)
        for heading in node.path
        if (match := _NAMED.match(heading.title))
    ]
    if len(set(named)) > 1:
        return tuple(_factor(name) for name in dict.fromkeys(named))
    for node in _walk(nodes):
        found = _listed(node)
        if found:
            return found
    return tuple(_weighed(nodes))


def _weighed(nodes: Sequence[Node]) -> Iterator[Factor]:
    """Names beside weights in a table that has a column for them."""
    cells = [(node.block.cell, node.block.content.strip()) for node in nodes if node.block.cell]
    heads = {cell.table for cell, text in cells if cell.row == 0 and _HEAD.fullmatch(text)}
    names = {(c.table, c.row): text for c, text in cells if c.column == 0}
    for cell, text in cells:
        weight = _WEIGHT.fullmatch(text)
        if weight and cell.table in heads and cell.column and (cell.table, cell.row) in names:
            yield Factor(names[cell.table, cell.row], weight[1])


def _listed(node: Node) -> tuple[Factor, ...]:
    text = node.block.content
    if not _LEAD.search(text[-300:]) or any(h.clause and h.clause != "52.212-2" for h in node.path):
        return ()
    run_in = _RUN_IN.search(text)
    if run_in and re.search(r"evaluat|factors are", text, re.IGNORECASE):
        return tuple(
            _factor(part) for part in re.split(r"[,;]\s*(?:and\s+)?", run_in[1]) if part.strip()
        )
    short = [child for child in node.children if len(child.block.content.split()) <= _MOST_WORDS]
    if not 2 <= len(short) <= _MOST or len(short) < len(node.children):
        return ()
    return tuple(_factor(child.block.content) for child in short)


def _factor(text: str) -> Factor:
    weight = _WEIGHT.search(text)
    name = _WEIGHT.sub("", text) if weight else text
    name = re.sub(
        r"^(?:and\s+)?(?:\(\d\)\s*|\W*(?:sub)?factor\s+\w+\s*[:.\u2013—-]+\s*|\(?\w{1,3}[.)]\s+)",
        "",
        name.strip(),
        flags=re.IGNORECASE,
    )
    return Factor(" ".join(name.split()).strip(" .;:,-\u2013—"), weight[1] if weight else None)


def _walk(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _walk(node.children)
