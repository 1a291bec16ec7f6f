"""Sentences of federal prose: full stops in citations, abbreviations and brackets do not end one.

Own rules and no general splitter: fill-ins in brackets and boxes come in every clause.
"""

import re
from collections.abc import Iterator

_STOP = re.compile(
    r"[.?!][\"'”\u2019)\]]*(?=\s+[\"'“\u2018(\[]?\s*[A-Z0-9\u201c☐□_•*<]"
    r"|\s+\([a-z]{1,4}\)\s+[A-Z]|$)"
)
_GLUED = re.compile(r"(?<=[a-z]{3})\.(?=[A-Z][a-z]*\s[a-z])")
_ABBREVIATIONS = frozenset(
    [
        "no",
        "nos",
        "inc",
        "co",
        "corp",
        "ltd",
        "llc",
        "u.s",
        "u.s.c",
        "pub",
        "l",
        "e.g",
        "i.e",
        "et",
        "al",
        "seq",
        "dest",
        "div",
        "sec",
        "art",
        "para",
        "pt",
        "fig",
        "mr",
        "ms",
        "mrs",
        "dr",
        "st",
        "jr",
        "sr",
        "approx",
        "vs",
        "dept",
        "govt",
        "gov",
        "attn",
        "ref",
        "blvd",
        "ave",
        "rd",
        "ste",
        "apt",
        "est",
        "cir",
        "stat",
        "fed",
        "reg",
        "ex",
        "exec",
        "capt",
        "col",
        "gen",
        "lt",
        "maj",
        "sgt",
        "prof",
        "rev",
        "vol",
        "ed",
        "bldg",
        "rm",
        "ph",
        "tel",
        "fax",
        "ext",
        "min",
        "max",
        "avg",
        "qty",
        "spec",
        "std",
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "sept",
        "oct",
        "nov",
        "dec",
        "cont",
        "c.f.r",
        "d.c",
        "n.w",
        "s.w",
        "n.e",
        "s.e",
        "p.o",
        "o.m.b",
        "etc",
        "incl",
        "subpt",
        "subch",
        "ch",
        "app",
        "cf",
        "viz",
        "p",
        "pp",
        "a.k.a",
    ]
)
_ENDING_ABBREVIATIONS = frozenset(
    {"etc", "inc", "corp", "ltd", "seq", "co", "p.m", "a.m", "d.c", "dest"}
)
"""These end a sentence where the next word begins one."""
_STARTERS = re.compile(
    r"(?:The|This|These|Those|If|When|All|Any|Each|No|In|It|A|An|For|Upon|Offerors?|Quot\w+"
    r"|Contractors?|"
    r"Failure|However|Please|Only|Such|Vendors?|Proposals?|Questions?|Late|Responses?|Bid\w*|On|At"
    r"|[A-Z][a-z]+s (?:with|without|that|must|shall|will|are|may|received|sent)|Do|Submit|Send"
    r"|Email|There|Access|Visitors|Deliver\w+|Award|Government)\b"
)
_BRACKETED_CHARS = 500
"""A bracket that is still open after this many characters was never closed."""
_INSTRUCTION = re.compile(
    r"\[\s*(?:complete only|complete if|offeror to|contractor to|check)\b", re.IGNORECASE
)


_ENUMERATED = re.compile(r"(?:\([a-z\d]{1,4}\)|(?:[A-Z]|\d+)(?:\.\d+)+)\s+(?=[A-Z])")
_ZONE = re.compile(r"(?:\d|[AaPp]\.?[Mm]\.?) [ECMP][SD]?T\.$")


def sentence_spans(text: str, start: int = 0) -> list[tuple[int, int]]:
    """From and to of each sentence of `text` from `start` on, without the space between."""
    first, *others = [_trimmed(text, *span) for span in _cut(text, start)] or [(start, start)]
    spans = [first, *(_behind_number(text, *span) for span in others)]
    return _merged(text, [span for span in spans if span[1] > span[0]])


def _cut(text: str, start: int) -> Iterator[tuple[int, int]]:
    opened = start
    ends = sorted({*(m.end() for m in _STOP.finditer(text, start)), *_glued(text, start)})
    for end in ends:
        if _is_end(text, opened, end):
            yield opened, end
            opened = end
    if opened < len(text):
        yield opened, len(text)


def _glued(text: str, start: int) -> Iterator[int]:
    return (match.end() for match in _GLUED.finditer(text, start))


def _is_end(text: str, start: int, end: int) -> bool:
    so_far = text[start:end]
    if _depth(so_far) > 0 and re.search(r"[)\]]", text[end : end + _BRACKETED_CHARS]):
        return False
    after = text[end:].lstrip()
    if not so_far.rstrip("\"'”\u2019)]").endswith("."):
        return True
    if _ZONE.search(so_far) or re.search(r"\bdegrees [CF]\.$", so_far):
        return True
    words = so_far.rstrip("\"'”\u2019)]").rstrip(".").split()
    last = words[-1].lower().lstrip("(\"'“[") if words else ""
    if last in _ENDING_ABBREVIATIONS or last in {"p.m", "a.m"}:
        return bool(_STARTERS.match(after)) or not after
    if len(last) == 1 and re.search(
        r"\b(?:section|attachment|appendix|exhibit|part|schedule)\s\w\.$", so_far, re.I
    ):
        return bool(_STARTERS.match(after)) or not after
    if last in _ABBREVIATIONS or re.fullmatch(r"(?:[a-z]\.)+[a-z]|[a-z]", last):
        return not after or (last == "u.s" and bool(_STARTERS.match(after)))
    return not (len(words) == 1 and re.fullmatch(r"[\divxl.]{1,5}|[a-z]", last) and after)


def _depth(text: str) -> int:
    """Open brackets, a whole sentence in brackets apart."""
    inner = text.strip()
    if inner[:1] in "([" and inner[:1]:
        inner = inner[1:]
        if _balance(inner) == -1:
            return 0
    return _balance(inner)


def _balance(text: str) -> int:
    return sum((sign in "([") - (sign in ")]") for sign in text)


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _behind_number(text: str, start: int, end: int) -> tuple[int, int]:
    """A sentence within a paragraph may begin with a number of its own: "(b) The contractor …"."""
    found = _ENUMERATED.match(text, start, end)
    return (found.end() if found else start), end


def _merged(text: str, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A fill-in instruction belongs to the statement that it stands before."""
    merged: list[tuple[int, int]] = []
    for span in spans:
        before = text[slice(*merged[-1])] if merged else ""
        entering = text[slice(*span)].lower().startswith("[the offeror shall")
        if (
            merged
            and not entering
            and _INSTRUCTION.match(before)
            and before.rstrip(".").endswith("]")
        ):
            merged[-1] = merged[-1][0], span[1]
        else:
            merged.append(span)
    return merged
