"""The matrix page and its forms, without script."""

import re
from collections.abc import AsyncIterator
from urllib.parse import urlencode

import pytest
from httpx import AsyncClient, Response

from deployments.auth import LOCAL
from tests.app import Hub, client_of
from tests.app_matrix import D1, D2
from tests.deployments.test_pages import Outline
from tests.documents import cause

PAGE = f"/documents/{D1}/matrix"


@pytest.fixture
async def hub() -> Hub:
    hub = Hub()
    await hub.matrix.begin()
    return hub


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[AsyncClient]:
    async with client_of(hub) as client:
        client.headers.update({"accept": "text/html", "sec-fetch-site": "same-origin"})
        yield client


async def send(client: AsyncClient, path: str, **fields: str | list[str]) -> Response:
    headers = {"content-type": "application/x-www-form-urlencoded"}
    return await client.post(path, content=urlencode(fields, doseq=True), headers=headers)


async def keys_of(client: AsyncClient) -> list[str]:
    return re.findall(r'id="r-(\w+)"', (await client.get(PAGE)).text)


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}/history", f"/documents/{D2}/matrix"])
async def test_a_page_has_one_title_and_nothing_inline(client: AsyncClient, path: str) -> None:
    answer = await client.get(path)
    outline = Outline(answer.text)
    assert outline.headings.count("h1") == 1
    assert outline.inline == []


async def test_rows_stand_by_section_with_quotes_that_open_at_their_place(
    client: AsyncClient,
) -> None:
    page = (await client.get(PAGE)).text
    assert "Section C, specification and statement of work" in page
    assert "Section M, evaluation" in page
    assert re.search(
        rf'href="/documents/{D1}\?page=1&amp;row=\w+&amp;box=72\.0,130\.0,[\d.]+,140\.0#page"', page
    )
    assert "Solicitation 36C2 &lt;draft&gt;.pdf" in page
    assert "0 of 5" in page


async def test_one_row_is_edited_and_one_comes_back_to_it(client: AsyncClient) -> None:
    first, *_ = await keys_of(client)
    fields = {"status": "answered", "assignee": "dana", "answer": "Vol. <2>", "note": ""}
    answer = await send(client, PAGE, row=first, back="?section=C&evil=1", **fields)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{PAGE}?section=C#r-{first}"
    page = (await client.get(answer.headers["location"])).text
    assert "Vol. &lt;2&gt;" in page
    assert "1 of 5" in page
    assert "2 shown" in page


async def test_who_edits_beside_the_pages_comes_back_there(client: AsyncClient) -> None:
    first, *_ = await keys_of(client)
    back = "?page=2&status=work&find=gloves&evil=1"
    answer = await send(client, PAGE, row=first, status="partly", back=back)
    path, _, anchor = answer.headers["location"].partition("#")
    kept = f"page=2&status=work&find=gloves&row={first}&tab=matrix"
    assert (path, anchor) == (f"/documents/{D1}?{kept}", f"r-{first}")


async def test_selected_rows_change_together_and_what_is_blank_stays(client: AsyncClient) -> None:
    first, second, *_ = await keys_of(client)
    await send(client, PAGE, row=first, status="partly", assignee="sam", answer="x", note="")
    await send(client, PAGE, row=[first, second], many="yes", status="", assignee="dana")
    page = (await client.get(f"{PAGE}?assignee=dana")).text
    assert page.count('class="req"') == 2
    assert ">Partly</span>" in page
    await send(client, PAGE, row=[first], many="yes", status="", assignee="nobody")
    assert (await client.get(f"{PAGE}?assignee=dana")).text.count('class="req"') == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"many": "yes", "status": "partly"},
        {"row": "x", "status": "done"},
        {"row": "x", "seen": "a"},
    ],
)
async def test_a_form_that_makes_no_sense_says_what_is_wrong(
    client: AsyncClient, fields: dict[str, str]
) -> None:
    answer = await send(client, PAGE, **fields)
    assert answer.status_code == 422


async def test_what_another_changed_since_is_not_overwritten(client: AsyncClient) -> None:
    first, *_ = await keys_of(client)
    await send(client, PAGE, row=first, status="partly", seen="1")
    answer = await send(client, PAGE, row=first, status="answered", seen="1")
    assert answer.status_code == 409


async def test_links_are_confirmed_and_taken_away(hub: Hub, client: AsyncClient) -> None:
    await hub.matrix.propose(await hub.matrix.started())
    page = (await client.get(PAGE)).text
    assert "May go with" in page
    found = [re.search(rf'name="{name}" value="(\w+)"', page) for name in ("source", "target")]
    pair = dict(zip(("source", "target"), (one[1] for one in found if one), strict=True))
    await send(client, f"{PAGE}/links", **pair, verdict="confirmed")
    assert "Goes with" in (await client.get(PAGE)).text
    await send(client, f"{PAGE}/links", **pair, verdict="rejected")
    assert "Goes with" not in (await client.get(PAGE)).text


async def test_an_amendment_is_marked_until_someone_has_looked(
    hub: Hub, client: AsyncClient
) -> None:
    head = await hub.matrix.matrices.find(LOCAL.tenant_id, D1)
    await hub.matrix.keeping.amend(LOCAL.tenant_id, head, D2, cause())
    page = (await client.get(f"{PAGE}?touched=any")).text
    assert page.count("I have looked") == 3
    changed = re.search(r'data-row="(\w+)"', page)
    assert changed
    await send(client, PAGE, row=changed[1], looked="yes")
    page = (await client.get(f"{PAGE}?touched=any")).text
    assert page.count("I have looked") == 2


async def test_history_names_who_changed_what(client: AsyncClient) -> None:
    first, *_ = await keys_of(client)
    assert "Nobody has changed anything yet" in (await client.get(f"{PAGE}/history")).text
    await send(client, PAGE, row=first, status="partly", assignee="", answer="", note="")
    page = (await client.get(f"{PAGE}/history?row={first}")).text
    assert LOCAL.user_id in page
    assert "R-01" in page


async def test_filters_that_leave_nothing_say_so(client: AsyncClient) -> None:
    page = (await client.get(f"{PAGE}?q=zeppelin")).text
    assert "No row has all of that" in page


async def test_exports_keep_the_filters(client: AsyncClient) -> None:
    page = (await client.get(f"{PAGE}?section=L")).text
    assert f'href="/api/v1/documents/{D1}/matrix/export?section=L&amp;format=xlsx"' in page
