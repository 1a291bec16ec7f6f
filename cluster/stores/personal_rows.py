"""All rows that belong to a person or a company, without what is secret: to be handed to them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from uuid import UUID

from cluster.stores.postgres import Connection, Pool, as_holder, as_tenant
from domain.personal import SECRETS

_ROW = "select (to_jsonb(t) - $1::text[])::text as row from {table} as t"

# Whatever has a tenant: so a table that is added later is handed over as well. Vectors are numbers
# that were made from the rest.
_OWNED = """
select relname as name
from pg_class join pg_attribute on attrelid = pg_class.oid
where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace
    and attname = 'tenant_id' and not attisdropped and relname not like 'vectors\\_%'
    and has_table_privilege(current_user, pg_class.oid, 'select')
order by relname
"""
_FILES = "select digest, name from document where tenant_id = $1 order by uploaded_at, digest"
_OF_PERSON = {
    "person": "where person_id = $2::uuid",
    "recovery_code": "where person_id = $2::uuid",
    "passkey": "where person_id = $2::uuid",
    "sign_up": "where email = (select email from person where person_id = $2::uuid)",
}
_IN_COMPANY = {
    "membership": "where tenant_id = $3 and person_id = $2::uuid",
    "invitation": """where tenant_id = $3
        and email = (select email from person where person_id = $2::uuid)""",
    "sign_in_link": "where tenant_id = $3 and person_id = $2::uuid",
    "notification": "where tenant_id = $3 and user_id = $2::text",
    "notification_letter": "where tenant_id = $3 and user_id = $2::text",
    "mail_wish": "where tenant_id = $3 and user_id = $2::text",
    "idempotent_answer": "where tenant_id = $3 and user_id = $2::text",
    "audit_entry": "where tenant_id = $3 and actor = $2::text",
    "audit_detail": """where tenant_id = $3 and exists (
        select from audit_entry as entry where entry.tenant_id = $3
            and entry.sequence = t.sequence and entry.actor = $2::text)""",
}

AT_ONCE = 500

Within = AbstractAsyncContextManager[Connection]


@dataclass(frozen=True, slots=True)
class Lines:
    """Rows of a table, each a line of JSON. A table without any is told with no lines."""

    table: str
    lines: Sequence[str]


class PersonalRows:
    """Raises `Unavailable`. Yields a table's rows some at a time."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def of_company(self, tenant_id: UUID) -> AsyncIterator[Lines]:
        async with as_tenant(self._pool, tenant_id) as connection:
            tables = [row["name"] for row in await connection.fetch(_OWNED)]
        for table in tables:
            yield Lines(table, ())
            within = as_tenant(self._pool, tenant_id)
            async for lines in self._read(within, table, "where tenant_id = $2", tenant_id):
                yield lines

    async def files_of(self, tenant_id: UUID) -> list[tuple[str, str]]:
        """Digest and name of each document. Names were cleaned when they came."""
        async with as_tenant(self._pool, tenant_id) as connection:
            rows = await connection.fetch(_FILES, tenant_id)
        return [(row["digest"], row["name"]) for row in rows]

    async def of_person(
        self, person_id: UUID, tenants: Sequence[UUID]
    ) -> AsyncIterator[tuple[UUID | None, Lines]]:
        """With the tenant in whose company a row lies, if it does in one."""
        for table, where in _OF_PERSON.items():
            yield None, Lines(table, ())
            within = as_holder(self._pool, "person_id", str(person_id))
            async for lines in self._read(within, table, where, str(person_id)):
                yield None, lines
        for table, where in _IN_COMPANY.items():
            for tenant_id in tenants:
                yield tenant_id, Lines(table, ())
                within = as_tenant(self._pool, tenant_id)
                async for lines in self._read(within, table, where, str(person_id), tenant_id):
                    yield tenant_id, lines

    async def _read(
        self, within: Within, table: str, where: str, *values: object
    ) -> AsyncIterator[Lines]:
        statement = f"{_ROW.format(table=table)} {where}"
        async with within as connection:
            secret = sorted(SECRETS.get(table, frozenset()))
            cursor = await connection.cursor(statement, secret, *values)
            while rows := await cursor.fetch(AT_ONCE):
                yield Lines(table, [row["row"] for row in rows])
