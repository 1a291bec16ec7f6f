"""Document flow, after reading: make each document searchable by meaning, for its tenant."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from actors.consumer import open_consumer
from actors.worker import Worker
from cluster.engines.embedder import MiniLmEmbedder
from cluster.settings import Settings
from cluster.stores.blob_store import open_blob_store
from cluster.stores.document_chunks import PostgresDocumentChunks
from cluster.stores.document_pages import DocumentPages
from cluster.stores.event_consumer import Limits
from cluster.stores.letters import Delivered
from cluster.stores.postgres import open_pool
from cluster.stores.vectors import ensure_live, open_vectors
from domain.document import DocumentProcessed
from domain.document_embedding import DOCUMENT_VECTORS, DOCUMENTS, EmbedDocuments

POST = "embed_documents"
HEEDED = (DocumentProcessed,)

_BATCH = Limits(records=8)


@asynccontextmanager
async def open_embed_documents() -> AsyncIterator[Worker[Delivered]]:
    """Loads the model: seconds. Stands in the process that holds torch already."""
    settings = Settings()
    embedder = await asyncio.to_thread(MiniLmEmbedder.shared, settings.embedder)
    async with (
        open_pool(settings.postgres, "mch_app", size=2) as pool,
        open_vectors(settings, pool) as vectors,
    ):
        await ensure_live(vectors.collections, DOCUMENTS, DOCUMENT_VECTORS)
        handle = EmbedDocuments(
            embedder,
            vectors.index(DOCUMENTS),
            DocumentPages(pool, open_blob_store(settings.s3)),
            PostgresDocumentChunks(pool),
        )
        async with open_consumer(
            POST, handle, aggregates=("Document",), on=HEEDED, limits=_BATCH
        ) as worker:
            yield worker
