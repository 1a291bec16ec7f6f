"""The vector index in Postgres: pgvector, a table for each collection, a view for each alias."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import groupby
from typing import Any
from uuid import UUID

import asyncpg

from cluster.stores.postgres import Connection, Pool, as_tenant, transaction
from domain.errors import Invalid, NotFound
from domain.vectors import (
    Asked,
    Between,
    Collection,
    Condition,
    Held,
    Hit,
    Is,
    OneOf,
    Properties,
    StartsWith,
    Vector,
    VectorRecord,
    Where,
    vector_id,
)

# `{table}` is a name that `_relation` has checked: a table's name can't be a parameter.
_UPSERT = """
insert into {table} (id, tenant_id, key, chunk, digest, properties, embedding)
select id, $1, key, chunk, digest, properties, embedding::halfvec
from unnest($2::uuid[], $3::text[], $4::int[], $5::text[], $6::jsonb[], $7::text[])
    as new (id, key, chunk, digest, properties, embedding)
order by id
on conflict (id) do update set
    digest = excluded.digest, properties = excluded.properties, embedding = excluded.embedding
"""

_DESCRIBE = """
update {table} as old set properties = old.properties || new.properties
from unnest($2::text[], $3::jsonb[]) as new (key, properties)
where old.tenant_id = $1 and old.key = new.key and not old.properties @> new.properties
"""

_DELETE = "delete from {table} where tenant_id = $1 and key = any($2) and chunk >= $3"

_HELD = """
select key, array_agg(chunk) as chunks, array_agg(digest) as digests,
       (array_agg(properties order by chunk))[1] as properties
from {table} where tenant_id = $1 and key = any($2)
group by key
"""

_WIDEN = """
select set_config('hnsw.iterative_scan', 'relaxed_order', true),
       set_config('hnsw.ef_search', $1, true)
"""

_NEAREST = """
select key, chunk, 1 - (embedding <=> $1::real[]::halfvec) as score
from {table}
where true{conditions}
order by embedding <=> $1::real[]::halfvec
limit $2
"""

# The index walks outward until it has enough, or gives up: then what meets the conditions is rare,
# and cheap to measure one by one.
_NEAREST_OF_ALL = """
with measured as materialized (
    select key, chunk, 1 - (embedding <=> $1::real[]::halfvec) as score
    from {table}
    where true{conditions}
)
select * from measured order by score desc limit $2
"""

_SIMILARITY = """
select key, max(1 - (embedding <=> $1::real[]::halfvec)) as score
from {table} where key = any($2)
group by key
"""

_VECTORS = "select chunk, embedding::real[] as embedding from {table} where key = $1"

_COUNT = "select count(distinct key) from {table}"

_ERASE = "delete from {table} where tenant_id = $1"
_CREATE = "select create_vector_collection($1, $2)"
_POINT = "select point_vector_alias($1, $2)"
_DROP = "select drop_vector_collection($1)"
_TARGET = "select collection from vector_alias where alias = $1"
_NAMES = "select name from vector_collection order by name"

LARGEST_EF = 1_000
"""What pgvector's index looks at in one round."""


class PostgresVectorIndex:
    """Implements `domain.ports.VectorIndex`. `name` is an alias or a collection."""

    def __init__(self, pool: Pool, name: str) -> None:
        self._pool = pool
        self._name = name
        self._table = _relation(name)
        self._subject = name.split("_", 1)[0]

    async def upsert(self, records: Sequence[VectorRecord]) -> None:
        ordered = sorted(records, key=lambda record: record.tenant_id)
        for tenant_id, share in groupby(ordered, key=lambda record: record.tenant_id):
            rows = [self._row(record) for record in share]
            async with self._as_tenant(tenant_id) as connection:
                await connection.execute(self._sql(_UPSERT), tenant_id, *zip(*rows, strict=True))

    async def describe(self, tenant_id: UUID, properties: Mapping[str, Properties]) -> None:
        news = [json.dumps(dict(value)) for value in properties.values()]
        async with self._as_tenant(tenant_id) as connection:
            await connection.execute(self._sql(_DESCRIBE), tenant_id, list(properties), news)

    async def delete(self, tenant_id: UUID, keys: Sequence[str], *, from_chunk: int = 0) -> None:
        async with self._as_tenant(tenant_id) as connection:
            await connection.execute(self._sql(_DELETE), tenant_id, list(keys), from_chunk)

    async def held(self, tenant_id: UUID, keys: Sequence[str]) -> dict[str, Held]:
        async with self._as_tenant(tenant_id) as connection:
            rows = await connection.fetch(self._sql(_HELD), tenant_id, list(keys))
        return {
            row["key"]: Held(
                dict(zip(row["chunks"], row["digests"], strict=True)),
                _properties(row["properties"]),
            )
            for row in rows
        }

    async def search(
        self, tenant_id: UUID, vector: Vector, *, limit: int, where: Where = ()
    ) -> list[Hit]:
        conditions, values = _conditions(where, first=3)
        async with self._as_tenant(tenant_id) as connection:
            await connection.execute(_WIDEN, str(min(max(limit, 100), LARGEST_EF)))
            rows = await connection.fetch(self._sql(_NEAREST, conditions), vector, limit, *values)
            if len(rows) < limit:
                rows = await connection.fetch(
                    self._sql(_NEAREST_OF_ALL, conditions), vector, limit, *values
                )
        hits = [Hit(key, chunk, score) for key, chunk, score in rows]
        return sorted(hits, key=lambda hit: (-hit.score, hit.key, hit.chunk))

    async def hybrid(
        self, tenant_id: UUID, asked: Asked, *, limit: int, where: Where = ()
    ) -> list[Hit] | None:
        """No text lies here: words are searched in the tables that have it."""
        return None

    async def similarity(
        self, tenant_id: UUID, vector: Vector, keys: Sequence[str]
    ) -> dict[str, float]:
        async with self._as_tenant(tenant_id) as connection:
            rows = await connection.fetch(self._sql(_SIMILARITY), vector, list(keys))
        return {key: score for key, score in rows}  # noqa: C416 - asyncpg's rows are no pairs

    async def vectors_of(self, tenant_id: UUID, key: str) -> dict[int, Vector]:
        async with self._as_tenant(tenant_id) as connection:
            rows = await connection.fetch(self._sql(_VECTORS), key)
        return {row["chunk"]: row["embedding"] for row in rows}

    async def count(self, tenant_id: UUID) -> int:
        async with self._as_tenant(tenant_id) as connection:
            return int(await connection.fetchval(self._sql(_COUNT)))

    def _sql(self, statement: str, conditions: str = "") -> str:
        return statement.format(table=self._table, conditions=conditions)

    @asynccontextmanager
    async def _as_tenant(self, tenant_id: UUID) -> AsyncIterator[Connection]:
        try:
            async with as_tenant(self._pool, tenant_id) as connection:
                yield connection
        except asyncpg.UndefinedTableError as error:
            raise NotFound(what="vector collection", key=self._name) from error

    def _row(self, record: VectorRecord) -> tuple[Any, ...]:
        return (
            vector_id(record.tenant_id, self._subject, record.key, record.chunk),
            record.key,
            record.chunk,
            record.digest,
            json.dumps(dict(record.properties)),
            json.dumps(record.vector),
        )


class PostgresVectorCollections:
    """Implements `domain.ports.VectorCollections`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def create(self, collection: Collection) -> None:
        async with transaction(self._pool) as connection:
            await connection.execute(_CREATE, collection.name, collection.dimensions)

    async def point(self, alias: str, name: str) -> None:
        try:
            async with transaction(self._pool) as connection:
                await connection.execute(_POINT, alias, name)
        except asyncpg.UndefinedTableError as error:
            raise NotFound(what="vector collection", key=name) from error

    async def target(self, alias: str) -> str | None:
        async with transaction(self._pool) as connection:
            target: str | None = await connection.fetchval(_TARGET, alias)
            return target

    async def names(self) -> list[str]:
        async with transaction(self._pool) as connection:
            return [row["name"] for row in await connection.fetch(_NAMES)]

    async def drop(self, name: str) -> None:
        try:
            async with transaction(self._pool) as connection:
                await connection.execute(_DROP, name)
        except asyncpg.ObjectInUseError as error:
            raise Invalid(what=f"dropping {name}", reason="an alias points at it") from error

    async def erase(self, tenant_id: UUID) -> None:
        for name in await self.names():
            async with as_tenant(self._pool, tenant_id) as connection:
                await connection.execute(_ERASE.format(table=_relation(name)), tenant_id)


def _relation(name: str) -> str:
    if not name.replace("_", "").isalnum() or not name.islower() or not name.isascii():
        raise Invalid(what=f"vector collection {name!r}", reason="a-z, 0-9 and _ alone")
    return f"vectors_{name}"


def _conditions(where: Where, first: int) -> tuple[str, list[Any]]:
    """As SQL whose parameters are numbered from `first`, and their values."""
    clauses: list[str] = []
    values: list[Any] = []
    for condition in where:
        for clause, value in _clauses(condition):
            field, place = first + len(values), first + len(values) + 1
            clauses.append(f"\n  and {clause.format(field=f'${field}::text', value=f'${place}')}")
            values += [condition.field, value]
    return "".join(clauses), values


def _clauses(condition: Condition) -> Iterator[tuple[str, Any]]:
    match condition:
        case OneOf(_, values):
            yield "properties -> {field} ?| {value}::text[]", list(values)
        case StartsWith(_, prefixes):
            patterns = [f"{_literally(prefix)}%" for prefix in prefixes]
            yield "properties ->> {field} like any({value}::text[])", patterns
        case Between(_, low, high):
            if low is not None:
                yield "(properties ->> {field})::bigint >= {value}::bigint", low
            if high is not None:
                yield "(properties ->> {field})::bigint <= {value}::bigint", high
        case Is(_, value):
            yield "(properties ->> {field})::bool = {value}::bool", value


def _properties(stored: str) -> Properties:
    held = json.loads(stored)
    return {name: tuple(it) if isinstance(it, list) else it for name, it in held.items()}


def _literally(text: str) -> str:
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
