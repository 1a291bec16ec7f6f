"""What the catalogue says of tenants' tables, whoever adds one."""

import asyncpg
import pytest

from cluster.settings import PostgresSettings
from tests.conftest import owner_dsn

TENANT_TABLES = """
select relname, relrowsecurity and relforcerowsecurity as is_forced,
       array(select polname::text from pg_policy where polrelid = pg_class.oid) as policies
from pg_class join pg_attribute on attrelid = pg_class.oid and attname = 'tenant_id'
where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and not attisdropped
"""
WRITES_FREELY = """
select relname from pg_class join pg_policy on polrelid = pg_class.oid
cross join lateral (
    select case when exists (
        select from pg_attribute where attrelid = polrelid and attname = 'tenant_id'
    ) then '%mch.tenant_id%' else '%mch.person_id%' end as whose
) as guard
where polcmd <> 'r' and polroles <> array['mch_relay'::regrole::oid]
    and (polqual is null or polwithcheck is null
    or pg_get_expr(polqual, polrelid) not like whose
    or pg_get_expr(polwithcheck, polrelid) not like whose)
"""
"""A table without a tenant that has row security is its person's."""
RELAY_WRITES = """
select relname from pg_class join pg_attribute on attrelid = pg_class.oid and attname = 'tenant_id'
where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace and not attisdropped
    and has_any_column_privilege('mch_relay', pg_class.oid, 'insert, update')
order by relname
"""
BYPASSES = "select rolname from pg_roles where rolname like 'mch_%' and rolbypassrls"


@pytest.mark.stores
async def test_every_tenant_table_is_guarded_by_the_database(database: PostgresSettings) -> None:
    owner = await asyncpg.connect(owner_dsn(database))
    tables = await owner.fetch(TENANT_TABLES)
    assert {row["relname"] for row in tables} >= {
        "event",
        "company_profile",
        "membership",
        "api_key",
    }
    assert [row["relname"] for row in tables if not row["is_forced"]] == []
    assert [row["relname"] for row in tables if "tenant" not in row["policies"]] == []
    assert [row["relname"] for row in await owner.fetch(WRITES_FREELY)] == []
    assert await owner.fetch(BYPASSES) == []
    await owner.close()


@pytest.mark.stores
async def test_the_hubs_own_role_writes_no_tenants_rows_but_whose_turn_it_is(
    database: PostgresSettings,
) -> None:
    owner = await asyncpg.connect(owner_dsn(database))
    assert [row["relname"] for row in await owner.fetch(RELAY_WRITES)] == ["work"]
    await owner.close()
