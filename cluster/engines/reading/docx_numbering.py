"""Word's automatic numbers: the label that each numbered paragraph shows."""

from collections import defaultdict
from xml.etree.ElementTree import Element

from cluster.engines.reading.docx_styles import W, child, value

_TWIPS = 20
_ROMAN = ((10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))


class Numbering:
    """Counts as it labels: ask for each numbered paragraph once, in the order of the document."""

    def __init__(self, part: Element | None) -> None:
        kinds = part.findall(f"{W}abstractNum") if part is not None else []
        lists = part.findall(f"{W}num") if part is not None else []
        self._kinds = {kind.get(f"{W}abstractNumId") or "": kind for kind in kinds}
        self._lists = {one.get(f"{W}numId") or "": one for one in lists}
        self._counts: dict[str, dict[int, int]] = defaultdict(dict)

    def of(self, properties: Element | None, by_style: Element | None) -> tuple[str, int] | None:
        """List and level of a paragraph; None if it has no number."""
        own = child(properties, "numPr")
        number = value(own, "numId") or value(by_style, "numId")
        if number is None or number == "0" or number not in self._lists:
            return None
        level = value(own, "ilvl") or value(by_style, "ilvl") or "0"
        return number, int(level)

    def next_label(self, number: str, level: int) -> str:
        counts = self._counts[number]
        counts[level] = counts.get(level, self._start(number, level) - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        form = value(self._level(number, level), "lvlText") or ""
        if value(self._level(number, level), "numFmt") == "bullet":
            return "•"
        for at in range(level + 1):
            form = form.replace(f"%{at + 1}", self._printed(number, at))
        return form

    def indent(self, number: str, level: int) -> float | None:
        """Of the text's left edge, in points."""
        element = child(child(self._level(number, level), "pPr"), "ind")
        left = element.get(f"{W}left") or element.get(f"{W}start") if element is not None else None
        return float(left) / _TWIPS if left else None

    def _printed(self, number: str, level: int) -> str:
        count = self._counts[number].get(level, self._start(number, level))
        return _in_form(count, value(self._level(number, level), "numFmt") or "decimal")

    def _start(self, number: str, level: int) -> int:
        start = value(self._level(number, level), "start") or "1"
        return int(start) if start.isdigit() else 1

    def _level(self, number: str, level: int) -> Element | None:
        kind = self._kinds.get(value(self._lists[number], "abstractNumId") or "")
        for one in kind.findall(f"{W}lvl") if kind is not None else []:
            if one.get(f"{W}ilvl") == str(level):
                return one
        return None


def _in_form(count: int, form: str) -> str:
    if form in {"lowerLetter", "upperLetter"}:
        letters = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1)
        return letters if form == "lowerLetter" else letters.upper()
    if form in {"lowerRoman", "upperRoman"}:
        return _roman(count) if form == "lowerRoman" else _roman(count).upper()
    return f"{count:02}" if form == "decimalZero" else str(count)


def _roman(count: int) -> str:
    if count > 39:
        return str(count)
    text = ""
    for size, sign in _ROMAN:
        text += sign * (count // size)
        count %= size
    return text
