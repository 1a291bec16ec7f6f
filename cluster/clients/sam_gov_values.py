"""How SAM.gov writes single values, and what they mean."""

import html
import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from html.parser import HTMLParser
from typing import Any

from domain.codes import NOTICE_TYPES
from domain.precision import Moment, Place

DESCRIPTION_CUT = 32_000
"""Characters after which SAM.gov cuts a description in its bulk file, and appends three dots."""

_TYPES = {name.casefold(): code for code, name in NOTICE_TYPES.items()} | {
    "pre solicitation": "p",
    "justification (j&a)": "u",
    "justification and approval (j&a)": "u",
    "consolidate/(substantially) bundle": "i",
    "intent to bundle requirements": "i",
}
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BLOCKS = {"p", "br", "div", "li", "tr", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6"}
_HIDDEN = {"script", "style"}
_MOJIBAKE = re.compile("[\u00c2\u00c3\u00e2][\u0080-\u00bf\u0152-\u0178\u02c6-\u2122]")


def present(value: Any) -> Any:
    """The value without blanks around it; None for each way in which SAM.gov says "absent"."""
    match value:
        case str():
            text = repair(value.strip())
            return None if text in ("", "null") else text
        case Mapping():
            return value if any(present(part) is not None for part in value.values()) else None
        case list():
            return value if any(present(part) is not None for part in value) else None
        case _:
            return value


def repair(text: str) -> str:
    """Text that was read as Windows-1252 though it was UTF-8, read anew. Other text as it is."""
    if text.isascii() or not _MOJIBAKE.search(text):
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def notice_type(value: Any) -> str | None:
    """The letter; a type that we do not know as SAM.gov spells it."""
    name: str | None = present(value)
    if name is None or name in NOTICE_TYPES:
        return name
    return _TYPES.get(name.casefold(), name)


def set_aside(value: Any) -> str | None:
    """`["SBA"]` is SBA, and NONE is no set-aside."""
    code = present(value[0] if isinstance(value, list) and value else value)
    code = code.strip('[]" ') if isinstance(code, str) else None
    return None if code in (None, "", "NONE") else code


def moment(value: Any) -> Moment | None:
    """An ISO time with an offset of two or more digits or none, or a day."""
    text = present(value)
    if text is None:
        return None
    if len(text) == len("2026-03-23"):
        return date.fromisoformat(text)
    return datetime.fromisoformat(text)


def day(value: Any) -> date | None:
    """The day of whatever `moment` reads."""
    told = moment(value)
    return told.date() if isinstance(told, datetime) else told


def amount(value: Any) -> Decimal | None:
    """US dollars, at least two places and no idle zeros. Raises `ValueError`."""
    text = present(str(value) if isinstance(value, int | float) else value)
    if text is None:
        return None
    try:
        money = Decimal(text.replace(",", "").lstrip("$"))
    except InvalidOperation:
        raise ValueError(f"{text!r} is no amount") from None
    cents = money.quantize(Decimal("0.01"))
    return cents if cents == money else money.normalize()


def country(value: Any) -> str | None:
    code = present(value)
    return "USA" if code == "US" else code


def zip_code(value: Any) -> str | None:
    """Nine US digits with a hyphen, as some sources write them."""
    code: str | None = present(value)
    if code is not None and len(code) == len("191115096") and code.isdigit():
        return f"{code[:5]}-{code[5:]}"
    return code


def state(value: Any) -> str | None:
    code = present(value)
    return None if code == "N/A" else code


def place(city: Any, state_code: Any, postal: Any, country_code: Any) -> Place | None:
    """None where nothing at all is told."""
    found = Place(
        city=present(city),
        state=state(state_code),
        zip=zip_code(postal),
        country=country(country_code),
    )
    return None if found == Place() else found


def awardee(value: Any) -> str | None:
    """SAM.gov joins name and address, and writes `null` for a name that it has not."""
    name = present(value)
    return None if name is None or name.split()[0] == "null" else name


def readable(text: str) -> str:
    """A description as plain text: HTML without its tags, a line for each block."""
    if _TAG.search(text):
        reader = _TextReader()
        reader.feed(text)
        reader.close()
        text = "".join(reader.parts)
    text = html.unescape(text).replace("\0", "").replace("\xa0", " ")
    lines = (" ".join(line.split()) for line in repair(text).splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _TextReader(HTMLParser):
    """Collects what a browser would show."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _HIDDEN
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = max(self._hidden - (tag in _HIDDEN), 0)
        if tag in _BLOCKS and tag != "br":
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)
