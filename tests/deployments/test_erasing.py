"""Who is erased is in no table, key or file any more, and the audit chain stays whole."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import asyncpg
import pytest
from httpx import AsyncClient
from redis.asyncio import Redis

from cluster.settings import PostgresSettings, Settings
from cluster.stores.audit import PostgresAudit, chains, verify_chain
from cluster.stores.blob_store import memory_blob_store
from cluster.stores.erasure import Erasure
from cluster.stores.idempotency import PostgresIdempotency
from cluster.stores.notifications import PostgresNotifications
from cluster.stores.postgres import Pool
from cluster.stores.redis import open_redis
from cluster.stores.vectors_memory import MemoryVectorCollections, MemoryVectorIndex
from deployments.erasing import Belongings, erase_company, erase_person
from domain.access import PUBLIC
from domain.audit import Act
from domain.document_embedding import DOCUMENT_VECTORS
from domain.errors import Invalid, NotFound
from domain.idempotency import Answer, Attempt
from domain.notifications import NewNotification
from domain.personal import tables_thought_of
from domain.vectors import VectorRecord
from tests.app import Hub
from tests.colleagues import DANA, SAM, dana, sam
from tests.conftest import owner_dsn
from tests.identity import People, people

__all__ = ["dana", "sam"]

pytestmark = pytest.mark.stores
ELSE = UUID(int=4711)
"""A company that has nothing to do with it."""
SUPERUSER_TABLES = """
select relname from pg_class
where relkind in ('r', 'p') and relnamespace = 'public'::regnamespace
    and relname not like 'vectors\\_%'
"""


@pytest.fixture
async def hub(
    database: PostgresSettings, embedded_stores: Settings, app_pool: Pool
) -> AsyncIterator[People]:
    async with people(database, embedded_stores, Hub(audit=PostgresAudit(app_pool))) as found:
        yield found


@pytest.fixture
async def erasure(
    app_pool: Pool, relay_pool: Pool, embedded_stores: Settings
) -> AsyncIterator[Erasure]:
    async with open_redis(embedded_stores.redis) as redis:
        yield Erasure(app_pool, relay_pool, redis)


def nothing() -> Belongings:
    return Belongings(memory_blob_store(), MemoryVectorCollections())


async def _found(hub: People, email: str) -> tuple[UUID, UUID]:
    person = await hub.identity.persons.by_email(email)
    assert person
    (company,) = await hub.identity.companies.of_person(person.person_id)
    return person.person_id, company.tenant_id


async def _places(database: PostgresSettings, redis: Redis, *values: str) -> Sequence[str]:
    """Tables and keys in which one of the values stands, looked for behind row-level security."""
    places = []
    owner = await asyncpg.connect(owner_dsn(database))
    await owner.execute("set role mch_owner")
    tables = [row["relname"] for row in await owner.fetch(SUPERUSER_TABLES)]
    for table in tables:
        await owner.execute(f"alter table {table} no force row level security")
        rows = await owner.fetch(f"select t::text as row from {table} as t")  # noqa: S608
        if any(value in row["row"] for row in rows for value in values):
            places.append(table)
    await owner.close()
    async for name in redis.scan_iter(match="*"):
        kind = await redis.type(name)
        held = await redis.get(name) if kind == b"string" else b""
        if any(value in f"{name!r} {held!r}" for value in values):
            places.append(name.decode())
    return places


async def _keep_things(app_pool: Pool, tenant_id: UUID, person_id: UUID) -> None:
    """An answer under a key and an act with an address, as requests of the person leave them."""
    attempt = Attempt(tenant_id, str(person_id), "k1", b"digest")
    store = PostgresIdempotency(app_pool)
    await store.begin(attempt)
    await store.finish(attempt, Answer(200, (), b"Sam Nair was here"))
    seen = NewNotification(
        user_id=str(person_id), kind="match", subject="n1", score=80, at=datetime.now(UTC)
    )
    await PostgresNotifications(app_pool).add(tenant_id, [seen])
    await PostgresAudit(app_pool).record(
        Act(
            tenant_id=tenant_id,
            actor=str(person_id),
            credential="session:1",
            action="POST /x",
            subject="",
            correlation_id=uuid4(),
            details={"address": "198.51.100.77"},
        )
    )


async def test_a_person_is_erased_everywhere_and_colleagues_go_on(
    hub: People,
    dana: AsyncClient,
    sam: AsyncClient,
    erasure: Erasure,
    app_pool: Pool,
    relay_pool: Pool,
    database: PostgresSettings,
    embedded_stores: Settings,
) -> None:
    person_id, tenant_id = await _found(hub, SAM)
    await _keep_things(app_pool, tenant_id, person_id)
    told = (SAM, "Sam Nair", "198.51.100.77", b"Sam Nair was here".hex())
    async with open_redis(embedded_stores.redis) as redis:
        assert set(await _places(database, redis, *told)) >= {
            *("person", "invitation", "audit_detail", "idempotent_answer"),
        }, "else this test finds nothing anywhere"
        await erase_person(hub.identity, erasure, person_id)
        assert await _places(database, redis, *told) == []
        assert "notification" not in await _places(database, redis, str(person_id))
    assert (await sam.get("/account")).status_code != 200
    assert (await dana.get("/company/members")).status_code == 200
    head = (await chains(relay_pool))[tenant_id]
    assert await verify_chain(relay_pool, tenant_id, head) is None
    with pytest.raises(NotFound):
        await erase_person(hub.identity, erasure, person_id)


async def test_a_company_is_erased_everywhere_and_its_members_keep_their_accounts(
    hub: People,
    dana: AsyncClient,
    erasure: Erasure,
    app_pool: Pool,
    database: PostgresSettings,
    embedded_stores: Settings,
) -> None:
    person_id, tenant_id = await _found(hub, DANA)
    await dana.post("/company", data={"name": "Ortiz Medical", "act": "save", "keywords": "gloves"})
    await dana.post("/company/invitations", data={"email": SAM, "role": "editor"})
    await _keep_things(app_pool, tenant_id, person_id)
    blobs = memory_blob_store()
    await blobs.put(tenant_id, b"a capability statement")
    theirs = await blobs.put(PUBLIC, b"a notice")
    vectors = MemoryVectorCollections()
    await vectors.create(DOCUMENT_VECTORS)
    index = MemoryVectorIndex(vectors, DOCUMENT_VECTORS.name)
    one = VectorRecord(tenant_id=ELSE, key="d1", chunk=0, digest="x", properties={}, vector=[1.0])
    await index.upsert([one, replace(one, tenant_id=tenant_id)])
    async with open_redis(embedded_stores.redis) as redis:
        assert "company" in await _places(database, redis, "Ortiz Medical")
        tables, files = await erase_company(
            hub.identity, erasure, Belongings(blobs, vectors), tenant_id
        )
        assert await _places(database, redis, "Ortiz Medical", SAM, "198.51.100.77") == []
    assert {"company", "company_document", "membership", "invitation"} <= set(tables)
    assert files == 1
    assert (await index.count(tenant_id), await index.count(ELSE)) == (0, 1)
    assert await blobs.get(PUBLIC, theirs) == b"a notice"
    assert (await dana.get("/company")).status_code != 200
    assert (await dana.get("/account")).status_code == 200


async def test_the_last_owner_goes_after_the_company(
    hub: People, dana: AsyncClient, erasure: Erasure
) -> None:
    person_id, tenant_id = await _found(hub, DANA)
    with pytest.raises(Invalid):
        await erase_person(hub.identity, erasure, person_id)
    await erase_company(hub.identity, erasure, nothing(), tenant_id)
    await erase_person(hub.identity, erasure, person_id)
    assert await hub.identity.persons.by_id(person_id) is None


async def test_what_is_public_is_nobodys_to_erase(hub: People, erasure: Erasure) -> None:
    with pytest.raises(Invalid, match="public"):
        await erase_company(hub.identity, erasure, nothing(), PUBLIC)


async def test_every_table_was_thought_of(database: PostgresSettings) -> None:
    owner = await asyncpg.connect(owner_dsn(database))
    tables = {row["relname"] for row in await owner.fetch(SUPERUSER_TABLES)}
    await owner.close()
    assert tables == tables_thought_of(), "say in `domain.personal` whose data a new table holds"
