"""Keep the vectors of notices as the events tell: each chunk embedded once, properties current."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.access import PUBLIC
from domain.chunking import Chunk, notice_chunks, plain_text
from domain.events import Recorded
from domain.narrowing import properties_of
from domain.notice import Notice
from domain.opportunity import (
    OpportunityAmended,
    OpportunityClosed,
    OpportunityDiscovered,
    reopens,
)
from domain.ports import Embedder, TextStore, VectorIndex
from domain.vectors import Held, Properties, Vector, VectorRecord

EMBEDDED_ON = (OpportunityDiscovered, OpportunityAmended, OpportunityClosed)
TEXTS_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class _News:
    """What a batch tells of one notice. None: nothing of that."""

    notice: Notice | None = None
    is_closed: bool | None = None


class EmbedNotices:
    """Repeating a batch changes nothing, nor does a batch that tells only what is known."""

    def __init__(self, embedder: Embedder, index: VectorIndex, texts: TextStore) -> None:
        self._embedder = embedder
        self._index = index
        self._texts = texts

    async def __call__(self, batch: Sequence[Recorded]) -> None:
        """Events of one notice in their order. Raises `Unavailable`."""
        news = _gather(batch)
        held = await self._index.held(PUBLIC, list(news))
        properties = {key: told for key in news if (told := _properties(news[key], held.get(key)))}
        chunks = await self._chunks(news)
        await self._index.upsert(await self._changed(chunks, held, properties))
        for key in chunks:
            if key in held and len(held[key].digests) > len(chunks[key]):
                await self._index.delete(PUBLIC, [key], from_chunk=len(chunks[key]))
        await self._index.describe(
            PUBLIC,
            {
                key: told
                for key, told in properties.items()
                if key in held and not told.items() <= held[key].properties.items()
            },
        )

    async def _chunks(self, news: Mapping[str, _News]) -> dict[str, list[Chunk]]:
        notices = [it.notice for it in news.values() if it.notice]
        digests = [notice.description_digest for notice in notices if notice.description_digest]
        texts = await self._texts.get(digests) if digests else {}
        return {
            notice.notice_id: notice_chunks(
                notice.title, plain_text(texts.get(notice.description_digest or "", ""))
            )
            for notice in notices
        }

    async def _changed(
        self,
        chunks: Mapping[str, Sequence[Chunk]],
        held: Mapping[str, Held],
        properties: Mapping[str, Properties],
    ) -> list[VectorRecord]:
        changed = [
            (key, number, chunk)
            for key in chunks
            for number, chunk in enumerate(chunks[key])
            if key not in held or held[key].digests.get(number) != chunk.digest
        ]
        vectors = await self._embed([chunk.text for _, _, chunk in changed])
        return [
            VectorRecord(
                tenant_id=PUBLIC,
                key=key,
                chunk=number,
                digest=chunk.digest,
                properties=properties[key],
                vector=vector,
                text=chunk.text,
            )
            for (key, number, chunk), vector in zip(changed, vectors, strict=True)
        ]

    async def _embed(self, texts: Sequence[str]) -> list[Vector]:
        """Of all notices together, so that batches are full; beside the loop."""
        vectors: list[Vector] = []
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            some = texts[start : start + TEXTS_AT_ONCE]
            vectors += await asyncio.to_thread(self._embedder.embed, some)
        return vectors


def _gather(batch: Sequence[Recorded]) -> dict[str, _News]:
    news: dict[str, _News] = {}
    for event in (recorded.event for recorded in batch):
        match event:
            case OpportunityDiscovered(notice=notice):
                news[notice.notice_id] = _News(notice, is_closed=False)
            case OpportunityAmended(notice=notice):
                before = news.get(notice.notice_id, _News())
                is_closed = False if reopens(event) else before.is_closed
                news[notice.notice_id] = _News(notice, is_closed)
            case OpportunityClosed(notice_id=key):
                news[key] = replace(news.get(key, _News()), is_closed=True)
    return news


def _properties(news: _News, held: Held | None) -> Properties:
    """All of them where the notice is told, else what changed."""
    is_closed = news.is_closed
    if news.notice is None:
        return {"closed": is_closed}
    if is_closed is None:
        is_closed = bool(held and held.properties.get("closed"))
    return properties_of(news.notice, is_closed=is_closed)
