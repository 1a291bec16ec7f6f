"""The tree of a document: headings, under them paragraphs and list items with their lead-ins."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from domain.requirements.blocks import Block
from domain.requirements.headings import END_OF_CLAUSE, Heading, heading_of
from domain.requirements.leads import asks_choice
from domain.requirements.markers import follows
from domain.requirements.sections import names_part

LEADS = re.compile(r"(?:\bfollowing(?: \w+){0,4}\.|[:—\u2013]|(?<=[\w\])])-)\s*[\"”\u2019]?$")
_LABEL_WORDS = 6
_PART_RANK = 4
"""Of headings in capitals and higher ones."""
_ITEM_WORDS = 14
_CHOICE = re.compile(r"\b(?:either|one of|options?|as follows)\b", re.IGNORECASE)
_MODAL = re.compile(r"\b(?:shall|must|will|should|may|is|are|please)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Level:
    """An open list: the form of its markers and the item that it stands at."""

    kind: str
    text: str
    node: "Node"

    @property
    def indent(self) -> float:
        return self.node.block.first.indent


@dataclass(slots=True, eq=False)
class Node:
    """A paragraph or list item. `markers` is its path of enumerators, outermost first."""

    block: Block
    path: tuple[Heading, ...]
    kind: str = ""
    markers: tuple[str, ...] = ()
    parent: "Node | None" = None
    children: list["Node"] = field(default_factory=list)

    @property
    def leads(self) -> bool:
        """Whether its text ends as one does that a list follows."""
        return bool(LEADS.search(self.block.text.rstrip()))

    @property
    def is_item(self) -> bool:
        return bool(self.kind)


def outline(blocks: Sequence[Block]) -> Iterator[Node]:
    """The nodes that are no children of another, in order; tables' cells are left to `tables`."""
    builder = _Builder(_text_size(blocks))
    for number, block in enumerate(blocks):
        following = blocks[number + 1] if number + 1 < len(blocks) else None
        builder.add(block, following)
    yield from builder.roots


def _text_size(blocks: Sequence[Block]) -> float:
    """The size most letters have."""
    sizes: dict[float, int] = {}
    for block in blocks:
        size = round(block.first.size, 1)
        sizes[size] = sizes.get(size, 0) + len(block.text)
    return max(sizes, key=lambda size: sizes[size]) if sizes else 0.0


class _Builder:
    def __init__(self, text_size: float) -> None:
        self.roots: list[Node] = []
        self._text_size = text_size
        self._path: list[Heading] = []
        self._levels: list[_Level] = []
        self._last: Node | None = None
        self._labelled: Node | None = None
        self._numbered = ""

    def add(self, block: Block, following: Block | None) -> None:
        if END_OF_CLAUSE.match(block.text):
            self._end_clause()
            return
        if self._is_label(block):
            return
        heading = heading_of(block, following, self._text_size)
        if heading and not (self._last and self._last.leads and self._is_listed(block)):
            self._enter(heading)
        elif block.markers and block.cell is None:
            self._add_item(block)
        else:
            self._add_paragraph(block)

    def _enter(self, heading: Heading) -> None:
        if self._goes_on_behind_clause(heading):
            self._end_clause()
        if not heading.clause and heading.number and not self._in_clause():
            self._numbered = heading.number
        while self._path and self._path[-1].rank >= heading.rank:
            self._path.pop()
        self._path.append(heading)
        self._levels, self._last, self._labelled = [], None, None

    def _in_clause(self) -> bool:
        return any(heading.clause for heading in self._path)

    def _goes_on_behind_clause(self, heading: Heading) -> bool:
        """Whether its number comes next after that of the last heading before the clause, or its
        name is one of instructions, evaluation or specifications."""
        if heading.clause or not self._in_clause():
            return False
        if heading.number:
            return follows(self._numbered, heading.number)
        return heading.rank <= _PART_RANK and names_part(heading.title)

    def _end_clause(self) -> None:
        while any(heading.clause for heading in self._path):
            if self._path.pop().clause:
                break
        self._levels, self._last = [], None

    def _is_label(self, block: Block) -> bool:
        """A label over a part of a list ("General information:") between lead-in and items."""
        last = self._last
        if last is None or block.markers or block.cell or len(block.text.split()) > _LABEL_WORDS:
            return False
        if block.text.rstrip().endswith((".", ";")) or _MODAL.search(block.text):
            return False
        if last.leads and "following" in last.block.text and block.text.rstrip().endswith(":"):
            self._labelled = last
            return True
        return self._labelled is not None and self._labelled is last.parent

    def _is_listed(self, block: Block) -> bool:
        return bool(block.markers) and block.markers[-1].kind in {
            "•",
            "-",
            "o",
            "[ ]",
            "(1)",
            "(a)",
        }

    def _add_item(self, block: Block) -> None:
        first = block.markers[0]
        parent = self._parent_for(block, first.kind)
        path = (*(parent.markers if parent else ()), *(marker.text for marker in block.markers))
        node = Node(block, tuple(self._path), first.kind, path, parent)
        self._levels += [_Level(marker.kind, marker.text, node) for marker in block.markers]
        self._attach(node)

    def _parent_for(self, block: Block, kind: str) -> Node | None:
        """The parent of the list that the item goes on with, else what it opens a list under."""
        last = self._last
        choosing = last and asks_choice(last.block.text[-120:])
        if last and (last.leads or choosing) and block.markers[0].is_first:
            self._levels = self._open_above(last)
            return last
        depth = self._depth_of(block, kind)
        if depth is not None:
            parent = self._levels[depth].node.parent
            del self._levels[depth:]
            return parent
        if last and self._governs(last, block):
            return last
        return self._enclosing(block)

    def _depth_of(self, block: Block, kind: str) -> int | None:
        """The open list that the item goes on with: the one whose number comes before its own."""
        text = block.markers[0].text
        inward = range(len(self._levels) - 1, -1, -1)
        for depth in inward:
            if any(sign.isalnum() for sign in text) and follows(self._levels[depth].text, text):
                return depth
        return next((at for at in inward if _same_level(self._levels[at], block, kind)), None)

    def _open_above(self, last: Node) -> list[_Level]:
        """The lists that stay open when one begins under this node."""
        at = [number for number, level in enumerate(self._levels) if level.node is last]
        return self._levels[: at[-1] + 1] if at else self._levels

    def _governs(self, last: Node, block: Block) -> bool:
        open_item = any(level.node is last for level in self._levels)
        return last.leads or (open_item and _is_deeper(last, block))

    def _enclosing(self, block: Block) -> Node | None:
        while self._levels and not _is_deeper(self._levels[-1].node, block):
            self._levels.pop()
        return self._levels[-1].node if self._levels else None

    def _add_paragraph(self, block: Block) -> None:
        parent = self._joined_parent(block) or self._unmarked_parent(block)
        markers = parent.markers if parent else ()
        node = Node(block, tuple(self._path), "line" if parent else "", markers, parent)
        if parent is None and block.cell is None:
            self._levels = [level for level in self._levels if level.kind.startswith("(")]
        self._attach(node)

    def _joined_parent(self, block: Block) -> Node | None:
        """The list that an "OR" on its own line joins the items of."""
        if self._last is None or block.text.strip(" -.").upper() not in {"OR", "AND/OR"}:
            return None
        open_lists = [level.node.parent for level in reversed(self._levels)]
        lists = [self._last.parent, *open_lists]
        return next((node for node in lists if node and _CHOICE.search(node.block.text)), lists[0])

    def _unmarked_parent(self, block: Block) -> Node | None:
        """The lead-in of a list whose items have no markers of their own."""
        last = self._last
        if last is None or block.cell != last.block.cell or not _short_item(block):
            return None
        if last.leads and not last.is_item and not block.text.rstrip().endswith(":"):
            return last
        return last.parent if last.kind == "line" and last.parent else None

    def _attach(self, node: Node) -> None:
        (node.parent.children if node.parent else self.roots).append(node)
        self._last = node


def _same_level(level: _Level, block: Block, kind: str) -> bool:
    if level.kind == kind:
        unindented = not level.indent or not block.first.indent
        loose = kind.startswith("(") or "." in kind
        return unindented or loose or abs(level.indent - block.first.indent) < 12
    return False


def _is_deeper(above: Node, block: Block) -> bool:
    """Whether an item with a form of number not seen before hangs below this one."""
    one, other = above.block.first.indent, block.first.indent
    return other > one + 2 if one and other and abs(one - other) > 2 else True


def _short_item(block: Block) -> bool:
    words = block.text.split()
    if block.text[:1] in '"“':
        return True
    return 0 < len(words) <= _ITEM_WORDS and not _MODAL.search(block.text)
