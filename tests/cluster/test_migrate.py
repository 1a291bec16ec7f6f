from pathlib import Path

import asyncpg
import pytest

from cluster.settings import PostgresSettings
from cluster.stores.migrate import MigrationRefused, migrate, migrations
from tests.conftest import owner_dsn

UNFORCED = """
select class.relname from pg_class as class
join pg_attribute as attribute on attribute.attrelid = class.oid
where attribute.attname = 'tenant_id' and class.relkind in ('r', 'p')
  and class.relnamespace = 'public'::regnamespace
  and not (class.relrowsecurity and class.relforcerowsecurity)
"""
UNPOLICED = """
select class.relname from pg_class as class
join pg_attribute as attribute on attribute.attrelid = class.oid
where attribute.attname = 'tenant_id' and class.relkind in ('r', 'p')
  and class.relnamespace = 'public'::regnamespace
  and not exists (
      select from pg_policy where polrelid = class.oid and 'mch_app'::regrole = any(polroles)
  )
"""
WRITABLE_BY_OTHERS = """
select polrelid::regclass::text from pg_policy
where 'mch_app'::regrole = any(polroles) and polcmd <> 'r'
  and pg_get_expr(polqual, polrelid) like '%00000000-0000-0000-0000-000000000000%'
"""
ABOVE_THE_LAW = """
select rolname from pg_roles
where rolname in ('mch_owner', 'mch_app', 'mch_relay', 'mch') and (rolsuper or rolbypassrls)
"""


def folder(path: Path, **files: str) -> Path:
    path.mkdir(exist_ok=True)
    for name, sql in files.items():
        (path / f"{name}.sql").write_text(sql)
    return path


def test_our_migrations_are_numbered_without_a_gap() -> None:
    numbers = [migration.number for migration in migrations()]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(
    "files", [{"first": ""}, {"0001_one": "", "0001_two": ""}], ids=["no number", "one twice"]
)
def test_a_file_out_of_line_is_refused(files: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(MigrationRefused):
        migrations(folder(tmp_path, **files))


@pytest.mark.stores
async def test_each_is_applied_once(database: PostgresSettings, tmp_path: Path) -> None:
    dsn = owner_dsn(database)
    ours = folder(tmp_path, **{"9001_a": "create table a ()"})
    assert await migrate(dsn, ours) == [9001]
    folder(tmp_path, **{"9002_b": "create table b ()"})
    assert await migrate(dsn, ours) == [9002]
    assert await migrate(dsn, ours) == []


@pytest.mark.stores
async def test_one_that_changed_is_refused(database: PostgresSettings, tmp_path: Path) -> None:
    dsn = owner_dsn(database)
    ours = folder(tmp_path, **{"9001_a": "create table a ()"})
    await migrate(dsn, ours)
    folder(tmp_path, **{"9001_a": "create table a (b text)", "9002_b": "create table b ()"})
    with pytest.raises(MigrationRefused, match="9001_a"):
        await migrate(dsn, ours)


@pytest.mark.stores
async def test_one_that_fails_leaves_nothing(database: PostgresSettings, tmp_path: Path) -> None:
    dsn = owner_dsn(database)
    ours = folder(tmp_path, **{"9001_a": "create table a (); select 1 / 0"})
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(dsn, ours)
    folder(tmp_path, **{"9001_a": "create table a ()"})
    assert await migrate(dsn, ours) == [9001]


@pytest.mark.stores
@pytest.mark.parametrize("question", [UNFORCED, UNPOLICED, WRITABLE_BY_OTHERS, ABOVE_THE_LAW])
async def test_tenants_are_kept_apart(database: PostgresSettings, question: str) -> None:
    connection = await asyncpg.connect(owner_dsn(database))
    assert await connection.fetch(question) == []
    await connection.close()
