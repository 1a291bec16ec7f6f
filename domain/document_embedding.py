"""Keep the vectors of a tenant's documents: chunks of all that were read, embedded together."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol
from uuid import UUID

from domain.document_chunks import DocumentChunk, document_chunks
from domain.embedding import TEXTS_AT_ONCE
from domain.errors import NotFound
from domain.events import Recorded
from domain.pages import Page
from domain.ports import Embedder, VectorIndex
from domain.vectors import Collection, Vector, VectorRecord

DOCUMENTS = "document"
"""The alias of the live collection of documents."""

DOCUMENT_FIELD = "document_id"
DOCUMENT_VECTORS = Collection("document_minilm_1", 384, {DOCUMENT_FIELD: str})


class Owned(NamedTuple):
    """A document, and whose it is."""

    tenant_id: UUID
    document_id: UUID


class Pages(Protocol):
    async def read(self, tenant_id: UUID, document_id: UUID) -> list[Page]:
        """Raises `NotFound`."""


class Chunks(Protocol):
    async def save(
        self, tenant_id: UUID, document_id: UUID, chunks: Sequence[DocumentChunk]
    ) -> None:
        """In place of what there was. Repeating it changes nothing."""


class EmbedDocuments:
    """Repeating a batch changes nothing, nor does a document whose text is what it was."""

    def __init__(
        self, embedder: Embedder, index: VectorIndex, pages: Pages, chunks: Chunks
    ) -> None:
        self._embedder = embedder
        self._index = index
        self._pages = pages
        self._chunks = chunks

    async def __call__(self, batch: Sequence[Recorded]) -> None:
        """Raises `Unavailable`."""
        asked = dict.fromkeys(
            Owned(event.stream.tenant_id, UUID(event.stream.aggregate_id)) for event in batch
        )
        chunks = {owned: await self._cut(owned) for owned in asked}
        changed = [one for owned in chunks for one in await self._changed(owned, chunks[owned])]
        vectors = await self._embed([chunk.embedded for _, _, chunk in changed])
        records = [
            _record(owned, number, chunk, vector)
            for (owned, number, chunk), vector in zip(changed, vectors, strict=True)
        ]
        await self._index.upsert(records)
        for owned, its in chunks.items():
            key = str(owned.document_id)
            await self._index.delete(owned.tenant_id, [key], from_chunk=len(its))
            await self._chunks.save(*owned, its)

    async def _cut(self, owned: Owned) -> list[DocumentChunk]:
        """Nothing of a document that was erased while its event travelled."""
        try:
            pages = await self._pages.read(*owned)
        except NotFound:
            return []
        return await asyncio.to_thread(document_chunks, pages)

    async def _changed(
        self, owned: Owned, chunks: Sequence[DocumentChunk]
    ) -> list[tuple[Owned, int, DocumentChunk]]:
        key = str(owned.document_id)
        held = (await self._index.held(owned.tenant_id, [key])).get(key)
        digests: Mapping[int, str] = held.digests if held else {}
        return [
            (owned, number, chunk)
            for number, chunk in enumerate(chunks)
            if digests.get(number) != chunk.digest
        ]

    async def _embed(self, texts: Sequence[str]) -> list[Vector]:
        vectors: list[Vector] = []
        for start in range(0, len(texts), TEXTS_AT_ONCE):
            some = texts[start : start + TEXTS_AT_ONCE]
            vectors += await asyncio.to_thread(self._embedder.embed, some)
        return vectors


def _record(owned: Owned, number: int, chunk: DocumentChunk, vector: Vector) -> VectorRecord:
    key = str(owned.document_id)
    return VectorRecord(
        tenant_id=owned.tenant_id,
        key=key,
        chunk=number,
        digest=chunk.digest,
        properties={DOCUMENT_FIELD: key},
        vector=vector,
    )
