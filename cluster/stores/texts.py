"""Public texts in Postgres, by the digest that events carry."""

from collections.abc import Mapping, Sequence

from cluster.stores.postgres import Pool, as_tenant
from domain.access import PUBLIC

_PUT = """
insert into text (digest, body)
select * from unnest($1::text[], $2::text[])
on conflict (digest) do nothing
"""

_GET = "select digest, body from text where digest = any($1)"


class PostgresTextStore:
    """Implements `domain.ports.TextStore`. Raises `Unavailable`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def put(self, texts: Mapping[str, str]) -> None:
        if not texts:
            return
        ordered = dict(sorted(texts.items()))  # Two writers in one order never wait in a circle.
        async with as_tenant(self._pool, PUBLIC) as connection:
            await connection.execute(_PUT, list(ordered), list(ordered.values()))

    async def get(self, digests: Sequence[str]) -> dict[str, str]:
        async with as_tenant(self._pool, PUBLIC) as connection:
            rows = await connection.fetch(_GET, digests)
        return {row["digest"]: row["body"] for row in rows}
