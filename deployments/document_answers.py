"""Search within documents, and questions to one: words of the document with their places."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from cluster.stores.requirements import ExtractedFacts
from domain.answers import Passage, candidates, rank
from domain.document_chunks import DocumentChunk
from domain.document_embedding import DOCUMENT_FIELD
from domain.errors import NotFound, NotYet
from domain.fact_questions import asked_facts
from domain.key_facts import KeyFact
from domain.pages import Page
from domain.ports import TextEmbedding, VectorIndex
from domain.quotes import Quote, QuoteFinder, fold
from domain.vectors import OneOf

_PASSAGES = 8
"""Chunks in which an answer is looked for."""


class Chunks(Protocol):
    """The part of `PostgresDocumentChunks` that is needed here."""

    async def get(
        self, tenant_id: UUID, keys: Sequence[tuple[UUID, int]]
    ) -> dict[tuple[UUID, int], DocumentChunk]: ...
    async def has_any(self, tenant_id: UUID, document_id: UUID) -> bool:
        """Raises `NotFound` where there is no such document."""


class Pages(Protocol):
    """The part of `DocumentPages` that is needed here."""

    async def read_one(self, tenant_id: UUID, document_id: UUID, number: int) -> Page: ...


class Facts(Protocol):
    """The part of `PostgresRequirements` that is needed here."""

    async def facts(self, tenant_id: UUID, document_id: UUID) -> ExtractedFacts:
        """Raises `NotFound` for a document of which nothing was drawn."""


@dataclass(frozen=True, slots=True)
class Found:
    document_id: UUID
    chunk: DocumentChunk
    score: float


@dataclass(frozen=True, slots=True)
class Answered:
    """A sentence of the document, found again on its page; or the words that state a key fact."""

    quote: Quote
    heading: str
    score: float
    fact: KeyFact | None = None


class DocumentAnswers:
    """Every call raises `Unavailable`."""

    def __init__(
        self,
        embedding: TextEmbedding,
        index: VectorIndex,
        chunks: Chunks,
        pages: Pages,
        facts: Facts,
    ) -> None:
        self._embedding = embedding
        self._index = index
        self._chunks = chunks
        self._pages = pages
        self._facts = facts

    async def search(
        self, tenant_id: UUID, words: str, *, limit: int, document_id: UUID | None = None
    ) -> list[Found]:
        """The nearest chunks of the tenant's documents, or of one of them, best first."""
        [vector] = await self._embedding.embed([words])
        where = [OneOf(DOCUMENT_FIELD, (str(document_id),))] if document_id else []
        hits = await self._index.search(tenant_id, vector, limit=limit, where=where)
        keys = [(UUID(hit.key), hit.chunk) for hit in hits]
        chunks = await self._chunks.get(tenant_id, keys)
        return [
            Found(key[0], chunks[key], round(hit.score, 4))
            for key, hit in zip(keys, hits, strict=True)
            if key in chunks
        ]

    async def ask(self, tenant_id: UUID, document_id: UUID, question: str) -> list[Answered]:
        """Key facts that are asked for, then sentences, the best first. Empty where the document
        does not say. Raises `NotFound`, and `NotYet` while it cannot be asked.
        """
        if not await self._chunks.has_any(tenant_id, document_id):
            raise NotYet(waits_for="the document to be read and made searchable")
        stated = await self._stated(tenant_id, document_id, question)
        said = await self._said(tenant_id, document_id, question)
        told = [fold(one.quote.text) for one in stated]
        return [*stated, *(one for one in said if fold(one.quote.text) not in told)]

    async def _stated(self, tenant_id: UUID, document_id: UUID, question: str) -> list[Answered]:
        """A document of which nothing was drawn yet states no fact."""
        names = asked_facts(question)
        if not names:
            return []
        try:
            drawn = await self._facts.facts(tenant_id, document_id)
        except NotFound:
            return []
        return [Answered(fact.quote, "", 1.0, fact) for fact in drawn.facts if fact.name in names]

    async def _said(self, tenant_id: UUID, document_id: UUID, question: str) -> list[Answered]:
        found = await self.search(tenant_id, question, limit=_PASSAGES, document_id=document_id)
        passages = [Passage(one.chunk.heading, one.chunk.text, one.chunk.page) for one in found]
        sentences = candidates(passages)
        vector, *vectors = await self._embedding.embed(
            [question, *(sentence.text for sentence in sentences)]
        )
        answers = []
        for ranked in rank(question, vector, sentences, vectors):
            one = ranked.candidate
            if quote := await self._verified(tenant_id, document_id, one.text, one.page):
                answers.append(Answered(quote, one.heading, round(ranked.score, 4)))
        return answers

    async def _verified(
        self, tenant_id: UUID, document_id: UUID, text: str, page: int
    ) -> Quote | None:
        """As the page prints it now; None for what is not found there, which is not shown."""
        read = await self._pages.read_one(tenant_id, document_id, page)
        return QuoteFinder([read]).find(text)
