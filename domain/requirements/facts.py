"""Key facts of a solicitation: number, deadlines, set-aside, NAICS, contacts, limits, factors."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from domain.pages import Line, Page
from domain.requirements.deadlines import deadline_in
from domain.requirements.factors import factors_of
from domain.requirements.line_items import line_items
from domain.requirements.models import Contact, Deadline, KeyFacts, PageLimit
from domain.requirements.outline import Node
from domain.requirements.sentences import sentence_spans
from domain.requirements.set_asides import set_aside_of

_NUMBER = re.compile(
    r"\b(?=[A-Z0-9]*[A-Z])[A-Z0-9]{6}-?\d{2}-?[A-Z]-?(?=[A-Z0-9]*\d)[A-Z0-9]{4,8}\b|"
    r"\b[A-Z]{2,6}-\d{2}-[A-Z0-9]{1,6}-\d{3,6}\b"
)
_LABELLED = re.compile(
    r"(?:solicitation|rf[qp]|ifb|request for (?:quotations?|proposals?"
    r"|quotes?))\s*(?:\(\w+\)\s*)?(?:number|no\.?|#|id)\s*[:#]?\s*[\"“]?"
    r"((?=[A-Z-]*\d[A-Z-]*\d)[A-Z0-9][A-Z0-9-]{6,24}[A-Z0-9])",
    re.IGNORECASE,
)
_ASKING = frozenset("QRTB")
_DUE_LABEL = re.compile(
    r"\b(?:response|offer|quotes?|quotation|proposal|bid|closing"
    r"|submission)s?\s+(?:due\s+)?(?:date|deadline)|offer due date"
    r"|\b(?:due date|deadline|closing date|date and time) (?:for|of) (?:the )?(?:receipt of )?"
    r"(?:offers|quot|proposals|bids|responses)",
    re.IGNORECASE,
)
_DUE_FIELD = re.compile(
    r"(?:response|offers?|quotes?|quotations?|proposals?|bids?|closing)\s+(?:due(?: date)?|date"
    r"|deadline)\s*:",
    re.IGNORECASE,
)
_DUE = re.compile(
    r"\b(?:quot(?:es?|ations?)|offers?|proposals?|bids?|responses?|submission of your \w+"
    r"|submissions?)\b[^.;]{0,160}?\b(?:due|received|"
    r"submitted|accepted until|no later|not later|on or before|prior to|by)\b",
    re.IGNORECASE,
)
_EXTENDED = re.compile(
    r"\b(?:extend(?:ed|s|ing)?|changed|revised|amended|now)\b[^.]{0,60}\b(?:to|from|is)\b",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\b(?:questions?|inquir(?:y|ies)|requests? for information|q&a"
    r"|rfis?)\b[^.;]{0,200}?\b(?:due|received|submitted|no later|not later|"
    r"by|before|until|ending|deadline|prior)\b",
    re.IGNORECASE,
)
_FORM_DATE = re.compile(
    r"(\d{1,2}[-/]\d{1,2}[-/]\d{4})\s+(\d{4}|\d{1,2}:\d{2}\s*(?:[AP]M)?)\s+([ECMP][SD]?T)\b"
)
_NAICS = re.compile(r"\bNAICS\b[^0-9$]{0,90}(\d{6})\b")
_RULE = re.compile(r"\bresellers under\s*$", re.IGNORECASE)
"""The size rule of FAR 52.212-1 names a code of its own."""
_EMAIL = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.(?:gov|mil|us|com|org|net|edu)\b", re.IGNORECASE
)
_PHONE = re.compile(r"\(?\b\d{3}\)?[ .-]{1,2}\d{3}[.-]\d{4}\b")
_REACHED = re.compile(
    r"\b(?:contact|poc|contracting|specialist|officer|questions?|quot\w+|offers?|proposals?"
    r"|submi\w+|e-?mail|information call|buyer)\b",
    re.IGNORECASE,
)
_LIMIT = re.compile(
    r"\b(?:exceed|limited to|limit of|maximum of|no more than|not more than"
    r"|up to)\s+(?:a maximum of\s+)?(?:\w+\s*\(\s*)?(\d{1,3}|"
    r"one|two|three|four|five|six|seven|eight|nine|ten|fifteen|twenty(?:[ -]five)?|thirty|forty"
    r"|fifty)\s*\)?[- ](?:\w+ )?pages?\b|"
    r"\b(\d{1,3})[- ]pages? (?:limit|maximum)",
    re.IGNORECASE,
)
_COUNTS = {
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "fifteen": 15,
    "twenty": 20,
    "twenty-five": 25,
    "twenty five": 25,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
}
_LIMITED = (
    "past performance",
    "technical",
    "price",
    "management",
    "resume",
    "cover letter",
    "quality",
    "quote",
    "proposal",
)


def facts_of(pages: Sequence[Page], nodes: Sequence[Node]) -> KeyFacts:
    """`pages` with their running lines: the number often stands only there."""
    text = "\n".join(
        "\n".join([page.text, *(line.text for line in page.running)]) for page in pages
    )
    sentences = list(_sentences(nodes))
    everywhere = list(_sentences(nodes, of_clauses=True))
    return KeyFacts(
        solicitation_number=_number(text),
        response_deadline=_response(text, sentences) or _due(everywhere, _DUE),
        questions_due=_due(sentences, _ASKED) or _due(everywhere, _ASKED),
        set_aside=set_aside_of(pages, text),
        naics=_naics(pages, text),
        contacts=tuple(_contacts(pages, nodes)),
        page_limits=tuple(_limits(sentences)),
        evaluation_factors=factors_of(nodes),
        clins=line_items(pages),
    )


def _walk(nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        yield node
        yield from _walk(node.children)


def _sentences(
    nodes: Sequence[Node], *, clauses: bool = True, of_clauses: bool = False
) -> Iterator[tuple[str, str]]:
    """Paragraphs outside the clauses, each with the paragraph or cell before it; `of_clauses` also
    those within, as headings after a clause's full text do not always end it."""
    before = ""
    for node in _walk(nodes):
        kept = "52.212" if clauses else "none"
        if of_clauses or not any(
            heading.clause and not heading.clause.startswith(kept) for heading in node.path
        ):
            yield node.block.text, before
        before = node.block.text


def _single(sentences: Sequence[tuple[str, str]]) -> Iterator[str]:
    for paragraph, _ in sentences:
        yield from (paragraph[slice(*span)] for span in sentence_spans(paragraph))


def _number(text: str) -> str | None:
    labelled = _LABELLED.search(text)
    found = Counter(match.group() for match in _NUMBER.finditer(text))
    if not found:
        return labelled[1] if labelled else None
    asking = {number: count for number, count in found.items() if _instrument(number) in _ASKING}
    best = max(asking or found, key=lambda number: (found[number], -text.find(number)))
    return labelled[1] if labelled and found[labelled[1]] >= found[best] > 0 else best


def _instrument(number: str) -> str:
    return number.replace("-", "")[8:9]


def _response(text: str, sentences: Sequence[tuple[str, str]]) -> Deadline | None:
    """What an amendment sets goes first, then a labelled field, a form's field, a sentence."""
    for sentence in _single(sentences):
        about = _DUE.search(sentence) or _DUE_LABEL.search(sentence)
        if about and _EXTENDED.search(sentence) and deadline_in(sentence):
            return deadline_in(sentence, last=True)
    for cell, label in sentences:
        if _DUE_LABEL.search(label) and len(label.split()) < 8 and (found := deadline_in(cell)):
            return found
        if _DUE_FIELD.match(cell) and (found := deadline_in(cell)):
            return found
    form = _FORM_DATE.search(text)
    if form:
        return deadline_in(" ".join(form.groups()))
    return _due(sentences, _DUE)


def _due(sentences: Sequence[tuple[str, str]], pattern: re.Pattern[str]) -> Deadline | None:
    """The best stated: with a time, else with a date alone."""
    partly: Deadline | None = None
    for sentence in _single(sentences):
        found = pattern.search(sentence)
        asked = pattern is _DUE and _ASKED.search(sentence)
        moved = pattern is _ASKED and _DUE_LABEL.search(sentence)
        deadline = (
            deadline_in(sentence[found.start() :][:400]) if found and not (asked or moved) else None
        )
        if deadline and deadline.time:
            return deadline
        partly = partly or deadline
    return partly


def _naics(pages: Sequence[Page], text: str) -> str | None:
    front = pages[0] if pages else Page(1, ())
    alone = [line.text for line in front.lines if re.fullmatch(r"[1-9]\d{5}", line.text)]
    if "NAICS" in front.text and alone:
        return alone[0]
    own = (
        match for match in _NAICS.finditer(text) if not _RULE.search(text[: match.start()][-40:])
    )
    found = Counter(match[1] for match in own)
    return found.most_common(1)[0][0] if found else None


def _contacts(pages: Sequence[Page], nodes: Sequence[Node]) -> Iterator[Contact]:
    seen: set[str] = set()
    before = ""
    for text, _ in _sentences(nodes, clauses=False):
        for match in _EMAIL.finditer(text):
            about = before[-200:] + text
            if match.group().lower() not in seen and _REACHED.search(about):
                seen.add(match.group().lower())
                phone = _PHONE.search(text, match.end(), match.end() + 120) or _PHONE.search(
                    text, max(match.start() - 80, 0), match.start()
                )
                yield Contact(_name(before), match.group(), phone.group() if phone else None)
        before = text
    if not seen and pages:
        yield from _form_contact(pages[0])


def _form_contact(page: Page) -> Iterator[Contact]:
    """The person to call on the front of a standard form."""
    if "INFORMATION CALL" not in page.text.upper():
        return
    before: Line | None = None
    for line in page.lines:
        if _PHONE.fullmatch(line.text.strip()):
            yield Contact(
                before.text if before else None, None, re.sub(r"[. ]", "-", line.text.strip("() "))
            )
            return
        before = line


def _name(text: str) -> str | None:
    """A line that is a person's name."""
    plain = text.strip()
    return plain if re.fullmatch(r"[A-Z][\w'.-]+(?: [A-Z][\w'.-]*){1,3}", plain) else None


def _limits(sentences: Sequence[tuple[str, str]]) -> Iterator[PageLimit]:
    seen: set[PageLimit] = set()
    for sentence, before in sentences:
        for match in _LIMIT.finditer(sentence):
            count = (match[1] or match[2]).lower()
            about = (
                sentence[max(match.start() - 120, 0) : match.start()].lower()
                + " "
                + before.lower()[:80]
            )
            what = next((name for name in _LIMITED if name in about), None)
            pages = _COUNTS.get(count) or (int(count) if count.isdigit() else None)
            if what and pages and (limit := PageLimit(what, pages)) not in seen:
                seen.add(limit)
                yield limit
