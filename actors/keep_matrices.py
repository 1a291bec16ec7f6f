"""Document flow: a matrix for each document with requirements, and links proposed within it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from actors.consumer import Group, open_consumer
from actors.lanes import Lanes
from cluster.clients.embedding import open_text_embedding
from cluster.settings import Settings
from cluster.stores.blob_store import S3BlobStore, open_blob_store
from cluster.stores.cache import RedisCache
from cluster.stores.document_pages import DocumentPages
from cluster.stores.document_versions import PostgresDocumentVersions
from cluster.stores.event_store import PostgresEventStore
from cluster.stores.matrices import PostgresMatrices
from cluster.stores.matrix_projection import project_matrices
from cluster.stores.postgres import Pool, open_pool
from cluster.stores.redis import open_redis
from cluster.stores.requirements import PostgresRequirements
from domain.extraction import RequirementsExtracted
from domain.flows import EVENT_TYPES
from domain.matrix import MATRIX
from domain.matrix_events import MatrixAmended, MatrixStarted
from domain.matrix_keeping import KeepMatrices, ProposeLinks

POST = "keep_matrices"
LINKS = f"{POST}.links"
"""The second consumer group: links wait for the model, matrices don't."""

HEEDED = (RequirementsExtracted,)
LINKED_ON = (MatrixStarted, MatrixAmended)


@asynccontextmanager
async def open_keep_matrices() -> AsyncIterator[Lanes]:
    settings = Settings()
    files = open_blob_store(settings.s3)
    async with (
        open_pool(settings.postgres, "mch_app", size=2) as pool,
        open_redis(settings.redis) as redis,
        open_text_embedding(settings, RedisCache(redis)) as embedding,
        open_consumer(
            POST, build_keeping(pool, files), aggregates=("Document",), on=HEEDED
        ) as keeping,
        open_consumer(
            Group(LINKS),
            ProposeLinks(PostgresMatrices(pool), embedding),
            aggregates=("Matrix",),
            on=LINKED_ON,
        ) as linking,
    ):
        yield Lanes(POST, [keeping, linking])


def build_keeping(pool: Pool, files: S3BlobStore) -> KeepMatrices:
    events = PostgresEventStore(pool, EVENT_TYPES, {MATRIX.aggregate_type: project_matrices})
    versions = PostgresDocumentVersions(pool, DocumentPages(pool, files))
    return KeepMatrices(PostgresRequirements(pool), PostgresMatrices(pool), events, versions)
