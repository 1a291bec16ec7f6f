"""The page for questions to a document, without script."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from httpx import AsyncClient

from cluster.stores.blob_store import memory_blob_store
from cluster.stores.postgres import Pool
from deployments.document_answers import Answered
from deployments.web.questions_view import asked_before, replied
from domain.pages import Box
from domain.quotes import Quote
from tests.app import Hub, client_of
from tests.app_matrix import D1
from tests.deployments.test_document_pages import upload
from tests.deployments.test_pages import Outline
from tests.documents import tenant_documents


@pytest.fixture
async def client(app_pool: Pool) -> AsyncIterator[AsyncClient]:
    hub = Hub(documents=tenant_documents(app_pool, memory_blob_store()))
    async with client_of(hub) as client:
        client.headers.update({"accept": "text/html"})
        yield client


async def test_a_page_asks_and_says_when_a_document_cannot_be_asked_yet(
    client: AsyncClient, tmp_path: Path
) -> None:
    path = f"/documents/{await upload(client, tmp_path)}/questions"
    page = (await client.get(path)).text
    assert Outline(page).headings.count("h1") == 1
    assert Outline(page).inline == []
    asked = (await client.get(path, params={"question": "<b>When</b> is it due?"})).text
    assert "It is not searchable yet." in asked
    assert "&lt;b&gt;When&lt;/b&gt; is it due?" in asked
    assert "<b>When" not in asked


async def test_another_companys_document_is_not_there(client: AsyncClient) -> None:
    assert (await client.get(f"/documents/{D1}/questions")).status_code == 404


async def test_a_question_that_is_too_long_is_refused(client: AsyncClient) -> None:
    answer = await client.get(f"/documents/{D1}/questions", params={"question": "x" * 501})
    assert answer.status_code == 422


def test_an_answer_leads_to_its_boxes() -> None:
    quote = Quote(7, "Quotes are due Friday.", (Box(72, 90, 210, 102), Box(72, 104, 99.5, 116)))
    [answer] = replied(D1, [Answered(quote, "SECTION L", 0.9)]).answers
    assert answer.href == (
        f"/documents/{D1}?page=7"
        "&box=72.0%2C90.0%2C210.0%2C102.0&box=72.0%2C104.0%2C99.5%2C116.0#page"
    )


def test_what_was_asked_before_is_kept_once_and_without_what_is_asked_now() -> None:
    earlier = asked_before("/q", "a?", ("b?", "a?", "c?"))
    assert [one.question for one in earlier] == ["b?", "c?"]
    assert earlier[0].href == "/q?question=b%3F&before=a%3F&before=c%3F"
    assert len(asked_before("/q", "a?", [str(number) for number in range(40)])) == 19
