"""Documents searched by words and by meaning, and asked."""

import asyncio
from dataclasses import asdict
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from deployments.backends import Ports
from deployments.guard import DocumentReader
from deployments.params import DocumentId, NoQuery
from deployments.problems import PROBLEMS
from deployments.shapes import Page, Shape
from deployments.shapes_document import BoxShape
from deployments.shapes_matrix import FactShape, QuotePlaceShape, QuoteShape
from domain.page_search import places_on

router = APIRouter(prefix="/api/v1", tags=["documents"], responses=PROBLEMS)


class PassageQuery(BaseModel):
    """`document_id` narrows to one document."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(min_length=2, max_length=500)
    document_id: UUID | None = None
    limit: int = Field(default=10, ge=1, le=50)


class PassageShape(Shape):
    """`start` and `end` are characters of the document's text."""

    document_id: UUID
    heading: str
    text: str
    start: int
    end: int
    places: tuple[QuotePlaceShape, ...]
    score: float


class Question(BaseModel):
    model_config = ConfigDict(extra="forbid")

    question: str = Field(min_length=3, max_length=500, examples=["When are quotes due?"])


class AnswerShape(Shape):
    """`heading` is what the sentence stands under; `fact` is there where the quote states one."""

    quote: QuoteShape
    heading: str
    score: float
    fact: FactShape | None


class AnswersShape(Shape):
    """Key facts that are asked for, then sentences of the document, best first.

    None: `said` is "not in the document".
    """

    said: str = Field(examples=["in the document", "not in the document"])
    answers: tuple[AnswerShape, ...]


class FindQuery(BaseModel):
    """Words in their order, whatever their case and the white space between them."""

    model_config = ConfigDict(extra="forbid")

    q: str = Field(min_length=1, max_length=200, examples=["technical volume"])
    limit: int = Field(default=20, ge=1, le=100)


class HitShape(Shape):
    """`nth` on its page, from 1; a box for each line that it touches, none without places."""

    page: int
    nth: int
    before: str
    words: str
    after: str
    boxes: tuple[BoxShape, ...]


@router.get("/documents/{document_id}/find")
async def find_in_document(
    document_id: DocumentId,
    query: Annotated[FindQuery, Query()],
    principal: DocumentReader,
    ports: Ports,
) -> Page[HitShape]:
    """Where words stand in one document, in the order of its pages; `total` counts them all."""
    who = principal.tenant_id, document_id
    await ports.documents.rows.get(*who)
    found = await ports.documents.words.find(*who, query.q)
    hits = found.hits[: query.limit]
    numbers = sorted({hit.page for hit in hits})
    pages = await asyncio.gather(*(ports.documents.pages.read_one(*who, one) for one in numbers))
    places = {page.number: places_on(page, query.q) for page in pages}
    items = tuple(
        HitShape(
            **asdict(hit),
            boxes=tuple(BoxShape.model_validate(box) for box in places[hit.page][hit.nth - 1]),
        )
        for hit in hits
    )
    degraded = ("pages read before their words were kept",) if found.unknown else ()
    return Page[HitShape](items=items, next_cursor=None, total=len(found.hits), degraded=degraded)


@router.get("/passages")
async def search_passages(
    query: Annotated[PassageQuery, Query()], principal: DocumentReader, ports: Ports
) -> Page[PassageShape]:
    """Passages of one's documents that mean what is asked for, the nearest first."""
    found = await ports.answers.search(
        principal.tenant_id, query.q, limit=query.limit, document_id=query.document_id
    )
    items = tuple(
        PassageShape(
            document_id=one.document_id,
            heading=one.chunk.heading,
            text=one.chunk.text,
            start=one.chunk.start,
            end=one.chunk.end,
            places=tuple(QuotePlaceShape.model_validate(place) for place in one.chunk.places),
            score=one.score,
        )
        for one in found
    )
    return Page[PassageShape](items=items, next_cursor=None, total=len(items), degraded=())


@router.post("/documents/{document_id}/question")
async def ask_document(
    document_id: DocumentId,
    query: NoQuery,
    asked: Question,
    principal: DocumentReader,
    ports: Ports,
) -> AnswersShape:
    """Answers are sentences of the document with their places; nothing is made up."""
    found = await ports.answers.ask(principal.tenant_id, document_id, asked.question)
    return AnswersShape(
        said="in the document" if found else "not in the document",
        answers=tuple(AnswerShape.model_validate(one) for one in found),
    )
