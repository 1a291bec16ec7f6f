"""Which vector index this hub has: Weaviate where one is configured, else pgvector."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from cluster.settings import Settings
from cluster.stores.postgres import Pool
from cluster.stores.vectors_postgres import PostgresVectorCollections, PostgresVectorIndex
from cluster.stores.vectors_weaviate import WeaviateVectorIndex
from cluster.stores.weaviate_client import Weaviate, open_weaviate
from cluster.stores.weaviate_collections import WeaviateVectorCollections
from domain.ports import VectorCollections, VectorIndex
from domain.vectors import Collection


@dataclass(frozen=True, slots=True)
class Vectors:
    """Collections, and indexes over any of them by its name or an alias."""

    collections: VectorCollections
    _home: "Pool | Weaviate"

    def index(self, name: str) -> VectorIndex:
        if isinstance(self._home, Weaviate):
            return WeaviateVectorIndex(self._home, name)
        return PostgresVectorIndex(self._home, name)


@asynccontextmanager
async def open_vectors(settings: Settings, pool: Pool) -> AsyncIterator[Vectors]:
    """Connects when first used. `pool` must be for the role `mch_app`."""
    if settings.weaviate.host is None:
        yield Vectors(PostgresVectorCollections(pool), pool)
        return
    async with open_weaviate(settings.weaviate) as weaviate:
        yield Vectors(WeaviateVectorCollections(weaviate), weaviate)


async def ensure_live(collections: VectorCollections, alias: str, collection: Collection) -> None:
    """Make the collection, and point the alias at it unless it points somewhere already."""
    if await collections.target(alias) is None:
        await collections.create(collection)
        await collections.point(alias, collection.name)
