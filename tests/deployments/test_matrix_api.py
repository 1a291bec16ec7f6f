"""The compliance matrix over HTTP."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from httpx import AsyncClient
from starlette.requests import HTTPConnection

from deployments.auth import LOCAL
from domain.access import Permission, Principal
from tests.app import Hub, client_of
from tests.app_matrix import D1, D2

HERE = f"/api/v1/documents/{D1}"
NOWHERE = f"/api/v1/documents/{UUID(int=9)}"


@pytest.fixture
async def hub() -> Hub:
    hub = Hub()
    await hub.matrix.begin()
    return hub


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[AsyncClient]:
    async with client_of(hub) as client:
        yield client


async def rows_of(client: AsyncClient, **query: str) -> list[dict[str, Any]]:
    answer = await client.get(f"{HERE}/matrix", params=query)
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = answer.json()["rows"]
    return rows


async def edit(client: AsyncClient, *keys: str, **changes: Any) -> Any:
    return await client.patch(f"{HERE}/matrix/rows", json={"rows": keys, **changes})


async def test_requirements_come_word_for_word_with_their_places(client: AsyncClient) -> None:
    answer = (await client.get(f"{HERE}/requirements")).json()
    assert (answer["total"], answer["next_cursor"]) == (5, None)
    first = answer["items"][0]
    assert first["quote"].startswith("The Contractor shall deliver ten bladder scanners")
    assert (first["section"], first["actor"], first["modality"]) == ("C", "contractor", "shall")
    [place] = first["places"]
    assert place["page"] == 1
    assert set(place["boxes"][0]) == {"left", "top", "right", "bottom"}


async def test_facts_are_answered_with_their_age(client: AsyncClient) -> None:
    answer = (await client.get(f"{HERE}/facts")).json()
    assert answer["extracted_at"].endswith("Z")
    assert (answer["facts"], answer["line_items"]) == ([], [])


async def test_a_bulk_edit_changes_what_it_names_and_nothing_else(client: AsyncClient) -> None:
    keys = [row["requirement"]["key"] for row in await rows_of(client)]
    answer = await edit(client, *keys[:2], status="partly", assignee="dana", answer="Volume 2.")
    assert answer.status_code == 200
    body = answer.json()
    assert [row["label"] for row in body["rows"]] == ["R-01", "R-02"]
    assert (body["counts"]["by_status"]) == {"partly": 2, "open": 3}
    rows = await rows_of(client)
    assert [(row["status"], row["assignee"], row["answer"]) for row in rows[:3]] == [
        ("partly", "dana", "Volume 2."),
        ("partly", "dana", "Volume 2."),
        ("open", None, None),
    ]
    await edit(client, keys[0], answer="", assignee=None)
    first, *_ = await rows_of(client)
    assert (first["status"], first["answer"], first["assignee"]) == ("partly", None, None)


async def test_filters_narrow_the_rows_and_not_the_counts(client: AsyncClient) -> None:
    keys = [row["requirement"]["key"] for row in await rows_of(client)]
    await edit(client, keys[0], status="answered", assignee="dana")
    assert len(await rows_of(client, status="work")) == 4
    assert len(await rows_of(client, assignee="dana")) == 1
    assert len(await rows_of(client, assignee="nobody")) == 4
    assert len(await rows_of(client, section="L")) == 2
    assert len(await rows_of(client, q="signed QUOTES")) == 1
    assert await rows_of(client, touched="any") == []
    answer = (await client.get(f"{HERE}/matrix", params={"section": "L"})).json()
    assert (answer["counts"]["total"], answer["counts"]["answered"]) == (5, 1)


async def test_what_another_changed_since_is_refused_and_not_overwritten(
    client: AsyncClient,
) -> None:
    [first, *_] = await rows_of(client)
    key = first["requirement"]["key"]
    await edit(client, key, status="answered")
    answer = await edit(client, key, status="partly", seen=first["version"])
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:mch:VersionConflict")
    assert (await rows_of(client))[0]["status"] == "answered"


@pytest.mark.parametrize(
    ("changes", "status"),
    [({}, 422), ({"status": "done"}, 422), ({"status": None}, 422), ({"colour": "red"}, 422)],
)
async def test_an_edit_that_makes_no_sense_is_refused(
    client: AsyncClient, changes: dict[str, Any], status: int
) -> None:
    [first, *_] = await rows_of(client)
    assert (await edit(client, first["requirement"]["key"], **changes)).status_code == status


async def test_unknown_rows_and_documents_are_not_found(client: AsyncClient) -> None:
    assert (await edit(client, "nope", status="open")).status_code == 404
    for path in ("requirements", "facts", "matrix", "matrix/history", "matrix/export"):
        assert (await client.get(f"{NOWHERE}/{path}")).status_code == 404, path


async def test_history_tells_who_did_what(client: AsyncClient) -> None:
    first, second, *_ = (row["requirement"]["key"] for row in await rows_of(client))
    await edit(client, first, second, note="Ask.")
    items = (await client.get(f"{HERE}/matrix/history", params={"row": first})).json()["items"]
    assert [(one["field"], one["new"], one["by_user"]) for one in items] == [
        ("note", "Ask.", LOCAL.user_id)
    ]


async def test_links_are_proposed_confirmed_and_rejected(hub: Hub, client: AsyncClient) -> None:
    rows = {
        row["requirement"]["section"]: row["requirement"]["key"] for row in await rows_of(client)
    }
    link = {"source": rows["L"], "target": rows["M"]}
    for verdict in ("confirmed", "rejected"):
        answer = await client.post(f"{HERE}/matrix/links", json={**link, "verdict": verdict})
        [told] = answer.json()["links"]
        assert (told["state"], told["decided_by"]) == (verdict, LOCAL.user_id)
    assert (
        await client.post(f"{HERE}/matrix/links", json={**link, "verdict": "maybe"})
    ).status_code == 422


async def test_versions_are_compared_by_requirement(client: AsyncClient) -> None:
    params = {"against": str(D1)}
    answer = (await client.get(f"/api/v1/documents/{D2}/diff", params=params)).json()
    assert [len(answer[name]) for name in ("added", "removed", "changed", "moved")] == [1, 1, 1, 0]
    assert answer["same"] == 3
    [change] = answer["changed"]
    words = [(piece["what"], piece["text"]) for piece in change["words"]]
    assert ("removed", "30") in words
    assert ("added", "45") in words
    assert [row["label"] for row in answer["touched"]] == ["R-01", "R-02"]


async def test_an_amendment_carries_the_matrix_on(client: AsyncClient) -> None:
    first = (await rows_of(client))[0]["requirement"]["key"]
    await edit(client, first, assignee="sam", status="answered")
    answer = await client.post(f"{HERE}/matrix/amendment", json={"document_id": str(D2)})
    body = answer.json()
    assert body["document_id"] == str(D2)
    assert body["counts"]["touched"] == 3
    touched = {row["touched"]: row for row in body["rows"] if row["touched"]}
    assert set(touched) == {"changed", "added", "removed"}
    assert (touched["changed"]["assignee"], touched["changed"]["status"]) == ("sam", "answered")
    key = touched["changed"]["requirement"]["key"]
    looked = await edit(client, key, touched=None)
    assert looked.json()["rows"][0]["touched"] is None


async def test_an_export_is_a_file_with_the_rows_that_the_filters_leave(
    client: AsyncClient,
) -> None:
    params = {"format": "csv", "section": "L"}
    answer = await client.get(f"{HERE}/matrix/export", params=params)
    assert answer.headers["content-type"].startswith("text/csv")
    assert 'filename="Solicitation_36C2_draft_-matrix.csv"' in answer.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["Row", "R-03", "R-04"]


@pytest.mark.parametrize(("name", "begins"), [("xlsx", b"PK"), ("docx", b"PK"), ("pdf", b"%PDF-")])
async def test_every_format_is_answered(client: AsyncClient, name: str, begins: bytes) -> None:
    answer = await client.get(f"{HERE}/matrix/export", params={"format": name})
    assert answer.status_code == 200
    assert answer.content.startswith(begins)


async def test_who_may_only_read_cannot_edit(hub: Hub) -> None:
    async def reader(connection: HTTPConnection) -> Principal:
        allowed = frozenset({Permission.READ_DOCUMENTS})
        return Principal(LOCAL.tenant_id, "reader", allowed)

    async with client_of(hub, reader) as client:
        key = (await rows_of(client))[0]["requirement"]["key"]
        assert (await edit(client, key, status="open")).status_code == 403


async def test_another_tenant_finds_nothing(hub: Hub) -> None:
    async def stranger(connection: HTTPConnection) -> Principal:
        return Principal(UUID(int=2), "stranger", frozenset(Permission))

    async with client_of(hub, stranger) as client:
        for path in ("requirements", "facts", "matrix", "matrix/history", "matrix/export"):
            assert (await client.get(f"{HERE}/{path}")).status_code == 404, path
        assert (await edit(client, "x", status="open")).status_code == 404
