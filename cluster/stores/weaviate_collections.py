"""Weaviate's collections and the aliases that tell which is live."""

from typing import Any
from uuid import UUID

from weaviate import WeaviateAsyncClient
from weaviate.classes.config import Configure, DataType, Property, Tokenization, VectorDistances

from cluster.stores.weaviate_client import Weaviate
from domain.errors import Invalid, NotFound
from domain.vectors import Collection

TEXT = "text"
"""The property that words are searched in, where a collection keeps text."""

_TYPES = {str: DataType.TEXT_ARRAY, int: DataType.INT, bool: DataType.INT}


class WeaviateVectorCollections:
    """Implements `domain.ports.VectorCollections`."""

    def __init__(self, weaviate: Weaviate) -> None:
        self._weaviate = weaviate

    async def create(self, collection: Collection) -> None:
        async with self._weaviate.use(collection.name) as client:
            if await client.collections.exists(class_name(collection.name)):
                return
            await client.collections.create(
                class_name(collection.name),
                vector_config=Configure.Vectors.self_provided(
                    vector_index_config=Configure.VectorIndex.hnsw(
                        distance_metric=VectorDistances.COSINE
                    )
                ),
                multi_tenancy_config=Configure.multi_tenancy(
                    enabled=True, auto_tenant_creation=True, auto_tenant_activation=True
                ),
                properties=_properties(collection),
            )

    async def point(self, alias: str, name: str) -> None:
        async with self._weaviate.use(name) as client:
            if not await client.collections.exists(class_name(name)):
                raise NotFound(what="vector collection", key=name)
            if await client.alias.get(alias_name=class_name(alias)):
                await client.alias.update(
                    alias_name=class_name(alias), new_target_collection=class_name(name)
                )
            else:
                await client.alias.create(
                    alias_name=class_name(alias), target_collection=class_name(name)
                )

    async def target(self, alias: str) -> str | None:
        async with self._weaviate.use(alias) as client:
            found = await client.alias.get(alias_name=class_name(alias))
            return found.collection.lower() if found else None

    async def names(self) -> list[str]:
        async with self._weaviate.use("") as client:
            return sorted(name.lower() for name in await client.collections.list_all())

    async def drop(self, name: str) -> None:
        async with self._weaviate.use(name) as client:
            aliases = await client.alias.list_all(collection=class_name(name))
            if aliases:
                raise Invalid(what=f"dropping {name}", reason="an alias points at it")
            await client.collections.delete(class_name(name))

    async def erase(self, tenant_id: UUID) -> None:
        """Each tenant has a shard of its own in a collection, which goes as a whole."""
        async with self._weaviate.use("") as client:
            for name in await client.collections.list_all():
                await client.collections.use(name).tenants.remove([str(tenant_id)])


async def resolve(client: WeaviateAsyncClient, name: str) -> str | None:
    """The collection that an alias or a name stands for, if there is one."""
    if await client.collections.exists(class_name(name)):
        return name
    found = await client.alias.get(alias_name=class_name(name))
    return found.collection.lower() if found else None


async def keeps_text(client: WeaviateAsyncClient, name: str) -> bool:
    """Not so where an older version of the hub made the collection, until it is replayed."""
    config = await client.collections.use(class_name(name)).config.get()
    return any(held.name == TEXT for held in config.properties)


def class_name(name: str) -> str:
    """Weaviate's names begin with a capital."""
    return name[:1].upper() + name[1:]


def _properties(collection: Collection) -> list[Any]:
    """Properties are matched whole; what words are searched in, word by word."""
    fixed = [
        _text("key", DataType.TEXT),
        Property(name="chunk", data_type=DataType.INT, index_range_filters=True),
        _text("digest", DataType.TEXT),
    ]
    if collection.keeps_text:
        fixed.append(_searched())
    return fixed + [
        _text(name, _TYPES[type_])
        if type_ is str
        else Property(name=name, data_type=_TYPES[type_], index_range_filters=type_ is int)
        for name, type_ in collection.fields.items()
    ]


def _searched() -> Property:
    """For BM25 alone: nothing is narrowed by it."""
    return Property(
        name=TEXT,
        data_type=DataType.TEXT,
        tokenization=Tokenization.WORD,
        index_filterable=False,
        index_searchable=True,
    )


def _text(name: str, data_type: DataType) -> Property:
    return Property(
        name=name,
        data_type=data_type,
        tokenization=Tokenization.FIELD,
        index_filterable=True,
        index_searchable=False,
    )
