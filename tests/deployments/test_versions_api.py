"""New versions of documents over HTTP: what one was taken for, why, and that it is none."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from deployments.auth import LOCAL
from domain.document_versions import VersionGuess
from tests.app import Hub, client_of
from tests.app_matrix import D1, D2
from tests.documents import cause

NEWER = f"/api/v1/documents/{D2}"


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    hub = Hub()
    await hub.matrix.begin()
    hub.matrix.versions.guesses[D2] = [VersionGuess(D1, "notice")]
    await hub.matrix.keeping.keep(LOCAL.tenant_id, D2, cause())
    async with client_of(hub) as client:
        yield client


async def test_a_guess_is_told_with_its_reason_and_taken_back(client: AsyncClient) -> None:
    told = (await client.get(f"{NEWER}/predecessor")).json()
    assert (told["predecessor_id"], told["why"], told["undone_at"]) == (str(D1), "notice", None)
    before = (await client.get(f"{NEWER}/matrix")).json()
    undone = await client.delete(f"{NEWER}/predecessor")
    assert undone.status_code == 200, undone.text
    assert undone.json()["undone_by"] == LOCAL.user_id
    after = (await client.get(f"/api/v1/documents/{D1}/matrix")).json()
    assert (before["matrix_id"], before["document_id"]) == (str(D1), str(D2))
    assert (after["matrix_id"], after["document_id"]) == (str(D1), str(D1))
    assert (await client.get(f"/api/v1/documents/{D1}/predecessor")).status_code == 404


async def test_the_page_says_so_until_somebody_says_no(client: AsyncClient) -> None:
    client.headers["accept"] = "text/html"
    path = f"/documents/{D2}/matrix"
    page = (await client.get(path)).text
    assert "Taken for a new version of" in page
    answer = await client.post(f"{path}/versions/undo")
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    after = await client.get(f"/documents/{D1}/matrix")
    assert after.status_code == 200
    assert "Taken for a new version of" not in after.text
