"""What a document answered: quotes that open at their places, or that it does not say."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from deployments.document_answers import Answered
from deployments.web.list_query import address
from deployments.web.viewer import viewer_path
from domain.errors import HubError, NotYet
from domain.key_facts import FactName, KeyFact

MOST_KEPT = 20

FACT_NAMES: dict[FactName, str] = {
    "solicitation_number": "Solicitation number",
    "response_deadline": "Offers are due",
    "questions_due": "Questions are due",
    "set_aside": "Set-aside",
    "naics": "NAICS",
    "contact": "Contact",
    "page_limit": "Page limit",
    "evaluation_factor": "Evaluation factor",
}


@dataclass(frozen=True, slots=True)
class AnswerView:
    """`fact` is what the words state, in our form: "Offers are due: 2026-02-12 13:00 EST"."""

    text: str
    heading: str
    page: int
    href: str
    fact: str | None = None


@dataclass(frozen=True, slots=True)
class Replied:
    """Without answers the document does not say; `trouble` is why it could not be asked."""

    answers: tuple[AnswerView, ...] = ()
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class EarlierView:
    question: str
    href: str


def replied(document_id: UUID, found: Sequence[Answered]) -> Replied:
    return Replied(
        tuple(
            AnswerView(
                one.quote.text,
                one.heading,
                one.quote.page,
                _place(document_id, one),
                fact=_stated(one.fact) if one.fact else None,
            )
            for one in found
        )
    )


def unanswered(error: HubError) -> Replied:
    if isinstance(error, NotYet):
        return Replied(trouble="It is not searchable yet. That takes seconds after it is read.")
    return Replied(trouble=f"{error} The question was not answered; ask it again in a moment.")


def asked_before(path: str, question: str, before: Sequence[str]) -> list[EarlierView]:
    """Each asks its question again and keeps the others."""
    asked = [one for one in dict.fromkeys((question, *before)) if one][:MOST_KEPT]

    def href(chosen: str) -> str:
        others = [one for one in asked if one != chosen]
        return address({"question": chosen, "before": others}, path)

    return [EarlierView(one, href(one)) for one in asked if one != question]


def _stated(fact: KeyFact) -> str:
    detail = f" ({fact.detail})" if fact.detail else ""
    return f"{FACT_NAMES[fact.name]}: {fact.value}{detail}"


def _place(document_id: UUID, answered: Answered) -> str:
    boxes = [
        ",".join(f"{edge:.1f}" for edge in (box.left, box.top, box.right, box.bottom))
        for box in answered.quote.boxes
    ]
    told = {"page": answered.quote.page, "box": boxes}
    return f"{address(told, viewer_path(document_id))}#page"
