"""What Word styles say about a paragraph: heading level, bold, numbering."""

from collections.abc import Iterator
from xml.etree.ElementTree import Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def child(element: Element | None, name: str) -> Element | None:
    return element.find(f"{W}{name}") if element is not None else None


def value(element: Element | None, name: str) -> str | None:
    """The `w:val` of a child."""
    found = child(element, name)
    return found.get(f"{W}val") if found is not None else None


class Styles:
    """Styles inherit from the ones they are based on. Empty where the document has none."""

    def __init__(self, part: Element | None) -> None:
        found = part.findall(f"{W}style") if part is not None else []
        self._styles = {style.get(f"{W}styleId") or "": style for style in found}

    def heading(self, style: str | None) -> int:
        """1 for the highest level, 0 for text."""
        for element in self._chain(style):
            level = value(child(element, "pPr"), "outlineLvl")
            if level is not None and level.isdigit():
                return int(level) + 1 if int(level) < 9 else 0
        return 0

    def is_bold(self, style: str | None) -> bool:
        for element in self._chain(style):
            mark = child(child(element, "rPr"), "b")
            if mark is not None:
                return (mark.get(f"{W}val") or "1") not in {"0", "false"}
        return False

    def numbering(self, style: str | None) -> Element | None:
        for element in self._chain(style):
            found = child(child(element, "pPr"), "numPr")
            if found is not None:
                return found
        return None

    def _chain(self, style: str | None) -> Iterator[Element]:
        seen: set[str] = set()
        while style and style in self._styles and style not in seen:
            seen.add(style)
            yield self._styles[style]
            style = value(self._styles[style], "basedOn")
