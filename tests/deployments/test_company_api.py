"""The company as programs see it, through an API key with just that scope."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from cluster.settings import PostgresSettings, Settings
from domain.access import Permission
from tests.identity import People, people

pytestmark = pytest.mark.stores
DANA = "dana@ortizmedical.example"
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
