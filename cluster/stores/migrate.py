"""Migrations: numbered files, each applied once, in order, in a transaction of its own."""

import hashlib
import re
import ssl
from dataclasses import dataclass
from pathlib import Path

import asyncpg

FOLDER = Path(__file__).with_name("migrations")
_NAME = re.compile(r"(\d{4})_\w+\.sql")

_LOCK = "select pg_advisory_lock(hashtext('medcontracthub migrations'))"
_PREPARE = """
create table if not exists migration (
    number     integer primary key,
    name       text not null,
    digest     text not null,
    applied_at timestamptz not null default now()
);
grant select on migration to mch_app, mch_relay;
"""
_APPLIED = "select number, digest from migration"
_RECORD = "insert into migration (number, name, digest) values ($1, $2, $3)"
_SCHEMA = "select quote_ident(current_schema())"
_ROLES = ("mch_owner", "mch_app", "mch_relay")
_ROLE_EXISTS = "select exists (select from pg_roles where rolname = $1)"
_IS_SUPERUSER = "select rolsuper from pg_roles where rolname = session_user"


@dataclass(frozen=True, slots=True)
class Migration:
    number: int
    name: str
    sql: str

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()


class MigrationRefused(Exception):
    """What is applied is not what the files say. Nothing was changed."""


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """Those in the folder, in order. Raises `MigrationRefused` for a name or number out of line."""
    found = [_read(file) for file in sorted(folder.glob("*.sql"))]
    numbers = [migration.number for migration in found]
    if len(set(numbers)) != len(numbers):
        raise MigrationRefused(f"two migrations share a number: {numbers}")
    return found


async def migrate(
    dsn: str, folder: Path = FOLDER, *, tls: ssl.SSLContext | None = None
) -> list[int]:
    """Apply what is missing, as `mch_owner`, and tell which. Safe to repeat and to run twice.

    The login is `mch_owner`, a member of it, or a superuser, who also makes the roles.
    Raises `MigrationRefused` if a file changed after it was applied.
    """
    connection = await asyncpg.connect(dsn, ssl=tls)
    try:
        await connection.execute(_LOCK)
        await _become_owner(connection)
        await connection.execute(_PREPARE)
        applied = {row["number"]: row["digest"] for row in await connection.fetch(_APPLIED)}
        missing = _missing(migrations(folder), applied)
        for migration in missing:
            await _apply(connection, migration)
        return [migration.number for migration in missing]
    finally:
        await connection.close()


async def _become_owner(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Make the roles if we may, and work as the owner, who needs to make tables and extensions."""
    if await connection.fetchval(_IS_SUPERUSER):
        for role in _ROLES:
            if not await connection.fetchval(_ROLE_EXISTS, role):
                await connection.execute(f"create role {role}")
        database = await connection.fetchval("select quote_ident(current_database())")
        await connection.execute(f"grant create on database {database} to mch_owner")
        schema = await connection.fetchval(_SCHEMA)
        await connection.execute(f"grant all on schema {schema} to mch_owner")
    await connection.execute("set role mch_owner")
    schema = await connection.fetchval(_SCHEMA)
    await connection.execute(f"grant usage on schema {schema} to mch_app, mch_relay")


def _missing(known: list[Migration], applied: dict[int, str]) -> list[Migration]:
    for migration in known:
        if applied.get(migration.number, migration.digest) != migration.digest:
            raise MigrationRefused(f"{migration.name} was changed after it was applied")
    return [migration for migration in known if migration.number not in applied]


async def _apply(connection: "asyncpg.Connection[asyncpg.Record]", migration: Migration) -> None:
    async with connection.transaction():
        await connection.execute(migration.sql)
        await connection.execute(_RECORD, migration.number, migration.name, migration.digest)


def _read(file: Path) -> Migration:
    named = _NAME.fullmatch(file.name)
    if not named:
        raise MigrationRefused(f"{file.name} is not named NNNN_name.sql")
    return Migration(int(named[1]), file.name, file.read_text(encoding="utf-8"))
