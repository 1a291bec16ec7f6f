"""Service accounts: what a job may, and how its tokens end."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from httpx import AsyncClient

from cluster.settings import PostgresSettings, Settings
from cluster.stores.postgres import Pool
from cluster.stores.redis import open_redis
from cluster.stores.service_accounts import StoredServiceAccounts, credential_of
from domain.access import PERMISSIONS, Permission, Principal, Role
from domain.clock import utc_now
from domain.errors import NotFound, Unauthenticated
from tests.identity import PASSWORD, People, people

pytestmark = pytest.mark.stores
DANA = "dana@ortizmedical.example"
SERVICES = "/api/v1/company/services"
READS = [Permission.READ_OPPORTUNITIES, Permission.READ_COMPANY]
TENANT = UUID(int=7)
OWNER = Principal(TENANT, "dana", PERMISSIONS[Role.OWNER])


@pytest.fixture
async def hub(database: PostgresSettings, embedded_stores: Settings) -> AsyncIterator[People]:
    async with people(database, embedded_stores, is_local=False) as found:
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
        del client.headers["origin"]
        yield client


async def issued(dana: AsyncClient, **told: object) -> str:
    answer = await dana.post(f"{SERVICES}/export/tokens", json=told)
    assert answer.status_code == 200, answer.text
    token: str = answer.json()["token"]
    return token


async def made(dana: AsyncClient) -> None:
    answer = await dana.post(SERVICES, json={"name": "export", "permissions": READS})
    assert answer.status_code == 200, answer.text


async def test_a_job_may_what_its_token_and_its_account_say(
    dana: AsyncClient, job: AsyncClient
) -> None:
    await made(dana)
    job.headers["authorization"] = f"Bearer {await issued(dana, hours=0.5)}"
    told = (await job.get("/api/v1/me")).json()
    assert (told["user_id"], set(told["permissions"])) == ("service:export", set(READS))
    assert told["tenant_id"] == (await dana.get("/api/v1/me")).json()["tenant_id"]
    assert (await job.get("/api/v1/company/members")).status_code == 200
    assert (await job.put("/api/v1/company", json={"name": "Mine"})).status_code == 403
    narrow = await issued(dana, permissions=READS[:1])
    job.headers["authorization"] = f"Bearer {narrow}"
    assert (await job.get("/api/v1/company/members")).status_code == 403


async def test_revoking_it_ends_all_its_tokens_at_the_next_request_and_for_good(
    dana: AsyncClient, job: AsyncClient
) -> None:
    await made(dana)
    tokens = [await issued(dana) for _ in range(2)]
    for token in tokens:
        job.headers["authorization"] = f"Bearer {token}"
        assert (await job.get("/api/v1/me")).status_code == 200
    [account] = (await dana.delete(f"{SERVICES}/export")).json()["items"]
    assert account["revoked_at"]
    for token in tokens:
        job.headers["authorization"] = f"Bearer {token}"
        assert (await job.get("/api/v1/me")).status_code == 401
    again = await dana.post(SERVICES, json={"name": "export", "permissions": READS})
    assert again.status_code == 422
    assert (await dana.post(f"{SERVICES}/export/tokens", json={})).status_code == 404


async def test_a_token_of_no_account_is_nobodys(
    hub: People, dana: AsyncClient, job: AsyncClient
) -> None:
    tenant_id = UUID((await dana.get("/api/v1/me")).json()["tenant_id"])
    token = hub.identity.issuer.sign("ghost", tenant_id, set(READS), lifetime_s=60)
    job.headers["authorization"] = f"Bearer {token}"
    assert (await job.get("/api/v1/me")).status_code == 401


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"name": "Export", "permissions": READS}, 422),
        ({"name": "export", "permissions": []}, 422),
        ({"name": "export", "permissions": [Permission.MANAGE_MEMBERS]}, 403),
        ({"name": "export", "permissions": [Permission.OPERATE]}, 403),
        ({"name": "export", "permissions": READS, "days": 900}, 422),
    ],
)
async def test_an_account_is_no_more_than_a_service(
    dana: AsyncClient, told: dict[str, object], status: int
) -> None:
    assert (await dana.post(SERVICES, json=told)).status_code == status


async def test_a_token_is_no_more_than_its_account(dana: AsyncClient) -> None:
    await made(dana)
    wide = await dana.post(
        f"{SERVICES}/export/tokens", json={"permissions": [Permission.READ_DOCUMENTS]}
    )
    assert wide.status_code == 422
    headers = {"idempotency-key": "k" * 20}
    kept = await dana.post(f"{SERVICES}/export/tokens", json={}, headers=headers)
    assert kept.status_code == 422


async def test_an_account_expires_and_another_companys_is_not_found(
    app_pool: Pool, embedded_stores: Settings
) -> None:
    now = utc_now()
    async with open_redis(embedded_stores.redis) as redis:
        await redis.flushall()
        accounts = StoredServiceAccounts(app_pool, redis, lambda: now)
        await accounts.make(OWNER, "export", READS, 2)
        principal = Principal(TENANT, "service:export", frozenset(Permission), "token:1")
        narrowed = await accounts.narrow(principal)
        assert narrowed.permissions == set(READS)
        assert narrowed.credential == credential_of(TENANT, "export")
        with pytest.raises(NotFound):
            await accounts.revoke(uuid4(), "export")
        now += timedelta(days=3)
        with pytest.raises(Unauthenticated):
            await accounts.narrow(principal)


async def test_who_the_settings_name_operates_the_hub(
    database: PostgresSettings, embedded_stores: Settings
) -> None:
    async with people(database, embedded_stores, is_local=False) as hub, hub.browser() as dana:
        await hub.sign_up(dana, DANA)
        me = (await dana.get("/api/v1/me")).json()
        assert Permission.OPERATE not in me["permissions"]
        person = await hub.identity.persons.by_email(DANA)
    assert person
    named = f"{me['tenant_id']}/{person.person_id}"
    async with (
        people(database, embedded_stores, is_local=False, operators=named) as hub,
        hub.browser() as dana,
    ):
        await dana.post("/sign-in", data={"email": DANA, "password": PASSWORD})
        assert Permission.OPERATE in (await dana.get("/api/v1/me")).json()["permissions"]
