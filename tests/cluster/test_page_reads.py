"""What pages and the API read beside the opportunities themselves, in the real Postgres."""

from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from cluster.settings import PostgresSettings
from cluster.stores.opportunity_reads import PostgresOpportunityReads
from cluster.stores.postgres import Pool, as_tenant, transaction
from cluster.stores.progress import PostgresProgress
from cluster.stores.system_reads import PostgresSystemReads
from domain.access import PUBLIC
from tests.conftest import owner_dsn

pytestmark = pytest.mark.stores

DAY = datetime(2026, 4, 13, tzinfo=UTC)

_NOTICE = """
insert into opportunity (notice_id, tenant_id, version, form, notice, is_closed, title, type,
    solicitation_number, posted_at, is_medical, is_active, discovered_at, updated_at, search)
values ($1, '00000000-0000-0000-0000-000000000000', 1, 1, '{}', false, $1, 'k', $2, $3, true, true,
    now(), now(), '')
"""

_LINK = """
insert into solicitation_notice (notice_id, tenant_id, solicitation, reason, linked_at)
values ($1, '00000000-0000-0000-0000-000000000000', $2, 'amendment', now())
"""

_CONTACT = "insert into notice_contact values ('n1', $1, $2)"

_SYNC = """
insert into sync_state (name, last_success_at, last_error, last_error_at) values ($1, $2, $3, $2)
"""

_LETTER = """
insert into dead_letter (consumer, topic, partition, kafka_offset, event_type, error, state, value,
    headers)
values ('notify', 't', 0, $1, 'OpportunityMatched', 'no user', $2, '', '{}')
"""


@pytest.fixture
async def owner(database: PostgresSettings) -> "asyncpg.Connection[asyncpg.Record]":
    return await asyncpg.connect(owner_dsn(database))


async def test_a_solicitations_other_notices_come_newest_first(app_pool: Pool) -> None:
    solicitations = {"n1": "S1", "n2": "S1", "n3": "S1", "n4": "S2"}
    async with as_tenant(app_pool, PUBLIC) as connection:
        for at, (notice_id, number) in enumerate(solicitations.items()):
            await connection.execute(_NOTICE, notice_id, number, DAY + timedelta(days=at))
            await connection.execute(_LINK, notice_id, number)
        await connection.execute(_NOTICE, "n5", "S1", DAY)
    reads = PostgresOpportunityReads(app_pool)
    assert [one.notice_id for one in await reads.related("n1")] == ["n3", "n2"]
    assert await reads.related("n5") == []


async def test_contacts_come_in_the_order_of_their_kinds(
    app_pool: Pool, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    for kind in ("place", "secondary", "primary"):
        await owner.execute(_CONTACT, kind, f'{{"name": "{kind}"}}')
    await owner.close()
    contacts = await PostgresOpportunityReads(app_pool).contacts("n1")
    assert [contact.kind for contact in contacts] == ["primary", "secondary", "place"]
    assert contacts[0].details == {"name": "primary"}


async def test_the_application_reads_the_state_of_the_system_with_its_own_role(
    app_pool: Pool, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await owner.execute(_SYNC, "search_api", DAY, None)
    await owner.execute(_SYNC, "tree", DAY, "SAM.gov answered 500")
    await owner.execute("insert into api_quota values ('sam_gov', $1, 12)", date(2026, 4, 13))
    for offset, state in enumerate(("parked", "done", "parked")):
        await owner.execute(_LETTER, offset, state)
    await owner.close()
    reads = PostgresSystemReads(app_pool)
    assert [sync.is_failing for sync in await reads.syncs()] == [False, True]
    assert [quota.used for quota in await reads.quotas()] == [12]
    assert [one.error for one in await reads.stopped(limit=10)] == ["no user", "no user"]
    assert await PostgresProgress(app_pool).relay_lag() == 0


async def test_the_application_cannot_read_what_a_dead_letter_says(
    app_pool: Pool, owner: "asyncpg.Connection[asyncpg.Record]"
) -> None:
    await owner.close()
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with transaction(app_pool) as connection:
            await connection.fetch("select value from dead_letter")
