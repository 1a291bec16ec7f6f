"""The set-aside of a solicitation, as SAM.gov's code."""

import re
from collections.abc import Sequence

from domain.pages import Line, Page

_CODES = frozenset(
    {
        "SBA",
        "SBP",
        "8A",
        "8AN",
        "HZC",
        "HZS",
        "SDVOSBC",
        "SDVOSBS",
        "WOSB",
        "WOSBSS",
        "EDWOSB",
        "EDWOSBSS",
        "LAS",
        "IEE",
        "ISBEE",
        "BICIV",
        "VSA",
        "VSS",
    }
)
_FIELD = re.compile(r"\bset[- ]?aside(?: code| type)?\s*:?\s*\n?\s*([A-Z0-9]{2,9})\b")
_NAMES = (
    ("SDVOSBC", r"service[- ]?disabled|\bsdvosb"),
    ("EDWOSB", r"economically[- ]disadvantaged\s+wom|\bedwosb"),
    ("WOSB", r"wom[ae]n[- ]owned|\bwosb"),
    ("HZC", r"hub ?zone"),
    ("8A", r"\b8 ?\(a\)"),
    ("VSA", r"\bveteran[- ]owned|\bvosb"),
    ("ISBEE", r"indian small business|\bisbee"),
    ("IEE", r"indian economic|\biee\b"),
    ("SBA", r"small[- ]business"),
)
_BOX = r"(?:\[\s*[xX]\s*\]|\(\s*[xX]\s*\)|[☒☑✓✔])"
_EMPTY = r"(?:\[\s*\]|\(\s*\)|☐|□|_{2,})"
_IS_ONE = re.compile(
    rf"(?P<yes>{_BOX}\s*is\b\s*{_EMPTY}\s*is not|\bis\s*{_BOX}\s*is not\s*{_EMPTY})?"
    rf"(?P<no>{_EMPTY}\s*is\b\s*{_BOX}\s*is not|\bis\s*{_EMPTY}\s*is not\s*{_BOX})?"
    r"\s*(?P<what>a[^.\n]{0,40}set[- ]?aside)",
    re.IGNORECASE,
)
_CHECKED = re.compile(rf"{_BOX}\s*(?P<label>[^\[\]☒☑☐□✓\n]{{3,70}})")
_NEAR_BOXES = 700
_WORDED = re.compile(
    r"^(?:\d+[.)]?\s*|type of |total |X\s+)*set[- ]?aside(?: code| type| status)?[ \t]*:"
    r"[ \t]*([^\n]{2,90})|\bset[- ]aside(?: code| type| status)?: ([^\n:]{2,40})",
    re.IGNORECASE | re.MULTILINE,
)
_SMALL = re.compile(r"(?:X\s+)?SB\b")
_RESERVED = re.compile(
    r"\b(?:reserved|restricted|limited|set[- ]aside)\s+(?:\d+ ?%\s+|(?:exclusively|solely|entirely"
    r"|only|100 percent|totally)\s+)*(?:for|to)\s+(?:participation by\s+|competition among\s+)?"
    r"(?P<who>[^.;\n]{0,30}(?:small business|sdvosb|vosb|wosb|edwosb|hubzone|8\(a\)"
    r"|veteran[- ]owned"
    r"|women[- ]owned|indian)[^.;\n]{0,60})",
    re.IGNORECASE,
)
_NOT_FOR_IT = re.compile(r"\b(?:not|if|when|under)\b[^.\n]{0,60}$", re.IGNORECASE)
_STATED = re.compile(
    r"[^.\n]{0,160}\b(?:(?:is|are|as a|being|been)\s+(?:a\s+)?(?:total(?:ly)?\s+|100\s*%\s+"
    r"|competitive\s+|8 ?\(a\)\s+|small business\s+)*"
    r"set[- ]aside|(?<!notice of )\btotal\s+(?:[\w-]+\s+){0,8}set[- ]aside"
    r"|100\s*%\s*(?:[\w-]+\s+){0,8}set[- ]aside)\b[^.]{0,160}",
    re.IGNORECASE,
)
_OPEN = re.compile(
    r"\b(?:this|the) (?:solicitation|acquisition|procurement|requirement|competition|buy|rf[qp])\b"
    r"[^.]{0,80}\b(?:full and open competition(?! after)|unrestricted|not (?:been )?set[- ]aside)\b"
    r"|\bthis is a full and open competition\b|\bunrestricted (?:procurement|acquisition"
    r"|basis)\b",
    re.IGNORECASE,
)
_NOTICES = (
    ("SDVOSBC", r"^.{0,20}(?:852\.219-73|852\.219-10|52\.219-27).{0,60}notice"),
    ("VSA", r"^.{0,20}(?:852\.219-74|852\.219-11).{0,60}notice"),
)
_BOXES = {
    "SERVICE-DISABLED": "SDVOSBC",
    "HUBZONE": "HZC",
    "EDWOSB": "EDWOSB",
    "WOMEN-OWNED": "WOSB",
    "8(A)": "8A",
    "UNRESTRICTED": "NONE",
    "SMALL BUSINESS": "SBA",
}
_NEAR = 30.0
_MARKS = re.compile(r"[Xx☒✓]\b")


def set_aside_of(pages: Sequence[Page], text: str) -> str | None:
    """From a labelled field, the boxes of a form, a sentence, the full text of a notice."""
    field = _FIELD.search(text)
    if field and field[1] in _CODES:
        return field[1]
    ticked = _ticked(pages[0]) if pages else None
    if ticked:
        return ticked
    told = _by_box(text) or _worded(text)
    if told:
        return told
    stated = _STATED.search(text)
    if stated and (code := _named(stated.group())):
        return code
    reserved = _RESERVED.search(text)
    if reserved and not _NOT_FOR_IT.search(text[: reserved.start()][-80:]):
        return _named(reserved["who"])
    if _OPEN.search(text):
        return "NONE"
    notices = (
        code for code, pattern in _NOTICES if re.search(pattern, text, re.IGNORECASE | re.MULTILINE)
    )
    return next(notices, None)


def _by_box(text: str) -> str | None:
    """The boxes of SF 18 ("[X] is [ ] is not a set-aside") and of SF 1449 as text."""
    one = _IS_ONE.search(text)
    if one and one["no"]:
        return "NONE"
    if one and one["yes"]:
        return _named(one["what"]) or "SBA"
    start = re.search(r"\bUNRESTRICTED\b", text)
    about = text[max(start.start() - 60, 0) :][:_NEAR_BOXES] if start else ""
    if not re.search(r"\bSET[- ]ASIDE\b", about, re.IGNORECASE):
        return None
    labels = [match["label"] for match in _CHECKED.finditer(about)]
    codes = [code for label in labels if (code := _named(label))]
    ranked = [code for code, _ in _NAMES if code in codes]
    if ranked:
        return ranked[0]
    return "NONE" if any(label.upper().startswith("UNRESTRICTED") for label in labels) else None


def _worded(text: str) -> str | None:
    """A field "Set-aside: …" filled in with words."""
    for found in _WORDED.finditer(text):
        words = found[1] or found[2]
        code = _named(words)
        if code:
            return code
        if _SMALL.match(words):
            return "SBA"
        if re.match(r"(?:none|n/?a\b|no\b|unrestricted|full and open|not set)", words, re.I):
            return "NONE"
    return None


def _named(text: str) -> str | None:
    plain = " ".join(text.split())
    return next((code for code, name in _NAMES if re.search(name, plain, re.IGNORECASE)), None)


def _ticked(page: Page) -> str | None:
    """The most special of the boxes of block 10 of SF 1449 that are marked."""
    if "SET ASIDE" not in page.text.upper() or "UNRESTRICTED" not in page.text.upper():
        return None
    marks = [line for line in page.lines if _MARKS.match(line.text) and len(line.text) <= 6]
    labels = {code: _label(page, name) for name, code in _BOXES.items()}
    for code, label in labels.items():
        if label and any(_beside(mark, label) for mark in marks):
            return code
    return None


def _label(page: Page, name: str) -> Line | None:
    starts = (line for line in page.lines if line.text.upper().startswith(name))
    return next(starts, None)


def _beside(mark: Line, label: Line) -> bool:
    """Whether the mark stands just before the label."""
    if mark.box is None or label.box is None:
        return False
    level = abs((mark.box.top + mark.box.bottom) / 2 - (label.box.top + label.box.bottom) / 2)
    return 0 < label.box.left - mark.box.left < _NEAR and level < max(
        mark.box.height, label.box.height
    )
