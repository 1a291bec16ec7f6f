"""The company as programs see it, through an API key with just that scope."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from httpx import AsyncClient

from cluster.settings import PostgresSettings, Settings
from cluster.stores.postgres import Pool, as_tenant
from domain.access import Permission
from tests.identity import People, people

pytestmark = pytest.mark.stores
DANA = "dana@ortizmedical.example"
TRACES = """
select event_type, metadata ->> 'traceparent' as trace from event
where tenant_id = $1 and aggregate_type = 'Company' order by version
"""
PROFILE = {"name": "Ortiz Medical", "naics": ["339112"], "employees": 12}


@pytest.fixture
async def hub(database: PostgresSettings, embedded_stores: Settings) -> AsyncIterator[People]:
    async with people(database, embedded_stores, is_local=False) as found:
        yield found


@pytest.fixture
async def program(hub: People) -> AsyncIterator[AsyncClient]:
    """With a key that may read opportunities, and read and change the profile."""
    async with hub.browser() as dana, hub.browser() as program:
        await hub.sign_up(dana, DANA)
        scopes = [
            *(Permission.READ_COMPANY, Permission.EDIT_PROFILE, Permission.READ_OPPORTUNITIES)
        ]
        told = {"name": "Sync", "scopes": scopes}
        page = (await dana.post("/company/keys", data=told)).text
        key = page.partition('id="made">')[2].partition("</code>")[0]
        del program.headers["origin"]
        told_headers = {"authorization": f"Bearer {key}", "accept": "application/json"}
        program.headers.update(told_headers)
        yield program


async def test_a_key_tells_what_it_is(program: AsyncClient) -> None:
    told = (await program.get("/api/v1/me")).json()
    assert told["credential"] == told["user_id"]
    assert told["credential"].startswith("key:")
    assert len(told["permissions"]) == 3


async def test_the_profile_is_read_and_replaced_whole(program: AsyncClient) -> None:
    first = (await program.get("/api/v1/company")).json()
    assert (first["version"], first["profile"]["name"]) == (1, "Ortiz Medical")
    for _ in range(2):  # The same again changes nothing.
        answer = await program.put("/api/v1/company", json=PROFILE)
        assert (answer.status_code, answer.json()["version"]) == (200, 2)
    assert answer.json()["profile"]["naics"] == ["339112"]
    wrong = await program.put("/api/v1/company", json={**PROFILE, "uei": "SHORT"})
    assert wrong.json()["errors"][0]["field"] == "body.uei"


async def test_members_and_codes_are_listed(program: AsyncClient) -> None:
    members = (await program.get("/api/v1/company/members")).json()
    assert [(one["email"], one["role"]) for one in members["items"]] == [(DANA, "owner")]
    asked = {"kind": "naics", "q": "dental laboratories"}
    codes = (await program.get("/api/v1/codes", params=asked)).json()
    assert codes["items"][0] == {"code": "339116", "name": "Dental Laboratories"}


async def test_what_a_request_brings_about_carries_its_trace(
    app_pool: Pool, program: AsyncClient
) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
    tenant_id = UUID((await program.get("/api/v1/me")).json()["tenant_id"])
    assert (await program.put("/api/v1/company", json=PROFILE, headers=headers)).is_success
    async with as_tenant(app_pool, tenant_id) as connection:
        first, last = await connection.fetch(TRACES, tenant_id)
    assert (last["event_type"], last["trace"].split("-")[1]) == ("CompanyProfileChanged", trace_id)
    assert first["trace"].split("-")[1] != trace_id
