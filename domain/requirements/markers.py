"""What stands before the text of a list item: bullets, letters, numbers, boxes to tick."""

import re
from dataclasses import dataclass

_BULLETS = "•●○◦▪■□❖➢➤►✓✔❑\uf0a7\uf0b7\uf0d8\uf0fc·"
_BULLET = re.compile(rf"(?:[{_BULLETS}]|[-\u2013—*](?=\s)|o(?=\s+\S))\s*")
_BOX = re.compile(r"(?:\[\s*[xX]?\s*\]|[☐☑☒]|_{2,3}(?=\s+(?:\(|[A-Z]))|\(\s\))\s*")
_NUMBER = re.compile(
    r"""(?P<mark>
        \((?:[a-z]{1,2}|[A-Z]|\d{1,3}|[ivxl]{1,6}|[IVX]{1,5})\)
      | (?:[a-zA-Z]|\d{1,3}|[ivx]{2,5}|[IVX]{1,5})\)(?=\s)
      | \d{1,2}(?:\.\d{1,3})+[a-z]?\.?(?=\s)
      | [A-Z](?:[.-]\d{1,3})+\.?(?=\s)
      | (?:[a-zA-Z]|\d{1,3}[a-z]?|[ivx]{2,5}|[IVX]{2,5})\.(?=\s)
    )\s*""",
    re.VERBOSE,
)
_TAB = re.compile(r"Tab\s+(?P<mark>[A-Z]|\d{1,2}|[IVX]{2,4})(?:[.:)]|(?=\s))\s*(?:[-\u2013—]\s+)?")
"""Of a part of an offer; counts as the number that it has."""
_FIRST = frozenset({"1", "a", "i", "o", "", "x", "1.1", "01"})
_ROMANS = [
    "i",
    "ii",
    "iii",
    "iv",
    "v",
    "vi",
    "vii",
    "viii",
    "ix",
    "x",
    "xi",
    "xii",
    "xiii",
    "xiv",
    "xv",
    "xvi",
    "xvii",
    "xviii",
    "xix",
    "xx",
    "xxi",
    "xxii",
    "xxiii",
    "xxiv",
    "xxv",
    "xxvi",
    "xxvii",
    "xxviii",
    "xxix",
    "xxx",
]
_ROMAN = re.compile(r"[ivxl]+")


@dataclass(frozen=True, slots=True)
class Marker:
    """`text` as printed, `kind` its form: "(a)", "(1)", "(i)", "a.", "1.1", "•", "[ ]"."""

    text: str
    kind: str

    @property
    def is_first(self) -> bool:
        """Whether a list may begin with it."""
        return self.text.strip("().[] ").lower() in _FIRST or (
            not self.text[-1:].isalnum() and not any(sign.isalnum() for sign in self.text)
        )


def leading_markers(text: str) -> tuple[list[Marker], str]:
    """All markers that a paragraph begins with, outermost first, and the rest of it."""
    found: list[Marker] = []
    rest = text
    while rest and len(found) < 4:
        match = _BOX.match(rest) or _NUMBER.match(rest) or _BULLET.match(rest)
        if match is None and (tab := _TAB.match(rest)):
            found.append(Marker(f"{tab['mark']}.", kind_of(f"{tab['mark']}.")))
            rest = rest[tab.end() :]
            continue
        if match is None or _is_citation(match, rest, found):
            break
        found.append(Marker(match.group().strip(), kind_of(match.group().strip())))
        rest = rest[match.end() :]
    return found, rest


def follows(before: str, text: str) -> bool:
    """Whether one marker comes next after another of the same form: "(h)" "(i)", "(iv)" "(v)"."""
    if re.sub(r"\w+", "", before) != re.sub(r"\w+", "", text):
        return False
    one, other = (mark.strip("().[] ") for mark in (before, text))
    if one.isdigit() and other.isdigit():
        return int(other) == int(one) + 1
    if one.isupper() != other.isupper():
        return False
    one, other = one.lower(), other.lower()
    letters = len(one) == len(other) == 1 and ord(other) == ord(one) + 1
    return letters or (one in _ROMANS and other in _ROMANS[_ROMANS.index(one) + 1 :][:1])


def kind_of(mark: str) -> str:
    """The form of a marker: roman numerals are told from letters by their length or by "(i)"."""
    if _BOX.fullmatch(mark + " ") or _BOX.fullmatch(mark):
        return "[ ]"
    core = mark.strip("().")
    if not core or not core[0].isalnum() or mark == "o":
        return mark[:1] if mark else ""
    return mark.replace(core, _form(core), 1)


def _form(core: str) -> str:
    parts = re.split(r"[.-]", core)
    if len(parts) > 1:
        return ".".join("1" if part[:1].isdigit() else "A" for part in parts)
    if core.isdigit():
        return "1"
    if _ROMAN.fullmatch(core) and (len(core) > 1 or core == "i"):
        return "i"
    if _ROMAN.fullmatch(core.lower()) and len(core) > 1:
        return "I"
    return "a" if core.islower() else "A"


def _is_citation(match: re.Match[str], rest: str, found: list[Marker]) -> bool:
    """ "10 U.S.C." or "A. Smith": numbers and letters that belong to the text."""
    after = rest[match.end() :]
    if found and match.re is _BULLET:
        return True
    return not after and not found and match.re is _BULLET
