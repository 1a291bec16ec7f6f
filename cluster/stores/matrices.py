"""Compliance matrices as they are read: rows with their requirements, history, links, texts."""

import hashlib
from collections.abc import Mapping, Sequence
from uuid import UUID

from cluster.stores.postgres import Pool, as_tenant
from cluster.stores.requirements import REQUIREMENT
from domain.errors import NotFound
from domain.matrix_links import ProposedLink
from domain.matrix_views import MatrixChangeView, MatrixHead, MatrixLinkView, MatrixRowView
from domain.requirements import Requirement

# A matrix that was amended to a document goes before the one that began with it.
_FIND = """
select matrix_id, document_id, version from matrix
where tenant_id = $1 and (document_id = $2 or matrix_id = $2)
order by (document_id = $2 and matrix_id <> $2) desc, (document_id = $2) desc limit 1
"""

_ROWS = """
select matrix_row.row_key, matrix_row.document_id, matrix_row.number, label, status, assignee,
    note.body as note, answer.body as answer, section, touched, version, edited_by, edited_at,
    requirement.requirement, before.requirement as before
from matrix_row
join requirement using (tenant_id, document_id, row_key)
left join requirement as before on before.tenant_id = matrix_row.tenant_id
    and before.document_id = before_document_id and before.row_key = before_key
left join matrix_text as note on note.tenant_id = $1 and note.digest = matrix_row.note
left join matrix_text as answer on answer.tenant_id = $1 and answer.digest = matrix_row.answer
where matrix_row.tenant_id = $1 and matrix_id = $2
order by matrix_row.number
"""

_HISTORY = """
select version, row_key, field, by_user, at,
    coalesce(was.body, old) as old, coalesce(becomes.body, new) as new
from matrix_change
left join matrix_text as was
    on was.tenant_id = $1 and was.digest = old and field in ('note', 'answer')
left join matrix_text as becomes
    on becomes.tenant_id = $1 and becomes.digest = new and field in ('note', 'answer')
where matrix_change.tenant_id = $1 and matrix_id = $2 and ($3::text is null or row_key = $3)
order by version desc, row_key, field limit $4
"""

_LINKS = """
select source_key as source, target_key as target, score, state, decided_by, decided_at
from matrix_link where tenant_id = $1 and matrix_id = $2
order by score desc nulls first, source_key, target_key
"""

_PUT_TEXT = """
insert into matrix_text (tenant_id, digest, body) values ($1, $2, $3) on conflict do nothing
"""

_WITHDRAW = """
delete from matrix_link
where tenant_id = $1 and matrix_id = $2 and state = 'proposed'
"""
_PROPOSE = """
insert into matrix_link (tenant_id, matrix_id, source_key, target_key, score, state)
select $1, $2, source_key, target_key, score, 'proposed'
from unnest($3::text[], $4::text[], $5::real[]) as new (source_key, target_key, score)
on conflict (tenant_id, matrix_id, source_key, target_key) do update set score = excluded.score
"""


class PostgresMatrices:
    """Raises `Unavailable`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def find(self, tenant_id: UUID, document_id: UUID) -> MatrixHead:
        """The matrix that stands at this document, or began with it. Raises `NotFound`."""
        async with as_tenant(self._pool, tenant_id) as connection:
            row = await connection.fetchrow(_FIND, tenant_id, document_id)
        if row is None:
            raise NotFound(what="matrix of document", key=str(document_id))
        return MatrixHead(**dict(row))

    async def rows(self, tenant_id: UUID, matrix_id: UUID) -> list[MatrixRowView]:
        """In the order of the document, those that an amendment removed at the end."""
        async with as_tenant(self._pool, tenant_id) as connection:
            found = await connection.fetch(_ROWS, tenant_id, matrix_id)
        return [_row(dict(row)) for row in found]

    async def history(
        self, tenant_id: UUID, matrix_id: UUID, row_key: str | None = None, *, limit: int = 200
    ) -> list[MatrixChangeView]:
        """The newest first; of one row if one is named."""
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_HISTORY, tenant_id, matrix_id, row_key, limit)
        return [MatrixChangeView(**dict(row)) for row in rows]

    async def links(self, tenant_id: UUID, matrix_id: UUID) -> list[MatrixLinkView]:
        """Those that people made first, then the most similar."""
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_LINKS, tenant_id, matrix_id)
        return [MatrixLinkView(**dict(row)) for row in rows]

    async def keep_text(self, tenant_id: UUID, text: str) -> str:
        """Returns its digest. Repeating it changes nothing."""
        digest = hashlib.sha256(text.encode()).hexdigest()
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_PUT_TEXT, tenant_id, digest, text)
        return digest

    async def propose(
        self, tenant_id: UUID, matrix_id: UUID, links: Sequence[ProposedLink]
    ) -> None:
        """In place of what was proposed before; what people decided stays decided."""
        columns = (
            [link.source for link in links],
            [link.target for link in links],
            [link.score for link in links],
        )
        async with as_tenant(self._pool, tenant_id) as connection:
            await connection.execute(_WITHDRAW, tenant_id, matrix_id)
            await connection.execute(_PROPOSE, tenant_id, matrix_id, *columns)


def _row(row: Mapping[str, object]) -> MatrixRowView:
    facts = {**row, "requirement": _requirement(row["requirement"])}
    return MatrixRowView(**{**facts, "before": _requirement(row["before"])})  # type: ignore[arg-type]


def _requirement(text: object) -> Requirement | None:
    return REQUIREMENT.validate_json(str(text)) if text is not None else None
