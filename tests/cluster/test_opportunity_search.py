"""Search over the real read model and the real pgvector; the model alone is a stand-in."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest

from cluster.stores.opportunity_search import PostgresOpportunitySearch
from cluster.stores.postgres import Pool, as_tenant
from cluster.stores.vectors import Vectors
from domain.errors import Invalid, Unavailable
from domain.search import FacetValue, Fit, Mode, SearchQuery, SearchResult, Sort
from domain.vectors import OPPORTUNITIES
from tests.searched import Near, tell

pytestmark = pytest.mark.stores

US, THEM = UUID(int=7), UUID(int=8)

RATE = """
insert into opportunity_match (tenant_id, notice_id, score, gates, reasons, profile_version,
                               notice_version)
values ($1, $2, $3, $4, $5, 1, 1)
"""


@pytest.fixture
async def told(app_pool: Pool) -> Vectors:
    return await tell(app_pool)


@pytest.fixture
def search(app_pool: Pool, told: Vectors) -> PostgresOpportunitySearch:
    return PostgresOpportunitySearch(app_pool, told.index(OPPORTUNITIES), Near())


async def ask(search: PostgresOpportunitySearch, **query: Any) -> SearchResult:
    return await search.search(US, SearchQuery.model_validate(query))


async def ids(search: PostgresOpportunitySearch, **query: Any) -> list[str]:
    return [item.notice_id for item in (await ask(search, **query)).items]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["n4", "n3", "n2", "n1", "n5"]),
        ({"naics": ["3391"]}, ["n2", "n1", "n5"]),
        ({"naics": ["62", "56"]}, ["n4", "n3"]),
        ({"psc": ["S2"]}, ["n4"]),
        ({"set_aside": ["SBA"]}, ["n2"]),
        ({"state": ["FL", "GA"]}, ["n2"]),
        ({"agency": ["DEFENSE"]}, ["n4"]),
        ({"agency": ["VHA"], "type": ["r"]}, ["n3"]),
        ({"posted_from": "2026-03-02", "posted_to": "2026-03-03"}, ["n3", "n2"]),
        ({"deadline_from": "2026-04-02"}, ["n3", "n2"]),
        ({"deadline_to": "2026-03-20"}, ["n4"]),
        ({"medical": False}, ["n4"]),
        ({"status": "closed"}, ["n2"]),
        ({"status": "open", "naics": ["339113"]}, ["n1", "n5"]),
        ({"sort": "deadline"}, ["n4", "n1", "n2", "n3", "n5"]),
        ({"naics": ["99"]}, []),
    ],
    ids=str,
)
async def test_a_list_is_narrowed_and_sorted(
    search: PostgresOpportunitySearch, query: dict[str, Any], expected: list[str]
) -> None:
    assert await ids(search, **query) == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("gloves", {"n1", "n2"}),
        ("surgical glove", {"n2"}),
        ("gloves masks", {"n1"}),
        ("ventilator gloves", {"n1", "n2", "n3"}),
        ("gloves -surgical", {"n1"}),
        ("hand protection", set()),
        ("the", set()),
        ("36C24726Q0269", {"n1"}),
        ("36c247-26-q", {"n1"}),
        ("6515012345678", {"n5"}),
        ("6515-01-234-5678", {"n5"}),
    ],
)
async def test_words_find_what_has_them(
    search: PostgresOpportunitySearch, words: str, expected: set[str]
) -> None:
    assert set(await ids(search, q=words, mode="keyword")) == expected


@pytest.mark.parametrize(
    ("words", "first"), [("hand protection", {"n1", "n2"}), ("machine that helps breathe", {"n3"})]
)
async def test_meaning_finds_what_shares_no_word(
    search: PostgresOpportunitySearch, words: str, first: set[str]
) -> None:
    for mode in (Mode.SEMANTIC, Mode.HYBRID):
        assert set((await ids(search, q=words, mode=mode))[: len(first)]) == first


async def test_meaning_is_narrowed_too(search: PostgresOpportunitySearch) -> None:
    assert await ids(search, q="hand protection", mode="semantic", status="closed") == ["n2"]
    assert (await ids(search, q="hand protection", mode="hybrid", naics=["621"])) == ["n3"]


async def test_a_number_that_names_its_notice_comes_first(
    search: PostgresOpportunitySearch,
) -> None:
    assert (await ids(search, q="waste 36C24726Q0269"))[0] == "n1"


@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("sort", list(Sort))
async def test_pages_join_without_gap_or_repeat(
    search: PostgresOpportunitySearch, mode: Mode, sort: Sort
) -> None:
    for words in ("", "gloves waste"):
        whole = await ask(search, q=words, mode=mode, sort=sort, limit=100)
        joined: list[str] = []
        cursor = None
        while True:
            page = await ask(search, q=words, mode=mode, sort=sort, limit=2, cursor=cursor)
            assert page.total == whole.total == len(whole.items)
            joined += [item.notice_id for item in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
        assert joined == [item.notice_id for item in whole.items]


async def test_a_foreign_cursor_is_refused(search: PostgresOpportunitySearch) -> None:
    first = await ask(search, limit=2)
    with pytest.raises(Invalid, match="cursor"):
        await ask(search, q="gloves", cursor=first.next_cursor)


async def test_facets_count_what_the_filters_leave(search: PostgresOpportunitySearch) -> None:
    found = await ask(search, naics=["339113", "621111"], limit=1)
    assert found.total == 4
    assert found.facets["naics"] == [FacetValue("339113", 3), FacetValue("621111", 1)]
    assert found.facets["set_aside"] == [FacetValue("SBA", 1)]
    assert found.facets["agency"] == [FacetValue("VETERANS AFFAIRS", 4)]
    assert found.facets["type"] == [FacetValue("o", 3), FacetValue("r", 1)]
    assert found.facets["medical"] == [FacetValue("true", 4)]


async def test_matching_words_are_marked(search: PostgresOpportunitySearch) -> None:
    title, text = (await ask(search, q="nitrile gloves", mode="keyword")).items[0].highlights
    assert [title.text[start:end] for start, end in title.marks] == ["Nitrile", "gloves"]
    assert text.field == "description"
    assert [text.text[start:end] for start, end in text.marks] == ["gloves"]
    assert "<" not in text.text
    assert "gloves & masks" in text.text


async def test_what_is_meant_is_shown_as_a_passage(search: PostgresOpportunitySearch) -> None:
    found = await ask(search, q="hand protection", mode="semantic")
    item = next(item for item in found.items if item.notice_id == "n1")
    [passage] = item.highlights
    assert passage.text.startswith("The hospital needs gloves & masks.")
    assert passage.marks == ()


async def test_without_words_nothing_is_highlighted(search: PostgresOpportunitySearch) -> None:
    assert all(not item.highlights for item in (await ask(search)).items)


async def test_fit_is_the_tenants_own(search: PostgresOpportunitySearch, app_pool: Pool) -> None:
    for tenant, key, score, gates in (
        (US, "n3", 80, []),
        (US, "n1", None, ["set_aside:SBA"]),
        (THEM, "n4", 99, []),
    ):
        async with as_tenant(app_pool, tenant) as connection:
            await connection.execute(RATE, tenant, key, score, gates, ["naics:exact"])
    found = (await ask(search, sort="fit")).items
    assert found[0].notice_id == "n3"
    assert found[0].fit == Fit(80, (), ("naics:exact",))
    fits = {item.notice_id: item.fit for item in found}
    assert fits["n1"] == Fit(None, ("set_aside:SBA",), ("naics:exact",))
    assert fits["n4"] is None


async def test_an_item_tells_its_facts(search: PostgresOpportunitySearch) -> None:
    items = {item.notice_id: item for item in (await ask(search)).items}
    assert items["n1"].solicitation_number == "36C24726Q0269"
    assert items["n1"].response_deadline == date(2026, 4, 1)
    assert items["n4"].response_deadline == datetime(2026, 3, 20, 17, tzinfo=UTC)
    assert items["n2"].state == "FL"
    assert items["n2"].is_closed
    assert not items["n1"].is_closed


async def test_without_the_model_words_still_find(app_pool: Pool, told: Vectors) -> None:
    away = PostgresOpportunitySearch(app_pool, told.index(OPPORTUNITIES), Near(is_up=False))
    found = await ask(away, q="gloves", mode="hybrid")
    assert {item.notice_id for item in found.items} == {"n1", "n2"}
    assert found.degraded == ("ai",)
    assert (await ask(away, q="gloves", mode="keyword")).degraded == ()
    assert (await ask(away, mode="semantic")).total == 5
    with pytest.raises(Unavailable, match="ai"):
        await ask(away, q="gloves", mode="semantic")


async def test_before_anything_is_embedded_words_still_find(app_pool: Pool, told: Vectors) -> None:
    bare = PostgresOpportunitySearch(app_pool, told.index("nothing"), Near())
    assert (await ask(bare, q="gloves")).degraded == ("vectors",)
    with pytest.raises(Unavailable, match="vectors"):
        await ask(bare, q="gloves", mode="semantic")
