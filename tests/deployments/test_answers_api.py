"""Documents searched and asked over HTTP."""

from collections.abc import AsyncIterator

import pytest
from httpx import AsyncClient

from domain.extraction import extract_document
from tests.app import Hub, client_of
from tests.app_matrix import D1, D2
from tests.solicitations import FIRST, page_of

DUE = (
    "SECTION L - INSTRUCTIONS TO OFFERORS",
    "Quotes are due no later than February 12, 2026 at 1:00 PM EST.",
    "Questions are due by February 3, 2026 at 9:00 AM EST.",
)


@pytest.fixture
async def hub() -> Hub:
    hub = Hub()
    await hub.matrix.embed()
    return hub


@pytest.fixture
async def client(hub: Hub) -> AsyncIterator[AsyncClient]:
    async with client_of(hub) as client:
        yield client


@pytest.mark.parametrize(
    ("question", "name", "value", "words"),
    [
        ("When are quotes due?", "response_deadline", "2026-02-12 13:00 EST", DUE[1]),
        ("Until when may we ask questions?", "questions_due", "2026-02-03 09:00 EST", DUE[2]),
    ],
)
async def test_a_key_fact_that_is_asked_for_comes_first_with_its_words(
    hub: Hub, client: AsyncClient, question: str, name: str, value: str, words: str
) -> None:
    hub.matrix.requirements.drawn[D1] = extract_document([page_of((*FIRST, *DUE))])
    path = f"/api/v1/documents/{D1}/question"
    answer = (await client.post(path, json={"question": question})).json()["answers"][0]
    assert (answer["fact"]["name"], answer["fact"]["value"]) == (name, value)
    assert answer["quote"]["text"] in words
    assert answer["quote"]["boxes"]


async def test_a_fact_that_the_document_does_not_state_is_not_in_the_document(
    client: AsyncClient,
) -> None:
    path = f"/api/v1/documents/{D1}/question"
    body = (await client.post(path, json={"question": "Which NAICS code?"})).json()
    assert body == {"said": "not in the document", "answers": []}


async def test_an_answer_is_a_quote_with_its_place(client: AsyncClient) -> None:
    path = f"/api/v1/documents/{D1}/question"
    body = (await client.post(path, json={"question": "Who shall train the nurses?"})).json()
    assert body["said"] == "in the document"
    quote = body["answers"][0]["quote"]
    assert (quote["page"], quote["text"]) == (1, FIRST[2])
    assert quote["boxes"]


async def test_what_is_not_there_is_said_to_be_not_there(client: AsyncClient) -> None:
    path = f"/api/v1/documents/{D1}/question"
    body = (await client.post(path, json={"question": "Is a parking permit needed?"})).json()
    assert body == {"said": "not in the document", "answers": []}


async def test_a_document_that_waits_to_be_searchable_says_so(client: AsyncClient) -> None:
    path = f"/api/v1/documents/{D2}/question"
    answer = await client.post(path, json={"question": "Who shall train the nurses?"})
    assert answer.status_code == 503


async def test_passages_come_with_their_spans_and_places(client: AsyncClient) -> None:
    answer = await client.get("/api/v1/passages", params={"q": "quotes signed", "limit": 1})
    [item] = answer.json()["items"]
    assert item["document_id"] == str(D1)
    assert item["heading"] == "SECTION L - INSTRUCTIONS TO OFFERORS"
    assert item["end"] - item["start"] == len(item["text"])
    assert item["places"][0]["page"] == 1


@pytest.mark.parametrize("params", [{}, {"q": "x"}, {"q": "quotes", "limit": "900"}])
async def test_a_search_that_makes_no_sense_is_refused(
    client: AsyncClient, params: dict[str, str]
) -> None:
    assert (await client.get("/api/v1/passages", params=params)).status_code == 422
