"""A recognisable value in every field of the inventory of personal data."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import asyncpg

from cluster.settings import PostgresSettings
from domain.personal import PERSONAL, Whose
from tests.conftest import owner_dsn

Owner: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

_COLUMNS = """
select table_name, column_name, data_type from information_schema.columns
where table_schema = 'public'
"""
_TABLES = """
select relname from pg_class
where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace order by relname
"""
_HOUR = "now() + interval '1 hour'"
_NEW = "gen_random_uuid()"
_DOCUMENT = f"'{UUID(int=77)}'"
# What else each row needs. Where there is None, the rows that there are get the values.
_ROWS: Mapping[str, Mapping[str, str] | None] = {
    "person": None,
    "company": None,
    "company_profile": None,
    "audit_detail": None,
    "recovery_code": {"person_id": "{person}"},
    "passkey": {
        **{"passkey_id": _NEW, "person_id": "{person}", "sign_count": "0"},
        **{"transports": "'{{}}'", "added_at": "now()"},
    },
    "sign_up": {"digest": "'s'", "expires_at": _HOUR},
    "invitation": {
        **{"tenant_id": "{tenant}", "invitation_id": _NEW, "digest": "'s'"},
        **{"role": "'editor'", "expires_at": _HOUR},
    },
    "sign_in_link": {"tenant_id": "{tenant}", "issuer": "'s'", "person_id": "{person}"},
    "sign_in_provider": {
        **{"tenant_id": "{tenant}", "client_secret": "'s'"},
        **{"domains": "'{{}}'", "role": "'viewer'"},
    },
    "company_document": {"tenant_id": "{tenant}", "digest": "'s'"},
    "api_key": {
        **{"tenant_id": "{tenant}", "prefix": "'s'", "digest": "'s'", "scopes": "'{{}}'"},
        **{"made_by": "'s'", "expires_at": _HOUR},
    },
    "document": {
        **{"tenant_id": "{tenant}", "document_id": _DOCUMENT, "digest": "'lost'"},
        **{"media_type": "'text/plain'", "size_bytes": "1", "source": "'upload'"},
        **{"uploaded_by": "'s'", "run": "1"},
    },
    "document_page": {
        **{"tenant_id": "{tenant}", "document_id": _DOCUMENT, "run": "1", "number": "1"},
    },
    "upload": {"tenant_id": "{tenant}", "upload_id": _NEW, "length_bytes": "1"},
    "document_chunk": {
        **{"tenant_id": "{tenant}", "document_id": _DOCUMENT, "chunk": "0", "heading": "''"},
        **{"starts": "0", "ends": "1", "places": "'[]'"},
    },
    "requirement": {
        **{"tenant_id": "{tenant}", "document_id": _DOCUMENT},
        **{"row_key": "'s'", "number": "1"},
    },
    "extraction": {"tenant_id": "{tenant}", "document_id": _DOCUMENT, "digest": "'s'"},
    "matrix_text": {"tenant_id": "{tenant}", "digest": "'s'"},
    "mail_wish": {"tenant_id": "{tenant}", "user_id": "{person}", "cadences": "'{{}}'"},
    "idempotent_answer": {
        **{"tenant_id": "{tenant}", "user_id": "{person}", "key": "'s'"},
        **{"digest": "'\\x00'", "expires_at": _HOUR},
    },
}
_COMPANYS = "tenant_id = {tenant}"
_WHOSE = {
    "person": "person_id = {person}",
    "audit_detail": """exists (select from audit_entry as entry
        where (entry.tenant_id, entry.sequence) = (audit_detail.tenant_id, audit_detail.sequence)
            and actor = {person})""",
}


@dataclass(frozen=True, slots=True)
class Seeded:
    """`marks`: the columns of each table that the inventory names."""

    tenant_id: UUID
    person_id: UUID
    marks: Mapping[str, Sequence[str]]

    def mark(self, table: str, column: str) -> str:
        """One address stands for the person everywhere."""
        return "zq-marked@nair.example" if column == "email" else f"zq-{table}-{column}"

    def of(self, tables: frozenset[str]) -> set[str]:
        return {self.mark(table, each) for table in tables for each in self.marks[table]}

    async def run(self, database: PostgresSettings, statement: str) -> None:
        async with behind_row_security(database) as owner:
            await owner.execute(statement)


@asynccontextmanager
async def behind_row_security(database: PostgresSettings) -> AsyncIterator[Owner]:
    """A connection that sees and writes every row."""
    owner = await asyncpg.connect(owner_dsn(database))
    await owner.execute("set role mch_owner")
    for row in await owner.fetch(_TABLES):
        await owner.execute(f"alter table {row['relname']} no force row level security")
    try:
        yield owner
    finally:
        await owner.close()


async def seed_everything(database: PostgresSettings, tenant_id: UUID, person_id: UUID) -> Seeded:
    """The person has to belong to the company."""
    seeded = Seeded(tenant_id, person_id, dict(_marks()))
    ids = {"tenant": f"'{tenant_id}'", "person": f"'{person_id}'"}
    async with behind_row_security(database) as owner:
        found = await owner.fetch(_COLUMNS)
        types = {(row["table_name"], row["column_name"]): row["data_type"] for row in found}
        for table, columns in seeded.marks.items():
            values = {
                each: _literal(types[table, each], seeded.mark(table, each)) for each in columns
            }
            await owner.execute(_statement(table, values).format(**ids))
    return seeded


async def marks_in(database: PostgresSettings) -> dict[str, str]:
    """By table, all its rows as text, in which bytes are hexadecimal."""
    async with behind_row_security(database) as owner:
        tables = [row["relname"] for row in await owner.fetch(_TABLES)]
        return {
            table: "\n".join(
                row["row"]
                for row in await owner.fetch(f"select t::text as row from {table} as t")  # noqa: S608
            )
            for table in tables
        }


def is_in(mark: str, text: str) -> bool:
    return mark in text or mark.encode().hex() in text


def _marks() -> Iterator[tuple[str, list[str]]]:
    places = [it.place for it in PERSONAL if "." in it.place and it.whose is not Whose.CONTACT]
    for table in dict.fromkeys(place.partition(".")[0] for place in places):
        yield table, [place.partition(".")[2] for place in places if place.startswith(f"{table}.")]


def _literal(kind: str, mark: str) -> str:
    if kind == "jsonb":
        return f"jsonb_build_object('name', '{mark}')"
    return f"convert_to('{mark}', 'utf8')" if kind == "bytea" else f"'{mark}'"


def _statement(table: str, values: Mapping[str, str]) -> str:
    needs = _ROWS[table]
    if needs is None:
        told = ", ".join(f"{column} = {value}" for column, value in values.items())
        return f"update {table} set {told} where {_WHOSE.get(table, _COMPANYS)}"  # noqa: S608
    row = {**needs, **values}
    return f"insert into {table} ({', '.join(row)}) values ({', '.join(row.values())})"  # noqa: S608
