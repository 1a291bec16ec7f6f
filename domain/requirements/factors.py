"""Evaluation factors with their weights, in the order they are printed."""

import re
from collections.abc import Iterator, Sequence

from domain.requirements.models import Factor
from domain.requirements.outline import Node
from domain.requirements.sentences import sentence_spans

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
_NUMBER = re.compile(r"(\d{1,3})")
_HEAD = re.compile(r"(?:max\w* )?(?:weight|points)\w*", re.IGNORECASE)
_POINTS = re.compile(
    r"(?:^|[:;,.]|\band\b)\s*(?:\(?\w{1,2}[.)]\s+)?(?P<name>[A-Z][A-Za-z&/ -]{2,50}?)"
    r"\s*[-\u2013—:(=,]*\s*"
    r"(?P<weight>\d{1,3}\s*(?:%|percent\b|points?\b|pts\b))"
)
_CHAIN = re.compile(
    r"\b(?:is|are) (?:(?:significantly|slightly|somewhat) )?(?:more important than"
    r"|equal (?:in importance )?to"
    r"|equally important (?:to|as)|as important as)\b|\boutweighs?\b",
    re.IGNORECASE,
)
_TOGETHER = re.compile(
    r"\b(?:combined|together|three|two|four|non-?price|other|all|factors?|offers?)\b", re.IGNORECASE
)
_CONSIDERED = re.compile(
    r"(?:,|\bbased on|\bconsidering)\s+(?P<list>(?:[\w -]{3,40},\s*)*"
    r"[\w -]{3,40}\s+and\s+[\w -]{3,40}?)"
    r"(?:\s+(?:considered|factors)|\W*$)",
    re.IGNORECASE,
)
_KNOWN = re.compile(r"\b(?:price|cost|past performance)\b", re.IGNORECASE)
_MOST_WORDS = 9
_MOST = 10
_SMALL_WORD = 3
_CHAIN_WORDS = 5
_PAIR = 2


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
    return tuple(_weighed(nodes)) or _in_sentences(nodes)


def _in_sentences(nodes: Sequence[Node]) -> tuple[Factor, ...]:
    """Names with points, chains of importance, a short list that is "considered"."""
    for reader in (_pointed, _chained, _considered):
        for node in _walk(nodes):
            if any(h.clause and h.clause != "52.212-2" for h in node.path):
                continue
            for start, end in sentence_spans(node.block.text):
                found = tuple(dict.fromkeys(reader(node.block.text[start:end])))
                if len(found) > 1:
                    return found
    return ()


def _pointed(sentence: str) -> Iterator[Factor]:
    for found in _POINTS.finditer(sentence):
        name = found["name"].strip(" -")
        if all(word[0].isupper() for word in name.split() if len(word) > _SMALL_WORD):
            yield Factor(name, found["weight"])


def _chained(sentence: str) -> Iterator[Factor]:
    """ "A is more important than B, which is more important than C"."""
    if not _CHAIN.search(sentence):
        return
    for part in re.split(
        r"[;,]|\band\b|\bwhich\b|" + _CHAIN.pattern, sentence, flags=re.IGNORECASE
    ):
        name = re.sub(r"^(?:the|in turn)\s+", "", part.strip(" .;,"), flags=re.IGNORECASE)
        titled = all(word[0].isupper() for word in name.split() if len(word) > _SMALL_WORD)
        if name and titled and not _TOGETHER.search(name) and len(name.split()) <= _CHAIN_WORDS:
            yield Factor(name)


def _considered(sentence: str) -> Iterator[Factor]:
    """ "… most advantageous, price, past performance and delivery considered"."""
    if not re.search(r"\baward|\bevaluat", sentence, re.IGNORECASE):
        return
    found = _CONSIDERED.search(sentence)
    if found and _KNOWN.search(found["list"]):
        for part in re.split(r",\s*(?:and\s+)?|\s+and\s+", found["list"]):
            name = re.sub(r"^(?:the|other|only)\s+", "", part.strip())
            if name and name != "other" and len(name.split()) <= _CHAIN_WORDS:
                yield Factor(name)


def _weighed(nodes: Sequence[Node]) -> Iterator[Factor]:
    """Names beside weights in a table that has a column for them."""
    cells = {
        (node.block.page, cell.table, cell.row, cell.column): node.block.content.strip()
        for node in nodes
        if (cell := node.block.cell)
    }
    heads = {(*at[:2], at[3]) for at, text in cells.items() if not at[2] and _HEAD.fullmatch(text)}
    for (page, table, row, column), text in cells.items():
        weight = _WEIGHT.fullmatch(text) or _NUMBER.fullmatch(text)
        name = cells.get((page, table, row, 0), "")
        if weight and column and (page, table, column) in heads and any(map(str.isalpha, name)):
            yield Factor(name, weight[1])


def _listed(node: Node) -> tuple[Factor, ...]:
    text = node.block.content
    if not _LEAD.search(text[-300:]) or any(h.clause and h.clause != "52.212-2" for h in node.path):
        return ()
    run_in = _RUN_IN.search(text)
    if run_in and re.search(r"evaluat|factors are", text, re.IGNORECASE):
        return tuple(_factor(part) for part in _parts(run_in[1]))
    short = [child for child in node.children if len(child.block.content.split()) <= _MOST_WORDS]
    if not 2 <= len(short) <= _MOST or len(short) < len(node.children):
        return ()
    return tuple(_factor(child.block.content) for child in short)


def _parts(listed: str) -> list[str]:
    """Of a list, the last two joined by "and"."""
    parts = [part for part in re.split(r"[,;]\s*(?:and\s+)?", listed) if part.strip()]
    last = parts[-1].split(" and ") if parts else []
    numbered = re.search(r"\(?\w[.)]\s", parts[-1]) if parts else None
    return parts[:-1] + last if len(last) == _PAIR and not numbered else parts


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
