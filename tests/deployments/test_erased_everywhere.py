"""Every erased value is looked for in every store, log and topic; then all is rebuilt."""

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import obstore
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from httpx import AsyncClient
from redis.asyncio import Redis

from cluster.home import Home
from cluster.servers.mail_sink.box import MailBox
from cluster.settings import PostgresSettings, Settings
from cluster.stores.analytics import AnalyticsStore
from cluster.stores.audit import PostgresAudit
from cluster.stores.blob_store import S3BlobStore, open_blob_store
from cluster.stores.clickhouse_client import ClickHouse
from cluster.stores.companies import project_company
from cluster.stores.documents import project_documents
from cluster.stores.erasure import Erasure
from cluster.stores.event_log import PostgresEventLog
from cluster.stores.event_store import Projection
from cluster.stores.event_topic import open_event_topic
from cluster.stores.kafka_client import client_options
from cluster.stores.postgres import Pool, as_tenant
from cluster.stores.redis import key, open_redis
from cluster.stores.vectors import in_postgres
from deployments.erasing import Belongings, erase_company, erase_person
from domain.company import COMPANY
from domain.document_embedding import DOCUMENT_VECTORS
from domain.events import Recorded, Written
from domain.flows import EVENT_TYPES
from domain.personal import tables_of
from domain.ports import Lease
from domain.vectors import VectorRecord
from domain.wire import TOPICS
from pipelines.replay_analytics import replay_analytics
from tests.analytics import analytics, clickhouse, settings
from tests.app import Hub
from tests.colleagues import DANA, SAM, dana, sam
from tests.documents import upload
from tests.identity import People, people
from tests.personal import Seeded, behind_row_security, is_in, marks_in, seed_everything

__all__ = ["analytics", "clickhouse", "dana", "sam", "settings"]

pytestmark = pytest.mark.stores

EVE = "eve@elsewhere.example"
OUTSIDE = {name: f"zq-{name}" for name in ("s3", "vectors", "feed", "mail")}
PROJECTIONS: Mapping[str, Projection] = {COMPANY: project_company, "Document": project_documents}
PROJECTED = ("membership", "company", "consent", "document", "document_notice")


@pytest.fixture
async def hub(
    database: PostgresSettings, embedded_stores: Settings, app_pool: Pool
) -> AsyncIterator[People]:
    async with people(database, embedded_stores, Hub(audit=PostgresAudit(app_pool))) as found:
        yield found


@pytest.fixture
async def redis(embedded_stores: Settings) -> AsyncIterator[Redis]:
    async with open_redis(embedded_stores.redis) as client:
        yield client


@dataclass
class Everywhere:
    """Where to look, and what to look with."""

    database: PostgresSettings
    stores: Settings
    redis: Redis
    clickhouse: ClickHouse
    belongings: Belongings
    sink: Path

    async def texts(self) -> dict[str, str]:
        """All that is kept anywhere, as text, by place."""
        return {
            **{f"postgres {name}": text for name, text in (await marks_in(self.database)).items()},
            **{f"redis {name}": text for name, text in (await self._redis()).items()},
            "s3": _s3(self.belongings.blobs),
            "kafka": await _kafka(self.stores),
            "clickhouse": await self._clickhouse(),
            "logs": _files(Home(self.stores.home).logs, "*"),
            "mail": _files(self.sink, "*.eml"),
        }

    async def found(self, marks: Iterable[str]) -> dict[str, set[str]]:
        """The places of each mark that is still somewhere."""
        texts = await self.texts()
        places = {
            mark: {name for name, text in texts.items() if is_in(mark, text)} for mark in marks
        }
        return {mark: where for mark, where in places.items() if where}

    async def _redis(self) -> dict[str, str]:
        found = {}
        async for name in self.redis.scan_iter(match="*"):
            found[name.decode()] = f"{name!r} {await self.redis.dump(name)!r}"
        return found

    async def _clickhouse(self) -> str:
        """Every column but those of counters, whose states hold nothing that reads."""
        tables = await self.clickhouse.query(
            "select database, table, arrayStringConcat(groupArray(name), ', ') as names"
            " from system.columns"
            " where database like 'test_%' and not startsWith(type, 'AggregateFunction')"
            " group by database, table"
        )
        rows = [
            await self.clickhouse.query(f"select {it['names']} from {it['database']}.{it['table']}")  # noqa: S608
            for it in tables
        ]
        return repr(rows)


@pytest.fixture
async def everywhere(
    database: PostgresSettings,
    embedded_stores: Settings,
    redis: Redis,
    clickhouse: ClickHouse,
    app_pool: Pool,
    tmp_path: Path,
) -> Everywhere:
    belongings = Belongings(open_blob_store(embedded_stores.s3), in_postgres(app_pool).collections)
    return Everywhere(database, embedded_stores, redis, clickhouse, belongings, tmp_path)


async def test_a_person_and_a_company_are_gone_from_everything_and_all_is_rebuilt(
    hub: People,
    dana: AsyncClient,
    sam: AsyncClient,
    everywhere: Everywhere,
    app_pool: Pool,
    relay_pool: Pool,
    redis: Redis,
    analytics: AnalyticsStore,
    lease: Lease,
) -> None:
    tenant_id, person_id = await _ids(hub, SAM)
    async with hub.browser() as eve:
        await hub.sign_up(eve, EVE, "Elsewhere Medical")
    await dana.post("/company/consents", data={"purpose": "ocr", "given": "true"})
    seeded = await seed_everything(everywhere.database, tenant_id, person_id)
    await _seed_outside(everywhere, app_pool, seeded)
    erasure = Erasure(app_pool, relay_pool, redis)
    everything = seeded.of(frozenset(seeded.marks)) | set(OUTSIDE.values())
    assert set(await everywhere.found(everything)) == everything, "else this looks nowhere"

    await erase_person(hub.identity, erasure, person_id, MailBox(everywhere.sink))
    personal = seeded.of(tables_of("person")) | {OUTSIDE["mail"]}
    assert await everywhere.found(personal) == {}
    keys = " ".join(await everywhere._redis())
    assert str(person_id) not in keys
    assert await everywhere.found(everything) != {}, "the company goes on"

    await erase_company(hub.identity, erasure, everywhere.belongings, tenant_id)
    events = await _publish(everywhere, relay_pool, analytics, lease)
    assert await everywhere.found(everything) == {}
    assert str(tenant_id) in (await everywhere.texts())["kafka"], "its events are there"

    await _rebuild(everywhere.database, app_pool, events)
    replayed = await replay_analytics(PostgresEventLog(relay_pool, EVENT_TYPES), analytics)
    held = await analytics.held(replayed.generation)
    assert (held.events, held.position) == (len(events), events[-1].position)
    assert await everywhere.found(everything) == {}
    await _is_as_the_log_says(hub, everywhere.database, tenant_id)


async def _ids(hub: People, email: str) -> tuple[UUID, UUID]:
    person = await hub.identity.persons.by_email(email)
    assert person
    [company] = await hub.identity.companies.of_person(person.person_id)
    return company.tenant_id, person.person_id


async def _seed_outside(everywhere: Everywhere, pool: Pool, seeded: Seeded) -> None:
    tenant_id = seeded.tenant_id
    blobs = everywhere.belongings.blobs
    await upload(pool, blobs, OUTSIDE["s3"].encode(), "plain.txt", "text/plain", tenant_id)
    vectors = in_postgres(pool)
    await vectors.collections.create(DOCUMENT_VECTORS)
    await vectors.index(DOCUMENT_VECTORS.name).upsert(
        [
            VectorRecord(
                tenant_id=tenant_id,
                key=OUTSIDE["vectors"],
                chunk=0,
                digest="d",
                properties={},
                vector=[0.1] * DOCUMENT_VECTORS.dimensions,
            )
        ]
    )
    room = key(tenant_id, "feed", f"user:{seeded.person_id}")
    await everywhere.redis.xadd(room, {"message": OUTSIDE["feed"]})
    address = seeded.mark("person", "email")
    mail = f"To: {address}\r\nSubject: Hello\r\n\r\n{OUTSIDE['mail']}\r\n"
    MailBox(everywhere.sink).put(mail.encode())


async def _publish(
    everywhere: Everywhere, relay_pool: Pool, analytics: AnalyticsStore, lease: Lease
) -> list[Recorded]:
    """All that is in the log, to where it goes. Returns it."""
    log = PostgresEventLog(relay_pool, EVENT_TYPES)
    while await log.number(lease, limit=1_000):
        pass
    events = await log.read(after=0, limit=10_000)
    async with open_event_topic(everywhere.stores.kafka) as topic:
        await topic.publish(events)
    await analytics.write(events)
    return events


async def _rebuild(database: PostgresSettings, pool: Pool, events: list[Recorded]) -> None:
    """The read models that appending writes, from position 0 on."""
    async with behind_row_security(database) as owner:
        await owner.execute(f"truncate {', '.join(PROJECTED)} cascade")
    for one in events:
        if project := PROJECTIONS.get(one.stream.aggregate_type):
            async with as_tenant(pool, one.stream.tenant_id) as connection:
                await project(connection, [_written(one)])


def _written(one: Recorded) -> Written:
    return Written(
        stream=one.stream,
        version=one.version,
        event_id=one.event_id,
        event=one.event,
        origin=one.cause.origin,
        recorded_at=one.recorded_at,
    )


async def _is_as_the_log_says(hub: People, database: PostgresSettings, erased: UUID) -> None:
    """Who is a member of what by id; names of those alone who are not erased."""
    elsewhere, eve = await _ids(hub, EVE)
    dana = await hub.identity.persons.by_email(DANA)
    assert dana
    async with behind_row_security(database) as owner:
        members = await owner.fetch("select tenant_id, person_id from membership")
        companies = await owner.fetch("select tenant_id, name from company")
        consents = await owner.fetchval("select count(*) from consent")
    assert {tuple(row) for row in members} == {(erased, dana.person_id), (elsewhere, eve)}
    assert [tuple(row) for row in companies] == [(elsewhere, "Elsewhere Medical")]
    assert consents == 1
    assert await hub.identity.companies.of_person(dana.person_id) == []


def _s3(blobs: S3BlobStore) -> str:
    """Every object's name and content."""
    store = blobs._store
    found = [str(it["path"]) for some in obstore.list(store) for it in some]
    return json.dumps(
        {path: bytes(obstore.get(store, path).bytes()).decode("latin-1") for path in found}
    )


def _files(folder: Path, pattern: str) -> str:
    return "\n".join(
        file.read_bytes().decode("latin-1") for file in folder.rglob(pattern) if file.is_file()
    )


async def _kafka(stores: Settings) -> str:
    """Every message that lies in any topic of events: key, value and headers."""
    consumer = AIOKafkaConsumer(**client_options(stores.kafka), enable_auto_commit=False)
    await consumer.start()
    try:
        await consumer._client.set_topics(sorted(set(TOPICS.values())))
        places = [
            TopicPartition(topic, number)
            for topic in sorted(set(TOPICS.values()))
            for number in consumer.partitions_for_topic(topic) or ()
        ]
        ends = await consumer.end_offsets(places)
        begins = await consumer.beginning_offsets(places)
        left = [place for place in places if ends[place] > begins[place]]
        found = []
        for place in left:
            consumer.assign([place])
            consumer.seek(place, begins[place])
            while await consumer.position(place) < ends[place]:
                batch = await consumer.getmany(place, timeout_ms=1_000)
                found += [repr((m.key, m.value, m.headers)) for m in batch.get(place, [])]
        return "\n".join(found)
    finally:
        await consumer.stop()
