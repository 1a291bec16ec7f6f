"""Service accounts on a page: made, a token shown once, revoked with all its tokens."""

import re
from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from cluster.settings import PostgresSettings, Settings
from domain.access import Permission
from tests.colleagues import dana, sam
from tests.identity import People, people

__all__ = ["dana", "sam"]

pytestmark = pytest.mark.stores
PAGE = "/company/services"
READS = [Permission.READ_OPPORTUNITIES, Permission.READ_COMPANY]
NEW = {"name": "nightly-export", "days": "9", "permissions": READS}


@pytest.fixture
async def hub(database: PostgresSettings, embedded_stores: Settings) -> AsyncIterator[People]:
    async with people(database, embedded_stores, is_local=False) as found:
        yield found


async def _status(hub: People, token: str) -> int:
    async with hub.browser() as job:
        job.headers["authorization"] = f"Bearer {token}"
        return (await job.get("/api/v1/me", headers={"accept": "application/json"})).status_code


async def test_an_account_is_made_its_token_shown_once_and_revoked(
    hub: People, dana: AsyncClient
) -> None:
    assert "No service account yet" in (await dana.get(PAGE)).text
    assert (await dana.post(PAGE, data=NEW)).status_code == 303
    shown = (await dana.post(f"{PAGE}/nightly-export/tokens", data={"hours": "8"})).text
    found = re.search(r'<code id="token">([^<]+)</code>', shown)
    assert found
    assert await _status(hub, found[1]) == 200
    assert found[1] not in (await dana.get(PAGE)).text
    assert (await dana.post(f"{PAGE}/nightly-export/revoke")).status_code == 303
    assert await _status(hub, found[1]) == 401
    after = (await dana.get(PAGE)).text
    assert "revoked" in after
    assert "nightly-export/tokens" not in after


@pytest.mark.parametrize(
    "wrong", [{"name": "Nightly Export"}, {"permissions": []}, {"days": "900"}, {"name": ""}]
)
async def test_what_is_wrong_is_told_beside_what_was_typed(
    dana: AsyncClient, wrong: dict[str, object]
) -> None:
    answer = await dana.post(PAGE, data=NEW | wrong)
    assert answer.status_code == 422
    assert "No service account yet" in answer.text


async def test_a_token_holds_for_a_day_at_most(dana: AsyncClient) -> None:
    await dana.post(PAGE, data=NEW)
    answer = await dana.post(f"{PAGE}/nightly-export/tokens", data={"hours": "25"})
    assert answer.status_code == 422
    assert "1 to 24 hours" in answer.text


async def test_only_those_who_manage_keys_see_it(dana: AsyncClient, sam: AsyncClient) -> None:
    assert (await sam.get(PAGE)).status_code == 403
    assert (await sam.post(PAGE, data=NEW)).status_code == 403
    assert "/company/services" not in (await sam.get("/company")).text
    assert "/company/services" in (await dana.get("/company")).text
