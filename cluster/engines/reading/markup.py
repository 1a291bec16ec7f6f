"""HTML and RTF as a reader sees them. Nothing that they link to is fetched."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from domain.errors import Unreadable
from domain.pages import Line, Page

_NAMES = """
address article aside blockquote br caption dd div dl dt fieldset figcaption footer form h1 h2
h3 h4 h5 h6 header hr li main nav ol option p pre section table tbody td tfoot th thead tr ul
"""
_BLOCKS = frozenset(_NAMES.split())
_UNSEEN = frozenset({"script", "style", "template", "title", "noscript", "head"})
_HEADING = re.compile(r"h([1-6])")
_DEEPEST = 500
"""Groups in groups that no word processor writes."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[Line] = []
        self._text: list[str] = []
        self._heading = 0
        self._unseen = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.close_line()
        if match := _HEADING.fullmatch(tag):
            self._heading = int(match[1])
        if tag in _UNSEEN and tag != "head":
            self._unseen += 1

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.close_line()
        if _HEADING.fullmatch(tag):
            self._heading = 0
        if tag in _UNSEEN and tag != "head" and self._unseen:
            self._unseen -= 1

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self._text.append(data)

    def close_line(self) -> None:
        text = " ".join("".join(self._text).split())
        self._text.clear()
        if text:
            self.lines.append(Line(text, heading=self._heading))


def read_html(path: Path) -> list[Page]:
    """One page. Raises Unreadable if nothing is in it."""
    reader = _Reader()
    reader.feed(_decoded(path.read_bytes()))
    reader.close()
    reader.close_line()
    return _one_page(path, reader.lines)


_RTF = re.compile(
    r"\\([a-z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-f]{2})|\\([^a-z])|([{}])|[\r\n]+|(.)",
    re.IGNORECASE | re.DOTALL,
)
_UNPRINTED = """
fonttbl colortbl stylesheet info pict object header footer listtable listoverridetable generator
themedata datastore xmlnstbl fldinst
"""
_HIDDEN = frozenset(_UNPRINTED.split())
_ENDS = frozenset({"par", "line", "row", "cell", "sect", "page"})
_SIGNS = {"tab": " ", "emdash": "\N{EM DASH}", "endash": "\N{EN DASH}", "bullet": "•"}
_QUOTES = {"lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”"}  # noqa: RUF001


def read_rtf(path: Path) -> list[Page]:
    """One page. Raises Unreadable if nothing is in it, or it is nested without end."""
    text = "".join(_rtf_signs(path, path.read_bytes().decode("latin-1")))
    lines = [Line(line) for raw in text.split("\n") if (line := " ".join(raw.split()))]
    return _one_page(path, lines)


def _rtf_signs(path: Path, source: str) -> Iterator[str]:
    """Groups that are hidden, or marked as such by `\\*`, print nothing."""
    hidden = [False]
    skipped = 0
    for match in _RTF.finditer(source):
        word, number, code, sign, brace, plain = match.groups()
        if brace:
            _nest(path, hidden, brace)
        elif word in _HIDDEN or sign == "*":
            hidden[-1] = True
        elif hidden[-1]:
            continue
        elif word == "u" and number:
            skipped = 1
            yield chr(int(number) % 65536)
        elif skipped and (plain or code):
            skipped -= 1  # What older readers print in its place.
        else:
            yield _printed(word, code, sign, plain)


def _nest(path: Path, hidden: list[bool], brace: str) -> None:
    if brace == "{":
        hidden.append(hidden[-1])
    elif len(hidden) > 1:
        hidden.pop()
    if len(hidden) > _DEEPEST:
        raise Unreadable(file=path.name, reason="it is nested too deeply", code="bomb")


def _printed(word: str | None, code: str | None, sign: str | None, plain: str | None) -> str:
    if word:
        return "\n" if word in _ENDS else (_SIGNS | _QUOTES).get(word, "")
    if code:
        return bytes.fromhex(code).decode("cp1252", "replace")
    return plain or {"~": " ", "_": "-", "{": "{", "}": "}", "\\": "\\"}.get(sign or "", "")


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _one_page(path: Path, lines: list[Line]) -> list[Page]:
    if not lines:
        raise Unreadable(file=path.name, reason="nothing is in it", code="empty")
    return [Page(1, tuple(lines))]
