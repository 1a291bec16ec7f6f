"""What the place of a sentence says about it: its section, duties without a verb, what to skip."""

import re
from collections.abc import Iterator

from domain.requirements.duties import Setting, duty_of
from domain.requirements.evaluation import is_evaluation, is_rating
from domain.requirements.headings import Heading
from domain.requirements.labels import is_finite, is_title
from domain.requirements.learned import Sentence, Weights, kind_of_duty
from domain.requirements.models import Duty
from domain.requirements.outline import Node
from domain.requirements.sections import section_of

DEFINITIONS = re.compile(r"definitions?\b", re.IGNORECASE)
FORM_TITLE = re.compile(
    r"solicitation\W{0,3}contract\W{0,3}order|solicitation, offer,? and award"
    r"|request for quotations?\W*\(?this is not an order|amendment of solicitation",
    re.IGNORECASE,
)
_HIGH_RANK = 3
"""Of the headings of parts, sections and clauses: on a form's front only these end section A."""
_OFFER_WORDS = re.compile(
    r"\b(?:offer(?:or)?s?|quot(?:e|es|er|ers|ation|ations)|proposals?|bid(?:der)?s?|responses?"
    r"|questions?|vendors?|solicitation)\b",
    re.IGNORECASE,
)
_SENT = re.compile(
    r"\b(?:submit|include|provide|send|return|complete|attach|e-?mail|receiv|due)\w*\b.*"
    r"\b(?:quot\w+|offers?|proposals?|bids?)\b|\b(?:quot(?:es?|ations?)|offers?|proposals?|bids?)\b"
    r".{0,60}\b(?:submit|include|receiv|due|contain)\w*",
    re.IGNORECASE,
)
_SPECIFIES = re.compile(
    r"\bsalient\b|\bcharacteristics\b|\bspecifications?\b|\bdeliverables\b|\bfeatures\b"
    r"|\b(?:minimum|technical|physical) requirements?\b",
    re.IGNORECASE,
)
_CHARACTERISTICS = re.compile(
    r"\bsalient\b|\b(?:physical|functional|performance|essential|required|minimum|technical|key)"
    r" (?:characteristics|features|specifications?|requirements)\W*$|\bspecifications?\W*$",
    re.IGNORECASE,
)
_INFORMS = re.compile(
    r"\bfor (?:informational?|reference|illustrative|example) (?:purposes? )?only\b"
    r"|\bfor information purposes\b",
    re.IGNORECASE,
)
_BOUNDS = re.compile(
    r"\b(?:within|at least|minimum(?: of)?|maximum(?: of)?|no (?:more|less) than|not to exceed"
    r"|up to)\s+(?:\w+\s+\()?"
    r"[\d$]|[≥≤]\s*\d",
    re.IGNORECASE,
)
_TERMS = re.compile(
    r"(?:required )?(?:deliver(?:y|ies)|delivery (?:date|time|terms?)|warranty|page limits?"
    r"|shelf life"
    r"|lead time|response time|technical support|support|acceptance period|price validity)\s*:",
    re.IGNORECASE,
)
_BUYER_ACTS = re.compile(
    r"(?:the )?(?:government|agency|contracting officer(?:.s representative)?|cor|co|ko|va)\s+"
    r"(?:may|will|shall|can|has|is|reserves)\b",
    re.IGNORECASE,
)
_BACKGROUND = re.compile(r"(?:background|introduction|purpose)\b", re.IGNORECASE)
_BIDDER = re.compile(
    r"\b(?:contractor|offeror|vendor|quoter|bidder|supplier|awardee|you)s?\b"
    r"|\b(?:resource|system|software|products?|items?|equipment|services?|solution|platform)\s+"
    r"(?:shall|must)\b",
    re.IGNORECASE,
)
_INFORMS_WITHIN = 300
_CHECKLIST = re.compile(r"\bcheck ?list\b", re.IGNORECASE)
_DELIVERABLE = re.compile(r"(?:deliverable|cdrl|milestone)\b", re.IGNORECASE)
_BULLETS = frozenset({"•", "-", "\u2013", "o", "[ ]", "*", "○", "▪", "●", "■", "\uf0b7", "\uf0a7"})
_NUMBERS = frozenset({"1.", "a.", "(1)", "(a)", "1)"})


class Standing:
    """`agencies` are short names of the buyer, `form` says that a standard form comes first,
    `weights` judge what the rules leave out."""

    def __init__(self, agencies: frozenset[str], weights: Weights, *, form: bool) -> None:
        self._agencies = agencies
        self._weights = weights
        self._form = form
        self._known: dict[tuple[str, str], Duty | None] = {}

    def own_duty(self, node: Node, text: str) -> Duty | None:
        """That a sentence states by itself."""
        if len(text.split()) < 2 or (_is_background(node) and not _BIDDER.search(text)):
            return None
        key = self.letter(node, text), text
        if key not in self._known:
            self._known[key] = duty_of(text, Setting(key[0], self._agencies))
        return self._known[key]

    def learned_duty(self, node: Node, text: str) -> Duty | None:
        """Of a sentence that the rules leave out."""
        if node.block.cell or (_is_background(node) and not _BIDDER.search(text)):
            return None
        sentence = self.sentence(node, text)
        if not self._weights.finds(sentence):
            return None
        return kind_of_duty(sentence, Setting(sentence.letter, self._agencies))

    def sentence(self, node: Node, text: str) -> Sentence:
        """With what its place says about it."""
        return Sentence(
            text,
            self.letter(node, text),
            title=node.path[-1].title if node.path else "",
            lead=node.parent.block.text if node.parent else "",
            in_clause=in_clause(node),
            kind=node.kind,
        )

    def letter(self, node: Node, text: str) -> str:
        """Of its headings, else of what it says."""
        high = any(
            heading.rank <= _HIGH_RANK and not FORM_TITLE.search(heading.title)
            for heading in node.path
        )
        if self._form and node.block.page == 1 and not high:
            return "A"
        return section_of(node.path) or by_content(text)

    def section(self, node: Node, text: str, duty: Duty) -> str:
        """Of the headings, but what an offer holds is L in a schedule or specification too, and
        how offers are judged is M outside the clauses."""
        letter = self.letter(node, text)
        if in_clause(node):
            return letter
        if duty.actor == "government" and not is_rating(text):
            return "M"
        sent = duty.actor == "offeror" and _SENT.search(text)
        return "L" if sent and letter in {"B", "C"} else letter

    def specifies(self, node: Node, lead: str) -> bool:
        """Whether a lead-in without a verb of duty names characteristics that its items are."""
        asked = not in_clause(node) and section_of(node.path) in {"B", "C", None}
        return asked and bool(_CHARACTERISTICS.search(lead)) and not _OFFER_WORDS.search(lead)

    def duty_by_place(self, node: Node, label: str, text: str) -> Duty | None:
        """Items of checklists, of lists of characteristics and of instructions need no verb."""
        if _TERMS.match(label) and _BOUNDS.search(text) and not is_finite(text):
            return Duty("offeror" if section_of(node.path) == "L" else "contractor", "states")
        if not node.is_item or _BUYER_ACTS.match(text):
            return None
        if in_checklist(node) and node.kind in _BULLETS:
            return Duty("offeror", "must")
        listed = node.kind in _BULLETS | _NUMBERS or node.kind.startswith("1.")
        if in_clause(node) or not listed or _under_statement(node):
            return None
        section = section_of(node.path)
        titles = " / ".join([*(heading.title for heading in node.path[-2:]), *_titles_above(node)])
        specified = _SPECIFIES.search(titles) or _DELIVERABLE.match(label)
        bounded = _BOUNDS.search(text) and not is_finite(text)
        if section in {"C", None} and (specified or (section and bounded)):
            return Duty("contractor", "states")
        named = node.kind != "[ ]" and not is_finite(text)
        return Duty("offeror", "states") if section == "L" and named else None


class Skipping:
    """Remembers, node by node, whether definitions or a part for information only go on."""

    def __init__(self) -> None:
        self._defining: tuple[Heading, ...] | None = None
        self._informing: tuple[Heading, ...] | None = None

    def covers(self, node: Node) -> bool:
        """Definitions go on to the next numbered paragraph, information to the end of its part."""
        titles = [heading.title for heading in node.path[-1:]]
        if any(DEFINITIONS.match(text) for text in (node.block.content, *titles)):
            self._defining = node.path
            return True
        if node.path and _INFORMS.search(node.block.text[:_INFORMS_WITHIN]):
            self._informing = node.path
        if self._informing is not None and node.path[: len(self._informing)] == self._informing:
            return True
        if self._defining is not None and (node.path != self._defining or node.is_item):
            self._defining = None
        return self._defining is not None


def in_clause(node: Node) -> bool:
    return any(heading.clause for heading in node.path)


def _is_background(node: Node) -> bool:
    return bool(node.path) and bool(_BACKGROUND.match(node.path[-1].title))


def in_checklist(node: Node) -> bool:
    return any(_CHECKLIST.search(heading.title) for heading in node.path)


def by_content(text: str) -> str:
    """The section of a sentence in a document without headings that tell."""
    if is_evaluation(text):
        return "M"
    return "L" if _OFFER_WORDS.search(text) else "C"


def _titles_above(node: Node) -> Iterator[str]:
    while node.parent is not None:
        node = node.parent
        yield node.block.content


def _under_statement(node: Node) -> bool:
    """Whether what it hangs under is more than a label."""
    return node.parent is not None and not is_title(node.parent.block.content)
