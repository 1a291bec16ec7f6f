"""Search over Postgres, the vector index and the text embedding, as far as they answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from cluster.stores.postgres import Connection, Pool, as_tenant
from cluster.stores.search_highlights import highlight
from cluster.stores.search_sql import ALL, BY_WORDS, RANKED, Statement, literally
from domain.errors import NotFound, Unavailable
from domain.fusion import MEANING, fuse
from domain.narrowing import conditions
from domain.ports import TextEmbedding, VectorIndex
from domain.search import FacetValue, Fit, Mode, SearchItem, SearchQuery, SearchResult
from domain.search_cursor import Place, read_cursor, write_cursor
from domain.search_terms import bare_words, identifiers, with_both_spellings
from domain.vectors import Asked, Hit, Vector

CHUNKS = 400
"""How far a search by meaning looks. Several may be of one notice."""
CANDIDATES = 200
"""How many of the best by words are fused with those."""
FACET_VALUES = 50


@dataclass(frozen=True, slots=True)
class _Plan:
    """The notices that may answer, with their scores, as the head of a statement."""

    statement: Statement
    passages: Mapping[str, int] = field(default_factory=dict)
    is_total_bound: bool = False
    degraded: tuple[str, ...] = ()


class PostgresOpportunitySearch:
    """Implements `domain.ports.OpportunitySearch`."""

    def __init__(self, pool: Pool, index: VectorIndex, embedding: TextEmbedding) -> None:
        self._pool = pool
        self._index = index
        self._embedding = embedding

    async def search(self, tenant_id: UUID, query: SearchQuery) -> SearchResult:
        after = read_cursor(query)
        plan = await self._plan(tenant_id, query)
        async with as_tenant(self._pool, tenant_id) as connection:
            rows, next_cursor = await _page(connection, plan.statement, after)
            total, facets = await _facets(connection, plan.statement)
            why = {}
            if query.words:
                spelled = with_both_spellings(query.words)
                why = await highlight(connection, spelled, rows, plan.passages)
        return SearchResult(
            items=[_item(row, why.get(row["notice_id"], ())) for row in rows],
            total=total,
            is_total_bound=plan.is_total_bound,
            facets=facets,
            next_cursor=next_cursor,
            degraded=plan.degraded,
        )

    async def _plan(self, tenant_id: UUID, query: SearchQuery) -> _Plan:
        if not query.words:
            return _Plan(Statement(ALL, query))
        if query.mode == Mode.KEYWORD:
            return _Plan(_by_words(query))
        try:
            hits, is_fused = await self._asked(tenant_id, query)
        except Unavailable as outage:
            if query.mode == Mode.SEMANTIC:
                raise
            return _Plan(_by_words(query), degraded=(_part(outage),))
        best = _best_chunks(hits)
        scores = {hit.key: hit.score for hit in best.values()}
        is_bound = len(hits) == CHUNKS
        if query.mode == Mode.HYBRID and (not is_fused or identifiers(query.words)):
            by_words = await self._best_by_words(tenant_id, query)
            is_bound = is_bound or len(by_words) == CANDIDATES
            named = {key: score for key, score in by_words.items() if score >= _NAMED}
            scores = (scores if is_fused else fuse(scores, by_words)) | named
        passages = {hit.key: hit.chunk for hit in best.values()}
        ranked = Statement(RANKED, query, [list(scores), list(scores.values())])
        return _Plan(ranked, passages, is_bound)

    async def _asked(self, tenant_id: UUID, query: SearchQuery) -> tuple[list[Hit], bool]:
        """Chunks, and whether their scores are of words too: then nothing is left to fuse.

        Raises `Unavailable`, also while nothing was embedded yet.
        """
        [vector] = await self._embedding.embed([query.words])
        try:
            fused = await self._hybrid(tenant_id, query, vector)
            if fused is not None:
                return fused, True
            where = conditions(query)
            return await self._index.search(tenant_id, vector, limit=CHUNKS, where=where), False
        except NotFound as error:
            raise Unavailable(service="vectors", reason=str(error)) from error

    async def _hybrid(
        self, tenant_id: UUID, query: SearchQuery, vector: Vector
    ) -> list[Hit] | None:
        """The index's own hybrid query, where it is asked for, has it, and some word is wanted."""
        words = bare_words(query.words)
        if query.mode != Mode.HYBRID or not words:
            return None
        asked = Asked(words, vector, MEANING)
        where = conditions(query)
        return await self._index.hybrid(tenant_id, asked, limit=CHUNKS, where=where)

    async def _best_by_words(self, tenant_id: UUID, query: SearchQuery) -> dict[str, float]:
        sql, values = _by_words(query).best(CANDIDATES)
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(sql, *values)
        return {row["notice_id"]: row["score"] for row in rows}


_NAMED = 10.0
"""The score of a notice that the query names by a number: it comes first in every mode."""


def _by_words(query: SearchQuery) -> Statement:
    patterns = [f"{literally(token)}%" for token in identifiers(query.words)]
    return Statement(BY_WORDS, query, [with_both_spellings(query.words), patterns])


def _best_chunks(hits: Sequence[Hit]) -> dict[str, Hit]:
    best: dict[str, Hit] = {}
    for hit in hits:
        if hit.key not in best or hit.score > best[hit.key].score:
            best[hit.key] = hit
    return best


def _part(outage: Unavailable) -> str:
    """pgvector's outage is Postgres's, but what is missing from the answer are the vectors."""
    return "ai" if outage.service == "ai" else "vectors"


async def _page(
    connection: Connection, statement: Statement, after: Place | None
) -> tuple[list[asyncpg.Record], str | None]:
    limit = statement.query.limit
    sql, values = statement.page(
        rank=after.rank if after else None,
        notice_id=after.notice_id if after else None,
        limit=limit + 1,
    )
    rows = await connection.fetch(sql, *values)
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], write_cursor(statement.query, Place(last["rank"], last["notice_id"]))


async def _facets(
    connection: Connection, statement: Statement
) -> tuple[int, dict[str, list[FacetValue]]]:
    """The total, and the most frequent values of each facet."""
    sql, values = statement.facets()
    total = 0
    facets: dict[str, list[FacetValue]] = {}
    for row in await connection.fetch(sql, *values):
        if row["facet"] is None:
            total = row["count"]
        elif row["value"] is not None:
            facets.setdefault(row["facet"], []).append(FacetValue(row["value"], row["count"]))
    for name, counted in facets.items():
        counted.sort(key=lambda it: (-it.count, it.value))
        facets[name] = counted[:FACET_VALUES]
    return total, facets


_COLUMNS = (
    *("notice_id", "title", "solicitation_number", "type", "posted_at", "naics", "psc"),
    *("set_aside", "department", "sub_tier", "office", "state", "country", "is_medical"),
    *("is_closed", "updated_at", "score"),
)


def _item(row: asyncpg.Record, highlights: tuple[Any, ...]) -> SearchItem:
    return SearchItem(
        **{name: row[name] for name in _COLUMNS},
        response_deadline=row["deadline_at"] or row["deadline_date"],
        fit=_fit(row),
        highlights=highlights,
    )


def _fit(row: asyncpg.Record) -> Fit | None:
    if row["gates"] is None:
        return None
    return Fit(row["fit_score"], tuple(row["gates"]), tuple(row["reasons"]))
