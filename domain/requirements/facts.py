"""Key facts of a solicitation: number, deadlines, set-aside, NAICS, contacts, limits, factors."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from domain.pages import Page
from domain.requirements.contacts import EMAIL, contacts_of
from domain.requirements.deadlines import deadline_in
from domain.requirements.factors import factors_of
from domain.requirements.line_items import line_items
from domain.requirements.models import Deadline, KeyFacts
from domain.requirements.outline import Node
from domain.requirements.page_limits import page_limits
from domain.requirements.sentences import sentence_spans
from domain.requirements.set_asides import set_aside_of

_NUMBER = re.compile(
    r"\b(?=[A-Z0-9]*[A-Z])[A-Z0-9]{6}-?\d{2}-?[A-Z]-?(?=[A-Z0-9]*\d)[A-Z0-9]{4,8}\b|"
    r"\b[A-Z]{2,6}-\d{2}-[A-Z0-9]{1,6}-\d{3,6}\b"
)
_SHORT = re.compile(
    r"\b(?:RFQ|RFP|IFB|ITB)[ #:-]{0,3}((?=[A-Z0-9-]*\d{2})[A-Z0-9]{1,8}(?:-[A-Z0-9]{1,8}){1,4})\b"
    r"|\b(RF[QP]-?\d{5,10})\b"
)
_LABELLED = re.compile(
    r"(?:solicitation|rf[qp]|ifb|request for (?:quotations?|proposals?"
    r"|quotes?))\s*(?:\(\w+\)\s*)?(?:number|no\.?|#|id)\s*[:#]?\s*[\"“]?"
    r"((?=[A-Z-]*\d[A-Z-]*\d)[A-Z0-9][A-Z0-9-]{6,24}[A-Z0-9])",
    re.IGNORECASE,
)
_FIELD_CHARS = 160
_ASKING = frozenset("QRTB")
_DUE_LABEL = re.compile(
    r"\b(?:response|offer|quotes?|quotation|proposal|bid|closing"
    r"|submission)s?\s+(?:due\s+)?(?:date|deadline)|offer due date"
    r"|\b(?:due date|deadline|closing date|date and time) (?:for|of) (?:the )?(?:receipt of )?"
    r"(?:offers|quot|proposals|bids|responses)",
    re.IGNORECASE,
)
_DUE_FIELD = re.compile(
    r"(?:response|offers?|quotes?|quotations?|proposals?|bids?|closing|submission)s?\s+(?:are\s+)?"
    r"(?:due(?: date)?|date|deadline)(?:\s*(?:and|/|&)\s*time)?(?:/local time)?\s*[:-]"
    r"|\b(?:due|closing) date(?:\s*(?:and|/|&)\s*time)?\s*:",
    re.IGNORECASE,
)
_DUE = re.compile(
    r"\b(?:quot(?:es?|ations?)|offers?|proposals?|bids?|responses?|submission of your \w+"
    r"|submissions?|(?:solicitation|quote|offer|bid|proposal) packages?)"
    r"\b[^.;]{0,200}?\b(?:due|received|clos(?:es?|ing)|arrive|in hand|"
    r"submitted|returned|accepted until|taken in|until|nlt|no later|not later|on or before|prior to"
    r"|by)\b",
    re.IGNORECASE,
)
_EXTENDED = re.compile(
    r"\b(?:extend(?:ed|s|ing)?|changed|revised|amended|now)\b[^.]{0,60}\b(?:to|from|is)\b",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"\b(?:questions?|inquir(?:y|ies)|requests? for information|q&a"
    r"|rfis?)\b[^.;]{0,200}?\b(?:due|received|submitted|no later|not later|"
    r"by|before|until|ending|deadline|prior|nlt)\b"
    r"|\b(?:last day|deadline|cut-?off|closing date) (?:for|of) (?:questions|inquiries)\b",
    re.IGNORECASE,
)
_FORM_DATE = re.compile(
    r"(\d{1,2}[-/]\d{1,2}[-/]\d{4})\s+(\d{4}|\d{1,2}:\d{2}\s*(?:[AP]M)?)\s+([ECMP][SD]?T)\b"
)
_TITLE = re.compile(r"\b(Mr|Mrs|Ms|Dr|Sgt|Lt|Capt)\.(?= [A-Z])")
_WEB = re.compile(r"https?://\S+|\bwww\.\S+|\bsam\.gov\b", re.IGNORECASE)
_NAICS = re.compile(r"\bNAICS\b[^0-9$]{0,90}(\d{6})\b")
_RULE = re.compile(r"\bresellers under\s*$", re.IGNORECASE)
"""The size rule of FAR 52.212-1 names a code of its own."""


def facts_of(pages: Sequence[Page], nodes: Sequence[Node]) -> KeyFacts:
    """`pages` with their running lines: the number often stands only there."""
    text = "\n".join(
        "\n".join([page.text, *(line.text for line in page.running)]) for page in pages
    )
    sentences = list(_sentences(nodes))
    everywhere = list(_sentences(nodes, of_clauses=True))
    return KeyFacts(
        solicitation_number=_number(text),
        response_deadline=_zoned(_response(text, sentences) or _due(everywhere, _DUE), everywhere),
        questions_due=_due(sentences, _ASKED) or _due(everywhere, _ASKED),
        set_aside=set_aside_of(pages, text),
        naics=_naics(pages, text),
        contacts=tuple(contacts_of(pages, list(_sentences(nodes, clauses=False)), everywhere)),
        page_limits=tuple(page_limits(sentences, nodes) or page_limits(everywhere, nodes)),
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
    """Addresses and titles have full stops that end no clause; those are left out."""
    for whole, _ in sentences:
        paragraph = _WEB.sub("a web site", EMAIL.sub("an e-mail address", whole))
        paragraph = _TITLE.sub(r"\1", paragraph)
        yield from (paragraph[slice(*span)] for span in sentence_spans(paragraph))


def _number(text: str) -> str | None:
    labelled = _LABELLED.search(text)
    found = Counter(match.group() for match in _NUMBER.finditer(text))
    if not found:
        short = _SHORT.search(text)
        return labelled[1] if labelled else (short[1] or short[2]) if short else None
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
        field = _DUE_FIELD.search(cell)
        if field and (found := deadline_in(cell[field.start() :][:_FIELD_CHARS])):
            return found
    form = _FORM_DATE.search(text)
    if form:
        return deadline_in(" ".join(form.groups()))
    return _due(sentences, _DUE)


def _zoned(found: Deadline | None, sentences: Sequence[tuple[str, str]]) -> Deadline | None:
    """A form prints no zone; a sentence that tells the same moment may."""
    if found is None or found.zone or not found.time:
        return found
    others = (deadline_in(sentence) for sentence in _single(sentences))
    same = (o for o in others if o and (o.date, o.time) == (found.date, found.time) and o.zone)
    return next(same, found)


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
