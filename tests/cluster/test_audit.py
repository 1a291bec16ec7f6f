"""The audit log in Postgres: it only grows, and what was done to it behind its back is found."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

import asyncpg
import pytest

from cluster.settings import PostgresSettings
from cluster.stores.audit import PostgresAudit, chains, verify_chain
from cluster.stores.postgres import Pool, as_tenant
from domain.audit import Act, Break, Head
from tests.conftest import owner_dsn

ACT = Act(
    tenant_id=UUID(int=7),
    actor="clerk",
    credential="session:1",
    action="revoke a key",
    subject="key:1",
    correlation_id=UUID(int=1),
    details={"address": "192.0.2.1"},
)


@pytest.fixture
async def audit(app_pool: Pool) -> PostgresAudit:
    audit = PostgresAudit(app_pool)
    for number in range(5):
        await audit.record(replace(ACT, subject=f"key:{number}"))
    return audit


async def _verify(relay_pool: Pool, noted: Head | None = None) -> Break | None:
    known = await chains(relay_pool)
    return await verify_chain(relay_pool, ACT.tenant_id, known[ACT.tenant_id], noted)


async def _behind_its_back(database: PostgresSettings, statement: str) -> None:
    """As whoever owns the tables, with what guards them switched off."""
    owner = await asyncpg.connect(owner_dsn(database))
    try:
        await owner.execute("set role mch_owner")
        await owner.execute("select set_config('mch.tenant_id', $1, false)", str(ACT.tenant_id))
        for table in ("audit_entry", "audit_head"):
            await owner.execute(f"alter table {table} disable trigger user")
        await owner.execute(statement)
    finally:
        await owner.close()


async def test_what_is_recorded_is_read_back_and_whole(
    audit: PostgresAudit, relay_pool: Pool
) -> None:
    newest = await audit.newest(ACT.tenant_id, limit=2)
    assert [entry.act.subject for entry in newest] == ["key:4", "key:3"]
    assert newest[0].act == replace(ACT, subject="key:4")
    assert await _verify(relay_pool) is None


async def test_many_at_once_make_one_chain(app_pool: Pool, relay_pool: Pool) -> None:
    audit = PostgresAudit(app_pool)
    await asyncio.gather(*(audit.record(replace(ACT, subject=str(each))) for each in range(6)))
    assert (await chains(relay_pool))[ACT.tenant_id].sequence == 6
    assert await _verify(relay_pool) is None


async def test_each_tenant_has_its_own(audit: PostgresAudit, relay_pool: Pool) -> None:
    other = uuid4()
    await audit.record(replace(ACT, tenant_id=other))
    assert (await chains(relay_pool))[other].sequence == 1
    assert [entry.act.tenant_id for entry in await audit.newest(other, limit=9)] == [other]


@pytest.mark.parametrize(
    "statement",
    [
        "update audit_entry set actor = 'other'",
        "delete from audit_entry",
        "truncate audit_entry",
        "update audit_head set sequence = 1",
        "delete from audit_head",
        "insert into audit_head values ('00000000-0000-0000-0000-000000000007', 0, '')",
        "update audit_detail set details = '{}'",
    ],
)
async def test_the_application_can_only_add(
    audit: PostgresAudit, app_pool: Pool, statement: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with as_tenant(app_pool, ACT.tenant_id) as connection:
            await connection.execute(statement)


@pytest.mark.parametrize(
    "statement", ["update audit_entry set actor = 'x'", "truncate audit_entry"]
)
async def test_not_even_the_owner_does_it_by_accident(
    audit: PostgresAudit, database: PostgresSettings, statement: str
) -> None:
    owner = await asyncpg.connect(owner_dsn(database))
    await owner.execute("set role mch_owner")
    await owner.execute("select set_config('mch.tenant_id', $1, false)", str(ACT.tenant_id))
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await owner.execute(statement)
    await owner.close()


@pytest.mark.parametrize(
    ("statement", "sequence"),
    [
        ("update audit_entry set actor = 'other' where sequence = 3", 3),
        ("update audit_entry set at = at + interval '1 microsecond' where sequence = 2", 2),
        ("delete from audit_entry where sequence = 2", 2),
        ("delete from audit_entry where sequence = 5", 5),
        ("delete from audit_entry", 1),
        ('update audit_detail set details = \'{"address": "x"}\' where sequence = 4', 4),
    ],
)
async def test_what_was_changed_behind_its_back_is_found(
    audit: PostgresAudit,
    relay_pool: Pool,
    database: PostgresSettings,
    statement: str,
    sequence: int,
) -> None:
    await _behind_its_back(database, statement)
    found = await _verify(relay_pool)
    assert found
    assert found.sequence == sequence


async def test_a_chain_cut_short_with_its_head_is_found_by_one_that_was_noted(
    audit: PostgresAudit, relay_pool: Pool, database: PostgresSettings
) -> None:
    noted = (await chains(relay_pool))[ACT.tenant_id]
    await _behind_its_back(
        database,
        "delete from audit_entry where sequence > 3; update audit_head set sequence = 3, "
        "hash = (select hash from audit_entry where sequence = 3)",
    )
    assert await _verify(relay_pool) is None
    found = await _verify(relay_pool, noted)
    assert found
    assert found.sequence == 4


async def test_a_look_begins_where_the_last_one_found_the_chain_whole(
    audit: PostgresAudit, database: PostgresSettings
) -> None:
    first = await audit.state(ACT.tenant_id)
    assert (first.broken, first.begun.sequence, first.head.sequence) == (None, 0, 5)
    await audit.record(ACT)
    second = await audit.state(ACT.tenant_id)
    assert (second.broken, second.begun, second.head.sequence) == (None, first.head, 6)
    assert second.walked_at == first.walked_at
    third = await audit.state(ACT.tenant_id, whole=True)
    assert (third.broken, third.begun.sequence) == (None, 0)
    assert first.walked_at
    assert third.walked_at
    assert third.walked_at > first.walked_at


async def test_what_was_changed_before_it_is_found_by_the_whole_walk_and_told_from_then_on(
    audit: PostgresAudit, database: PostgresSettings
) -> None:
    await audit.state(ACT.tenant_id)
    await _behind_its_back(database, "update audit_entry set actor = 'x' where sequence = 2")
    assert (await audit.state(ACT.tenant_id)).broken is None
    for whole in (True, False, False):
        found = await audit.state(ACT.tenant_id, whole=whole)
        assert found.broken
        assert found.broken.sequence == 2
        assert found.walked_at is None


@pytest.mark.parametrize(
    ("statement", "sequence"),
    [
        ("update audit_entry set actor = 'other' where sequence = 6", 6),
        ("delete from audit_entry where sequence = 6", 6),
        (
            "delete from audit_entry where sequence > 3; update audit_head set sequence = 3, "
            "hash = (select hash from audit_entry where sequence = 3)",
            4,
        ),
        ("update audit_head set hash = '\\x00', sequence = 5", 5),
    ],
)
async def test_what_was_changed_after_it_or_cut_off_is_found_at_the_next_look(
    audit: PostgresAudit, database: PostgresSettings, statement: str, sequence: int
) -> None:
    await audit.state(ACT.tenant_id)
    await audit.record(ACT)
    await audit.record(ACT)
    await _behind_its_back(database, statement)
    found = (await audit.state(ACT.tenant_id)).broken
    assert found
    assert found.sequence == sequence


async def test_another_company_takes_nothing_for_verified(
    audit: PostgresAudit, app_pool: Pool
) -> None:
    await audit.state(ACT.tenant_id)
    async with as_tenant(app_pool, uuid4()) as connection:
        assert await connection.fetchval("select count(*) from audit_verified") == 0


async def test_what_is_personal_can_be_erased_and_the_chain_stays_whole(
    audit: PostgresAudit, relay_pool: Pool
) -> None:
    await audit.record(replace(ACT, actor="colleague"))
    assert await audit.erase(ACT.tenant_id, "clerk") == 5
    newest = await audit.newest(ACT.tenant_id, limit=9)
    assert [entry.act.details for entry in newest if entry.act.actor == "clerk"] == [{}] * 5
    assert newest[0].act.details == ACT.details
    assert await _verify(relay_pool) is None


async def test_another_tenant_sees_nothing_of_it(audit: PostgresAudit, app_pool: Pool) -> None:
    for table in ("audit_entry", "audit_detail", "audit_head"):
        async with as_tenant(app_pool, uuid4()) as connection:
            assert await connection.fetchval(f"select count(*) from {table}") == 0  # noqa: S608
