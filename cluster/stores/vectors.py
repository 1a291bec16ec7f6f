"""Which vector index this hub has: Weaviate where one is configured, else pgvector."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from cluster.settings import Settings, WeaviateSettings
from cluster.stores.postgres import Pool
from cluster.stores.vectors_postgres import PostgresVectorCollections, PostgresVectorIndex
from domain.ports import VectorCollections, VectorIndex
from domain.vectors import Collection


@dataclass(frozen=True, slots=True)
class Vectors:
    """Collections, and indexes over any of them by its name or an alias."""

    collections: VectorCollections
    index: Callable[[str], VectorIndex]


@asynccontextmanager
async def open_vectors(settings: Settings, pool: Pool) -> AsyncIterator[Vectors]:
    """Connects when first used. `pool` must be for the role `mch_app`."""
    if settings.weaviate.host is None:
        yield in_postgres(pool)
        return
    async with _open_in_weaviate(settings.weaviate) as vectors:
        yield vectors


def in_postgres(pool: Pool) -> Vectors:
    return Vectors(PostgresVectorCollections(pool), partial(PostgresVectorIndex, pool))


@asynccontextmanager
async def _open_in_weaviate(settings: WeaviateSettings) -> AsyncIterator[Vectors]:
    """Its client takes seconds and much memory to import: only where there is a Weaviate."""
    from cluster.stores.vectors_weaviate import WeaviateVectorIndex  # noqa: PLC0415
    from cluster.stores.weaviate_client import open_weaviate  # noqa: PLC0415
    from cluster.stores.weaviate_collections import WeaviateVectorCollections  # noqa: PLC0415

    async with open_weaviate(settings) as weaviate:
        yield Vectors(WeaviateVectorCollections(weaviate), partial(WeaviateVectorIndex, weaviate))


async def ensure_live(collections: VectorCollections, alias: str, collection: Collection) -> None:
    """Make the collection, and point the alias at it unless it points somewhere already."""
    if await collections.target(alias) is None:
        await collections.create(collection)
        await collections.point(alias, collection.name)
