"""Line items told in running text ("CLIN 0001: …, Quantity: 64 EA") and in lists without rules."""

import re
from collections.abc import Iterator

from domain.requirements.models import LineItem

_UNIT = (
    r"(?:ea(?:ch)?|box(?:es)?|bx|cases?|cs|kits?|kt|months?|mo|hours?|hrs?|jobs?|jb|lots?|sets?"
    r"|units?|packages?|packs?|pk|pg|rolls?|pairs?|pr|bottles?|vials?|doses?|gallons?|gal|days?"
    r"|visits?|years?|yrs?|pieces?|pcs?|cartons?|tests?|licen[sc]es?|systems?|sessions?|trips?"
    r"|tubes?|bags?|drums?|pounds?|lbs?|feet|ft|cans?|copies|sheets?|weeks?|dozen|dz|lo|lt)"
)
_NAMED = re.compile(
    r"\b(?:CLIN|SLIN|LINE ITEM|Line Item|Line item|Item|ITEM)\s*(?:No\.?|NO\.?|#|Number)?\s*"
    r"(?P<number>\d{1,4}[A-Z]{0,2})\s*(?:[:.,;]|[-\u2013—](?=\s)|\s(?=[A-Z]))\s*"
)
_QUANTITY = re.compile(
    rf"\b(?:est(?:imated|\.)?\s+)?(?:quantity|qty)\b\W{{0,4}}(?P<labelled>\d[\d,]*(?:\.\d+)?)"
    rf"\s*(?P<their>{_UNIT}\b(?!\s*:))?|"
    rf"(?<![\d.$/-])(?P<bare>\d[\d,]*)\s+(?:\(\w+\)\s+)?(?P<unit>{_UNIT})\b(?!\s+(?:after|from|of"
    r" (?:receipt|award|order)|ARO|ADC|limit|per|warranty)\b)",
    re.IGNORECASE,
)
_UNIT_LABEL = re.compile(
    rf"\bunits?(?: of (?:issue|measure))?\s*:\s*(?P<unit>{_UNIT})\b", re.IGNORECASE
)
_HEAD = re.compile(
    r"^.{0,60}\b(?:descriptions?|supplies|services|items?)\b.{0,60}\b(?:qty|quantity)\b.*$"
    r"|^.{0,60}\b(?:qty|quantity)\b.{0,60}\b(?:descriptions?|supplies|services|items?)\b.*$",
    re.IGNORECASE | re.MULTILINE,
)
_LISTED = re.compile(
    rf"^(?P<number>\d{{1,3}})[.)]?\s+(?P<words>[A-Za-z][^\n]{{3,140}}?)\s+(?P<quantity>\d[\d,]*)\s+"
    rf"(?P<unit>{_UNIT})\b[^A-Za-z\n]*$|"
    rf"^(?P<number2>\d{{1,3}})[.)]?\s+(?P<quantity2>\d[\d,]*)\s+(?P<unit2>{_UNIT})\s+"
    r"(?P<words2>[A-Za-z][^\n$]{3,140}?)[^A-Za-z\n]*$",
    re.IGNORECASE | re.MULTILINE,
)
_HEADS = re.compile(
    r"^(?:\W*\b(?:max(?:imum)?|quantity|unit price|unit|price|amount|supplies/services|item no\.?"
    r"|qty)\b)+\W*",
    re.IGNORECASE,
)
_FORM = re.compile(r"schedule of supplies|supplies/services", re.IGNORECASE)
"""The numbered block of a form, which is no item."""
_STRETCH = 400
_HEAD_REACH = 4000
_FEWEST_LETTERS = 4


def text_items(text: str) -> Iterator[LineItem]:
    """In the order of the text; an item without a quantity is only a mention of one."""
    yield from _named(text)
    for head in _HEAD.finditer(text):
        for found in _LISTED.finditer(text, head.end(), head.end() + _HEAD_REACH):
            first = found["number"] is not None
            keys = ("number", "words", "quantity", "unit")
            number, words, quantity, unit = (found[k if first else f"{k}2"] for k in keys)
            if _FORM.search(words):
                continue
            yield LineItem(number, words.strip(), _number(quantity), unit.upper())


def _named(text: str) -> Iterator[LineItem]:
    marks = list(_NAMED.finditer(text))
    for at, mark in enumerate(marks):
        end = marks[at + 1].start() if at + 1 < len(marks) else len(text)
        stretch = text[mark.end() : min(end, mark.end() + _STRETCH)]
        item = _told(mark["number"], stretch)
        if item:
            yield item


def _told(number: str, stretch: str) -> LineItem | None:
    labelled = (m for m in _QUANTITY.finditer(stretch) if m["labelled"])
    found = next(labelled, None) or _QUANTITY.search(stretch)
    if found is None:
        return None
    words = _words(stretch[: found.start()]) or _words(stretch[found.end() :])
    if not words:
        return None
    label = _UNIT_LABEL.search(stretch)
    unit = (label["unit"] if label else None) or found["their"] or found["unit"]
    return LineItem(
        number, words, _number(found["labelled"] or found["bare"]), unit.upper() if unit else None
    )


def _words(text: str) -> str | None:
    """A description: up to its first full stop or the label after it."""
    text = _HEADS.sub("", text)
    plain = re.split(r"\b(?:description|title)\s*:\s*", text, flags=re.IGNORECASE)[-1]
    plain = re.split(r"\.\s|;\s|\s(?:Unit|UNIT|Part No|P/N)\b[^:]{0,20}:", plain)[0]
    plain = " ".join(plain.split()).strip(" ,;:.()\u2013—-|")
    letters = sum(sign.isalpha() for sign in plain)
    verb = re.search(r"\b(?:shall|must|will|is|are|may)\b", plain)
    named = letters >= _FEWEST_LETTERS and not verb and not _FORM.search(plain)
    return plain if named else None


def _number(text: str) -> float:
    return float(text.replace(",", ""))
