"""Words found in a document: by the rows of its pages, without their files."""

from dataclasses import dataclass
from uuid import UUID

from cluster.stores.postgres import Pool, as_tenant
from domain.page_search import Hit, hits_on, pattern_of

# Its primary key leads to the rows of one reading: some hundred, each with a page's text.
_FIND = """
select page.number, page.body
from document_page as page join document using (tenant_id, document_id, run)
where (tenant_id, document_id) = ($1, $2) and page.state = 'done' and page.body ~* $3
order by page.number
"""

_WITHOUT = """
select count(*)
from document_page as page join document using (tenant_id, document_id, run)
where (tenant_id, document_id) = ($1, $2) and page.state = 'done' and page.body is null
"""


@dataclass(frozen=True, slots=True)
class FoundWords:
    """`unknown` pages were read before their words were kept: nobody looked there."""

    hits: tuple[Hit, ...] = ()
    unknown: int = 0


class PageWords:
    """Of the newest reading. Raises `Unavailable`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def find(self, tenant_id: UUID, document_id: UUID, words: str) -> FoundWords:
        """In the order of the pages; nothing where no word is asked for."""
        if not (pattern := pattern_of(words)):
            return FoundWords()
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_FIND, tenant_id, document_id, pattern)
            unknown: int = await connection.fetchval(_WITHOUT, tenant_id, document_id)
        hits = (hit for row in rows for hit in hits_on(row["number"], row["body"], words))
        return FoundWords(tuple(hits), unknown)
