"""The text of a Word paragraph as a reader sees it."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

from cluster.engines.reading.docx_styles import W, child

_SIGNS = {
    f"{W}tab": " ",
    f"{W}br": "\n",
    f"{W}cr": "\n",
    f"{W}noBreakHyphen": "-",
    f"{W}softHyphen": "",
}
_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
SKIPPED = frozenset(
    {
        f"{W}del",
        f"{W}moveFrom",
        f"{W}txbxContent",
        f"{W}pPr",
        f"{W}rPr",
        f"{_COMPATIBILITY}Fallback",
    }
)
_BOXES = {"00fe": "☒", "f0fe": "☒", "00a8": "☐", "f0a8": "☐", "f06f": "☐", "006f": "☐"}
"""Wingdings characters that forms use for boxes."""
_OFF = frozenset({"0", "false", "none"})


def pieces(paragraph: Element) -> list[str]:
    """The paragraph's lines, white space folded, empty ones dropped."""
    raw = "".join(_signs(paragraph))
    return [line for line in (" ".join(part.split()) for part in raw.split("\n")) if line]


def is_bold(paragraph: Element, *, by_style: bool) -> bool:
    """Whether all of its printed text is."""
    runs = [run for run in _runs(paragraph) if any(t.text for t in run.iter(f"{W}t"))]
    return bool(runs) and all(_bold(run, by_style) for run in runs)


def _runs(element: Element) -> Iterator[Element]:
    """Those that a reader sees: none that was deleted or moved away."""
    for inner in element:
        if inner.tag == f"{W}r":
            yield inner
        elif inner.tag not in SKIPPED:
            yield from _runs(inner)


def _signs(element: Element) -> Iterator[str]:
    for inner in element:
        if inner.tag in SKIPPED:
            continue
        if inner.tag == f"{W}t":
            yield inner.text or ""
        elif inner.tag in _SIGNS:
            yield _SIGNS[inner.tag]
        elif inner.tag == f"{W}sym":
            yield _BOXES.get((inner.get(f"{W}char") or "").lower(), "•")
        else:
            yield from _signs(inner)


def _bold(run: Element, by_style: bool) -> bool:
    properties = child(run, "rPr")
    mark = child(properties, "b") if properties is not None else None
    if mark is None:
        return by_style
    return (mark.get(f"{W}val") or "1") not in _OFF
