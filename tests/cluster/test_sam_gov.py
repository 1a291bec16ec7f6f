"""Our client against the sandbox, which behaves as SAM.gov does."""

import logging
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import httpx
import pytest

from cluster.clients.sam_gov import SAM_GOV, Page, SamGov, base_url, windows
from cluster.clients.sam_gov_answers import failure
from cluster.clients.sam_gov_attempts import PATIENCE
from cluster.servers.sam_gov_sandbox.moods import Failure, Mood
from cluster.settings import SamGovSettings
from cluster.stores.api_quota import MemoryApiQuota
from domain.errors import Forbidden, Invalid, QuotaExceeded, Unavailable
from tests.sandboxes import KEY, NOW, Seen, client_of, row, shelf_of

MARCH = (date(2026, 3, 1), date(2026, 3, 31))
FIVE = shelf_of(*(row(f"n{number}") for number in range(5)))


async def found(client: SamGov, *, limit: int = 1000, **filters: str) -> list[Page]:
    return [page async for page in client.search(*MARCH, limit=limit, **filters)]


def ids(pages: list[Page]) -> list[str]:
    return [record["noticeId"] for page in pages for record in page.records]


@pytest.mark.parametrize("counts_rows", [False, True], ids=["offset is a page", "offset is a row"])
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 1000])
@pytest.mark.parametrize("count", [0, 1, 5, 13])
async def test_every_row_is_found_once_whatever_offset_means(
    counts_rows: bool, limit: int, count: int
) -> None:
    shelf = shelf_of(*(row(f"n{number}") for number in range(count)))
    async with client_of(shelf, Mood(counts_rows=counts_rows)) as client:
        pages = await found(client, limit=limit)
    assert sorted(ids(pages)) == sorted(shelf.held)
    assert all(page.complete for page in pages)


async def test_a_server_that_repeats_its_first_page_is_not_asked_for_ever() -> None:
    asked = 0

    def repeat(request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        rows = [{"noticeId": f"n{number}"} for number in range(3)]
        return httpx.Response(200, json={"totalRecords": 99, "opportunitiesData": rows})

    async with httpx.AsyncClient(
        transport=httpx.MockTransport(repeat), base_url="http://x"
    ) as http:
        pages = await found(SamGov(http, SamGovSettings(), MemoryApiQuota(99)), limit=3)
    assert ids(pages) == ["n0", "n1", "n2"]
    assert not pages[-1].complete
    assert asked <= 3


async def test_no_data_is_no_rows() -> None:
    async with client_of(shelf_of()) as client:
        assert ids(await found(client)) == []


@pytest.mark.parametrize("told", ["500", "503", "html", "garbage"])
async def test_an_outage_is_never_read_as_no_data(told: Failure) -> None:
    mood = Mood(fail_next=99, fail_with=told)
    async with client_of(FIVE, mood) as client:
        with pytest.raises(Unavailable, match="sam_gov is unavailable"):
            await found(client)


async def test_what_passes_is_tried_again_after_growing_pauses() -> None:
    seen = Seen()
    async with client_of(FIVE, Mood(fail_next=3), seen=seen) as client:
        assert len(ids(await found(client))) == 5
    assert len(seen.requests) == 4
    first, second, third = seen.pauses
    assert 0.5 <= first <= 1 <= second <= 2 <= third <= 4


@pytest.mark.parametrize("told", ["401", "403"])
async def test_a_refused_key_is_the_keys_fault(told: Failure) -> None:
    async with client_of(FIVE, Mood(fail_next=1, fail_with=told)) as client:
        with pytest.raises(Forbidden, match="the API key may not ask SAM"):
            await found(client)


async def test_a_wrong_key_is_told_and_the_key_is_not(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with client_of(FIVE, Mood(valid_key="another")) as client:
        with pytest.raises(Forbidden, match="An invalid api_key was supplied") as raised:
            await found(client)
    assert KEY not in repr(raised.value)


async def test_quota_is_obeyed_as_the_answer_says_and_not_asked_again() -> None:
    quota, seen = MemoryApiQuota(1_000, lambda: datetime.now(UTC)), Seen()
    async with client_of(
        FIVE, Mood(quota_left=0, retry_after_s=3_600), quota=quota, seen=seen
    ) as client:
        for _ in range(3):
            with pytest.raises(QuotaExceeded) as raised:
                await found(client)
    assert len(seen.requests) == 1
    wait = raised.value.retry_at - datetime.now(UTC)
    assert timedelta(minutes=59) < wait < timedelta(minutes=61)


async def test_our_own_budget_ends_before_the_call() -> None:
    quota, seen = MemoryApiQuota(2, lambda: NOW), Seen()
    async with client_of(FIVE, quota=quota, seen=seen) as client:
        await found(client)
        await found(client)
        with pytest.raises(QuotaExceeded, match="2026-04-02 00:00:00"):
            await found(client)
    assert len(seen.requests) == 2


@pytest.mark.parametrize(
    ("headers", "body", "at"),
    [
        ({"Retry-After": "Sat, 12 Sep 2026 20:00:00 GMT"}, {}, "2026-09-12T20:00:00+00:00"),
        ({}, {"nextAccessTime": "2026-Sep-12 20:00:00+0000 UTC"}, "2026-09-12T20:00:00+00:00"),
        (
            {"Retry-After": "Sat, 12 Sep 2026 20:00:00 GMT"},
            {"description": "You can access API after 2026-Sep-13 00:00:00+0000 UTC"},
            "2026-09-13T00:00:00+00:00",
        ),
    ],
)
def test_each_way_of_telling_when_to_come_back(
    headers: dict[str, str], body: dict[str, str], at: str
) -> None:
    error = failure(httpx.Response(429, json={"code": "900804", **body}, headers=headers))
    assert isinstance(error, QuotaExceeded)
    assert error.retry_at == datetime.fromisoformat(at)


async def test_an_undocumented_parameter_is_refused_before_it_is_ignored() -> None:
    seen = Seen()
    async with client_of(FIVE, seen=seen) as client:
        with pytest.raises(Invalid, match="'keyword' is not valid"):
            await found(client, keyword="gloves")
        with pytest.raises(Invalid, match="all six digits"):
            await found(client, ncode="3391")
    assert not seen.requests


async def test_a_filter_that_the_server_ignores_is_noticed() -> None:
    async with client_of(FIVE, Mood(fail_next=9, fail_with="ignores")) as client:
        with pytest.raises(Unavailable, match="ignored the filter ncode=236220"):
            await found(client, ncode="236220")


async def test_a_filter_that_finds_nothing_is_no_data() -> None:
    async with client_of(FIVE) as client:
        assert ids(await found(client, ncode="236220")) == []
        assert len(ids(await found(client, ncode="339113", ptype="o", ccode="6515"))) == 5


async def test_rows_from_another_time_betray_an_ignored_window() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        rows = [{"noticeId": "n1", "postedDate": "2019-01-01"}]
        return httpx.Response(200, json={"totalRecords": 1, "opportunitiesData": rows})

    async with httpx.AsyncClient(
        transport=httpx.MockTransport(answer), base_url="http://x"
    ) as http:
        with pytest.raises(Unavailable, match="postedFrom"):
            await found(SamGov(http, SamGovSettings(), MemoryApiQuota(9)))


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(200, json={"message": "hello"}),
        httpx.Response(200, json=[]),
        httpx.Response(404, json={"status": 404, "error": "Not Found", "path": "/v2/search"}),
        httpx.Response(404, text="<html>No such page</html>"),
        httpx.Response(302, headers={"Location": "http://elsewhere"}),
    ],
    ids=["another object", "a list", "another server's 404", "a page", "a redirect"],
)
async def test_what_is_not_the_api_is_an_outage(answer: httpx.Response) -> None:
    transport = httpx.MockTransport(lambda request: answer)
    async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
        with pytest.raises(Unavailable):
            await found(SamGov(http, SamGovSettings(), MemoryApiQuota(9)))


async def test_who_fails_again_and_again_is_left_alone_and_costs_no_quota() -> None:
    async def at_once(seconds: float) -> None: ...

    asked: list[httpx.Request] = []

    def fail(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return httpx.Response(500)

    quota = MemoryApiQuota(99)
    async with httpx.AsyncClient(transport=httpx.MockTransport(fail), base_url="http://x") as http:
        client = SamGov(http, SamGovSettings(), quota, at_once)
        for _ in range(PATIENCE.failures):
            with pytest.raises(Unavailable, match="HTTP 500"):
                await found(client)
        left, times = await quota.left(), len(asked)
        with pytest.raises(Unavailable, match="not asked"):
            await found(client)
    assert (await quota.left(), len(asked)) == (left, times)


async def test_descriptions_are_text_and_may_be_missing() -> None:
    shelf = shelf_of(row("n1", Description="<p>Gloves</p>"), row("n2", Description=""))
    async with client_of(shelf) as client:
        assert await client.description("n1") == "Gloves"
        assert await client.description("n2") is None
        assert await client.description("n9") is None


def test_windows_are_a_year_at_most_and_leave_no_gap() -> None:
    pieces = windows(date(2024, 1, 1), date(2026, 4, 12))
    assert (pieces[0][0], pieces[-1][1]) == (date(2024, 1, 1), date(2026, 4, 12))
    assert all((last - first).days <= 364 for first, last in pieces)
    assert all(after[0] - before[1] == timedelta(days=1) for before, after in pairwise(pieces))


@pytest.mark.parametrize(
    ("settings", "url"),
    [
        ({"api_key": "k"}, SAM_GOV),
        ({"base_url": "http://127.0.0.1:9/"}, "http://127.0.0.1:9"),
        ({"api_key": "k", "base_url": "http://proxy"}, "http://proxy"),
    ],
)
def test_the_server_is_the_one_that_is_named(settings: dict[str, Any], url: str) -> None:
    assert base_url(SamGovSettings(**settings)) == url


def test_without_a_key_or_a_server_there_is_nobody_to_ask() -> None:
    with pytest.raises(Invalid, match="neither api_key nor base_url"):
        base_url(SamGovSettings())
