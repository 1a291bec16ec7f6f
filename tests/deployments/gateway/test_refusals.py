"""Refused credentials are in the audit log of whose they are, which a flood does not fill."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from httpx import AsyncClient

from cluster.settings import PostgresSettings, Settings
from cluster.settings_gateway import GatewaySettings
from cluster.stores.api_keys import StoredApiKeys
from cluster.stores.audit import MemoryAudit
from cluster.stores.postgres import Pool
from cluster.stores.redis import open_redis
from deployments.gateway.refusals import LEFT_OUT, MOST, WITHIN_S, Refusals, Room
from domain.access import Permission
from domain.clock import utc_now
from domain.errors import Unauthenticated
from tests.app import Hub
from tests.identity import People, people

DANA = "dana@ortizmedical.example"
READS = [Permission.READ_OPPORTUNITIES]
OURS, THEIRS = UUID(int=7), UUID(int=8)


def test_a_company_is_told_so_many_an_hour_and_that_more_are_left_out() -> None:
    now = 0.0
    refusals = Refusals(2, lambda: now)
    told = [refusals.count(OURS) for _ in range(4)]
    assert told == [Room.ENOUGH, Room.ENOUGH, Room.LAST, Room.NONE]
    assert refusals.count(THEIRS) is Room.ENOUGH
    now = WITHIN_S
    assert refusals.count(OURS) is Room.ENOUGH


@pytest.fixture
def audit() -> MemoryAudit:
    return MemoryAudit()


@pytest.fixture
async def hub(
    database: PostgresSettings, embedded_stores: Settings, audit: MemoryAudit
) -> AsyncIterator[People]:
    wide = Hub(audit=audit, gateway=GatewaySettings(quota_scale=1_000.0))
    async with people(database, embedded_stores, wide, is_local=False) as found:
        yield found


@pytest.fixture
async def dana(hub: People) -> AsyncIterator[AsyncClient]:
    async with hub.browser() as client:
        await hub.sign_up(client, DANA)
        client.headers["accept"] = "application/json"
        yield client


@pytest.fixture
async def job(hub: People) -> AsyncIterator[AsyncClient]:
    async with hub.browser() as client:
        client.headers["accept"] = "application/json"
        yield client


async def key_of(dana: AsyncClient) -> str:
    made = await dana.post("/api/v1/company/keys", json={"name": "x", "scopes": READS})
    key: str = made.json()["key"]
    return key


async def refused(job: AsyncClient, credential: str) -> None:
    told = {"authorization": f"Bearer {credential}"}
    assert (await job.get("/api/v1/me", headers=told)).status_code == 401


@pytest.mark.stores
async def test_what_was_shown_in_vain_is_in_the_log_of_its_company(
    hub: People, dana: AsyncClient, job: AsyncClient, audit: MemoryAudit
) -> None:
    me = (await dana.get("/api/v1/me")).json()
    tenant_id, key = UUID(me["tenant_id"]), await key_of(dana)
    prefix = key.split("_")[1]
    told = {"name": "export", "permissions": READS}
    assert (await dana.post("/api/v1/company/services", json=told)).status_code == 200
    token = hub.identity.issuer.sign("export", tenant_id, set(READS), lifetime_s=60)
    before = len(audit.acts)
    await refused(job, key[:-1] + ("0" if key[-1] != "0" else "1"))
    await dana.delete(f"/api/v1/company/keys/{prefix}")
    await refused(job, key)
    await dana.delete("/api/v1/company/services/export")
    await refused(job, token)
    for nobodys in ("mch_unknown_0", "a.b.c", f"{token}x"):
        await refused(job, nobodys)
    acts = [act for act in audit.acts[before:] if act.action.startswith("refused credential")]
    assert {act.tenant_id for act in acts} == {tenant_id}
    assert {act.action for act in acts} == {"refused credential: GET /api/v1/me"}
    credentials = [f"key:{prefix}"] * 2 + [f"token:{tenant_id}/service:export"]
    assert [act.credential for act in acts] == credentials
    assert key.split("_")[2] not in repr(audit.acts)


@pytest.mark.stores
async def test_an_expired_key_is_still_its_companys(
    dana: AsyncClient, app_pool: Pool, embedded_stores: Settings
) -> None:
    key = await key_of(dana)
    tenant_id = UUID((await dana.get("/api/v1/me")).json()["tenant_id"])
    async with open_redis(embedded_stores.redis) as redis:
        keys = StoredApiKeys(app_pool, redis, lambda: utc_now() + timedelta(days=400))
        with pytest.raises(Unauthenticated) as told:
            await keys.principal(key)
    assert told.value.tenant_id == tenant_id
    assert told.value.credential == f"key:{key.split('_')[1]}"


@pytest.mark.stores
async def test_a_flood_of_refusals_does_not_fill_the_log(
    dana: AsyncClient, job: AsyncClient, audit: MemoryAudit
) -> None:
    key = await key_of(dana)
    before = len(audit.acts)
    for _ in range(MOST + 20):
        await refused(job, f"{key[:-8]}00000000")
    told = [act.action for act in audit.acts[before:]]
    assert len(told) == MOST + 1
    assert told[-1] == LEFT_OUT
