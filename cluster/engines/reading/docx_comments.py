"""What the comments of a Word document are attached to."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element

from cluster.engines.reading.docx_styles import W
from cluster.engines.reading.docx_text import SKIPPED

_LONGEST = 300
"""Letters of it that are kept."""


def commented(body: Element) -> Mapping[str, str]:
    """By a comment's id, the text between its marks as a reader sees it."""
    open_ids: set[str] = set()
    said: defaultdict[str, list[str]] = defaultdict(list)
    for element in _in_order(body):
        name = element.get(f"{W}id") or ""
        if element.tag == f"{W}commentRangeStart":
            open_ids.add(name)
        elif element.tag == f"{W}commentRangeEnd":
            open_ids.discard(name)
        else:
            for one in open_ids:
                said[one].append(element.text or "" if element.tag == f"{W}t" else " ")
    return {name: " ".join("".join(texts).split())[:_LONGEST] for name, texts in said.items()}


def _in_order(element: Element) -> Iterator[Element]:
    """Marks of comments, texts, and the ends of paragraphs."""
    for inner in element:
        if inner.tag in SKIPPED:
            continue
        if inner.tag in _HEEDED:
            yield inner
        yield from _in_order(inner)


_HEEDED = frozenset({f"{W}commentRangeStart", f"{W}commentRangeEnd", f"{W}t", f"{W}p", f"{W}tab"})
