"""Members, keys, sessions and the audit log, as programs and pages see them."""

import csv
import json
from collections.abc import AsyncIterator
from io import StringIO
from typing import Any

import pytest
from httpx import AsyncClient

from cluster.settings import PostgresSettings, Settings
from cluster.stores.audit import PostgresAudit
from cluster.stores.postgres import Pool
from domain.access import Permission
from tests.app import Hub
from tests.identity import PASSWORD, People, people

pytestmark = pytest.mark.stores
DANA, SAM = "dana@ortizmedical.example", "sam@nair.example"
COMPANY = "/api/v1/company"


@pytest.fixture
async def hub(
    database: PostgresSettings, embedded_stores: Settings, app_pool: Pool
) -> AsyncIterator[People]:
    held = Hub(audit=PostgresAudit(app_pool))
    async with people(database, embedded_stores, held, is_local=False) as found:
        yield found


@pytest.fixture
async def dana(hub: People) -> AsyncIterator[AsyncClient]:
    async with hub.browser() as client:
        await hub.sign_up(client, DANA)
        client.headers["accept"] = "application/json"
        yield client


async def items(client: AsyncClient, path: str, **query: Any) -> list[dict[str, Any]]:
    answer = await client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_members_are_invited_changed_and_removed(hub: People, dana: AsyncClient) -> None:
    told = {"email": SAM.upper(), "role": "viewer"}
    [invited] = (await dana.post(f"{COMPANY}/invitations", json=told)).json()["items"]
    assert (invited["email"], invited["role"]) == (SAM, "viewer")
    async with hub.browser() as sam:
        link = hub.post.link("invitation", SAM)
        await sam.post(f"{link}/new", data={"name": "Sam", "password": PASSWORD})
        assert (await sam.put(COMPANY, json={"name": "Mine"})).status_code == 403
        me = (await sam.get("/api/v1/me")).json()["user_id"]
        answer = await dana.patch(f"{COMPANY}/members/{me}", json={"role": "editor"})
        assert [one["role"] for one in answer.json()["items"]] == ["owner", "editor"]
        assert (await sam.put(COMPANY, json={"name": "Ortiz Medical"})).status_code == 200
        left = (await dana.delete(f"{COMPANY}/members/{me}")).json()["items"]
        assert [one["email"] for one in left] == [DANA]
        assert (await sam.get(COMPANY)).status_code == 403


async def test_an_invitation_is_withdrawn_once(dana: AsyncClient) -> None:
    [invited] = (
        await dana.post(f"{COMPANY}/invitations", json={"email": SAM, "role": "admin"})
    ).json()["items"]
    path = f"{COMPANY}/invitations/{invited['invitation_id']}"
    assert (await dana.delete(path)).json()["total"] == 0
    assert (await dana.delete(path)).status_code == 404
    wrong = await dana.post(f"{COMPANY}/invitations", json={"email": "sam", "role": "admin"})
    assert wrong.json()["errors"][0]["field"] == "body.email"


async def test_a_key_is_shown_once_and_revoked_at_once(hub: People, dana: AsyncClient) -> None:
    told = {"name": "Sync", "scopes": [Permission.READ_OPPORTUNITIES]}
    kept = await dana.post(f"{COMPANY}/keys", json=told, headers={"idempotency-key": "k" * 20})
    assert kept.status_code == 422
    made = (await dana.post(f"{COMPANY}/keys", json=told)).json()
    [listed] = await items(dana, f"{COMPANY}/keys")
    assert made["key"].startswith(f"mch_{listed['prefix']}_")
    assert made["key"].rpartition("_")[2] not in json.dumps(listed)
    async with hub.browser() as program:
        program.headers["authorization"] = f"Bearer {made['key']}"
        assert (await program.get("/api/v1/me")).status_code == 200
        answer = await dana.delete(f"{COMPANY}/keys/{made['prefix']}")
        assert answer.json()["items"][0]["revoked_at"]
        assert (await program.get("/api/v1/me")).status_code == 401


async def test_sessions_are_listed_and_ended_but_for_the_own(
    hub: People, dana: AsyncClient
) -> None:
    async with hub.browser("Chrome/1 Windows") as other:
        await other.post("/sign-in", data={"email": DANA, "password": PASSWORD})
        held = {one["is_this"]: one for one in await items(dana, "/api/v1/account/sessions")}
        assert held[False]["browser"] == "Chrome on Windows"
        assert (await other.get("/api/v1/me")).status_code == 200
        path = "/api/v1/account/sessions"
        assert (await dana.delete(f"{path}/{held[False]['session_id']}")).json()["total"] == 1
        assert (await other.get("/api/v1/me")).status_code == 401
        assert (await dana.delete(f"{path}/{held[True]['session_id']}")).status_code == 422


async def test_the_audit_log_is_narrowed_paged_and_exported(dana: AsyncClient) -> None:
    for name in ("=1+1", "Second"):
        told = {"name": name, "scopes": [Permission.READ_OPPORTUNITIES]}
        await dana.post(f"{COMPANY}/keys", json=told)
    [key, *_] = await items(dana, f"{COMPANY}/keys")
    await dana.delete(f"{COMPANY}/keys/{key['prefix']}")
    first = (await dana.get(f"{COMPANY}/audit", params={"limit": 2})).json()
    assert [one["sequence"] for one in first["items"]] == [4, 3]
    rest = await items(dana, f"{COMPANY}/audit", before=first["next_cursor"])
    assert [one["action"] for one in rest] == [f"POST {COMPANY}/keys", "sign in"]
    assert rest[0]["details"] == {"address": "127.0.0.1"}
    for narrowed in ({"about": key["prefix"]}, {"what": "delete"}):
        [one] = await items(dana, f"{COMPANY}/audit", **narrowed)
        assert one["subject"] == f"prefix={key['prefix']}"
    assert await items(dana, f"{COMPANY}/audit", until="2020-01-01") == []
    chain = (await dana.get(f"{COMPANY}/audit/chain")).json()
    assert (chain["entries"], chain["broken_at"]) == (4, None)
    assert chain["head"] == f"4:{first['items'][0]['hash']}"
    rows = list(csv.DictReader(StringIO((await dana.get("/company/audit/export")).text)))
    assert [row["sequence"] for row in rows] == ["4", "3", "2", "1"]
    lines = (await dana.get("/company/audit/export", params={"format": "jsonl"})).text
    assert json.loads(lines.splitlines()[0]) == first["items"][0]


async def test_the_page_says_that_the_chain_is_whole_and_who_did_what(dana: AsyncClient) -> None:
    page = (await dana.get("/company/audit", params={"what": "sign in"})).text
    assert "The chain is whole." in page
    assert (await dana.post("/company/audit/verify")).status_code == 303
    assert "Dana" in page
    assert 'value="sign in"' in page
    assert "No entry has all of that" in (await dana.get("/company/audit?who=nobody")).text
