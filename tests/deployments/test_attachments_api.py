"""Files of notices asked for over HTTP: real Postgres; the post that fetches is not there."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from cluster.stores.attachments import FETCH, PostgresAttachments
from cluster.stores.postgres import Pool, fetch_rows
from deployments.auth import LOCAL
from tests.app import Hub, client_of

FILE = "https://sam.gov/api/prod/opps/v3/opportunities/resources/files/{}/download"
ONE, TWO = FILE.format("a1"), FILE.format("b2")
NOTICE = "/api/v1/opportunities/n2/documents"
LINKS = "/api/v1/documents/links"


@pytest.fixture
def attachments(app_pool: Pool) -> PostgresAttachments:
    return PostgresAttachments(app_pool)


@pytest.fixture
async def client(attachments: PostgresAttachments) -> AsyncIterator[AsyncClient]:
    hub = Hub(attachments=attachments, links={"n2": (ONE, TWO), "n3": ()})
    async with client_of(hub) as client:
        yield client


async def test_the_files_of_a_notice_are_asked_for_once(
    client: AsyncClient, relay_pool: Pool
) -> None:
    before = (await client.get(NOTICE)).json()
    assert [(item["url"], item["state"]) for item in before["items"]] == [
        *((ONE, "new"), (TWO, "new")),
    ]
    for _ in range(2):
        answer = await client.post(NOTICE)
        assert (answer.status_code, answer.headers["location"]) == (202, NOTICE)
    after = (await client.get(NOTICE)).json()
    assert {item["state"] for item in after["items"]} == {"waiting"}
    assert len(await fetch_rows(relay_pool, "select from work where kind = $1", FETCH)) == 2


@pytest.mark.parametrize(
    ("link", "urls"),
    [
        ("https://sam.gov/opp/n2/view", {ONE, TWO}),
        ("https://sam.gov/workspace/contract/opp/n2/view", {ONE, TWO}),
        (f"{TWO}?api_key=null&token=", {TWO}),
    ],
)
async def test_a_pasted_link_brings_what_it_shows(
    client: AsyncClient, attachments: PostgresAttachments, link: str, urls: set[str]
) -> None:
    answer = await client.post(LINKS, json={"url": link})
    assert (answer.status_code, answer.headers["location"]) == (202, NOTICE)
    rows = await attachments.of_notice(LOCAL.tenant_id, "n2")
    assert {row.url for row in rows} == urls
    assert {row.url for row in rows if row.state == "waiting"} == urls


@pytest.mark.parametrize(
    ("link", "status", "words"),
    [
        ("http://169.254.169.254/latest", 422, "it is not one of https://sam.gov"),
        ("https://sam.gov/search", 422, "it shows no notice"),
        (FILE.format("nobodys"), 404, "nobodys"),
        ("https://sam.gov/opp/n3/view", 422, "no attachments"),
    ],
)
async def test_any_other_link_is_refused_with_the_reason(
    client: AsyncClient, relay_pool: Pool, link: str, status: int, words: str
) -> None:
    answer = await client.post(LINKS, json={"url": link})
    assert answer.status_code == status
    assert words in answer.json()["detail"]
    assert await fetch_rows(relay_pool, "select from work") == []


async def test_the_page_offers_it_and_tells_what_became_of_each(
    client: AsyncClient, attachments: PostgresAttachments, app_pool: Pool
) -> None:
    client.headers["accept"] = "text/html"
    page = (await client.get("/opportunities/n2")).text
    assert 'action="/opportunities/n2/documents"' in page
    asked = await client.post("/opportunities/n2/documents")
    assert (asked.status_code, asked.headers["location"]) == (303, "/opportunities/n2")
    assert (await client.get("/opportunities/n2")).text.count("Being fetched") == 2
    pasted = await client.post("/documents/links", data={"url": "https://sam.gov/opp/n2/view"})
    assert pasted.headers["location"] == "/opportunities/n2"
    assert "/documents/n3" not in (await client.get("/opportunities/n3")).text


async def test_the_link_of_a_notice_that_is_not_here_yet_waits_for_it(
    client: AsyncClient, relay_pool: Pool
) -> None:
    link = "https://sam.gov/opp/tomorrows/view"
    answer = await client.post(LINKS, json={"url": link})
    assert answer.status_code == 202
    [item] = answer.json()["items"]
    assert (item["url"], item["state"], item["reason"]) == (link, "waiting", "not_here_yet")
    assert "not taken over from SAM.gov yet" in item["detail"]
    again = await client.get(answer.headers["location"])
    assert again.json()["items"] == [item]
    assert await fetch_rows(relay_pool, "select from work where kind = $1", FETCH) == []
    moved = await client.post("/documents/links", data={"url": link})
    assert moved.headers["location"] == "/documents?awaits=tomorrows"
    unknown = await client.get("/api/v1/opportunities/nobodys/documents")
    assert unknown.status_code == 404
