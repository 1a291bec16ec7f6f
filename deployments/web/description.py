"""A notice's text as a page may show it: SAM.gov's are plain text, or HTML of any kind.

Nothing of the source's markup is kept: a few tags are understood and written anew, without their
attributes, save links to http addresses. So there is nothing to escape from.
"""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

from markupsafe import Markup, escape

_KEPT = {
    "p": "p",
    "div": "p",
    "ul": "ul",
    "ol": "ol",
    "li": "li",
    "b": "b",
    "strong": "b",
    "i": "i",
    "em": "i",
    "table": "table",
    "tr": "tr",
    "td": "td",
    "th": "th",
    **{f"h{level}": "h3" for level in range(1, 7)},
}
_SILENT = {"script", "style", "head", "title", "template", "svg", "math", "iframe", "object"}
_TAG = re.compile(r"</?(?:p|br|div|ul|ol|li|b|strong|i|em|table|span|a|h\d|html|body|font)\b", re.I)
_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_EMPTY = re.compile(r"<(p|b|i|h3|li|ul|ol)>(?:\s|<br>)*</\1>")


def render_description(text: str) -> Markup:
    """Safe to put into a page as it is."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ")
    return _from_html(text) if _TAG.search(text) else _from_plain(text)


def _from_plain(text: str) -> Markup:
    paragraphs = (part.strip() for part in _BLANK_LINES.split(text))
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(part.split("\n")))
        for part in paragraphs
        if part
    )


def _from_html(text: str) -> Markup:
    writer = _Writer()
    writer.feed(text)
    writer.close()
    written = writer.finish()
    while (shorter := _EMPTY.sub("", written)) != written:
        written = shorter
    return Markup(written)  # noqa: S704  All of it was written here, and text escaped.


class _Writer(HTMLParser):
    """Writes what it understands; what is left open is closed, what was not opened is not."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._out: list[str] = []
        self._open: list[str] = []
        self._silent = 0

    def finish(self) -> str:
        while self._open:
            self._out.append(f"</{self._open.pop()}>")
        return "".join(self._out)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif self._silent:
            return
        elif tag == "br":
            self._out.append("<br>")
        elif tag == "a":
            self._open_link(dict(attrs).get("href"))
        elif tag in _KEPT:
            self._start(_KEPT[tag])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """`<p/>` holds nothing, and `<script/>` closes itself."""
        if tag == "br" and not self._silent:
            self._out.append("<br>")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif not self._silent:
            self._end("a" if tag == "a" else _KEPT.get(tag))

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._out.append(str(escape(data)))

    def _start(self, tag: str) -> None:
        if tag == "p" and "p" in self._open:
            self._end("p")  # Paragraphs don't nest.
        if self._open[-1:] == [tag]:
            self._end(tag)  # Nor does anything directly in its like: it was left open.
        self._open.append(tag)
        self._out.append(f"<{tag}>")

    def _end(self, tag: str | None) -> None:
        if tag not in self._open:
            return
        closed = None
        while closed != tag:
            closed = self._open.pop()
            self._out.append(f"</{closed}>")

    def _open_link(self, href: str | None) -> None:
        if href is None or not _is_http(href) or "a" in self._open:
            return
        self._open.append("a")
        self._out.append(f'<a href="{escape(href)}" rel="noopener noreferrer nofollow">')


def _is_http(href: str) -> bool:
    try:
        return urlsplit(href).scheme in {"http", "https"}
    except ValueError:
        return False
