import base64
from typing import Any

import pytest
from pydantic import ValidationError

from domain.errors import Invalid
from domain.search import SearchQuery, Sort
from domain.search_cursor import Place, read_cursor, write_cursor
from domain.search_terms import identifiers, with_both_spellings

ASKED = SearchQuery(q="gloves", naics=("3391",))
PLACE = Place(0.1 + 0.2, "n1")


def continued(query: SearchQuery, cursor: str) -> SearchQuery:
    return query.model_copy(update={"cursor": cursor})


@pytest.mark.parametrize(
    "wrong",
    [
        {"naics": ("abc",)},
        {"psc": ("6515 ",)},
        {"limit": 0},
        {"limit": 101},
        {"mode": "magic"},
        {"q": "a" * 501},
        {"state": ("",)},
        {"nonsense": 1},
    ],
)
def test_a_query_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        SearchQuery.model_validate(wrong)


@pytest.mark.parametrize(
    ("query", "order"),
    [
        (SearchQuery(), Sort.POSTED),
        (SearchQuery(q="  "), Sort.POSTED),
        (SearchQuery(sort=Sort.RELEVANCE), Sort.POSTED),
        (SearchQuery(q="gloves"), Sort.RELEVANCE),
        (SearchQuery(q="gloves", sort=Sort.DEADLINE), Sort.DEADLINE),
        (SearchQuery(sort=Sort.FIT), Sort.FIT),
    ],
)
def test_the_order_follows_from_what_is_asked(query: SearchQuery, order: Sort) -> None:
    assert query.order == order


@pytest.mark.parametrize("rank", [PLACE.rank, 0.0, -1e300, float("-inf")])
def test_a_cursor_leads_back_to_its_very_place(rank: float) -> None:
    place = Place(rank, "n'1 ü")
    assert read_cursor(continued(ASKED, write_cursor(ASKED, place))) == place


def test_without_a_cursor_there_is_no_place() -> None:
    assert read_cursor(ASKED) is None


def test_a_page_may_be_larger_than_the_one_before() -> None:
    cursor = write_cursor(ASKED, PLACE)
    assert read_cursor(continued(ASKED.model_copy(update={"limit": 99}), cursor)) == PLACE


@pytest.mark.parametrize("other", [{"q": "gowns"}, {"naics": ("3392",)}, {"sort": Sort.POSTED}])
def test_a_cursor_of_another_search_is_refused(other: dict[str, Any]) -> None:
    cursor = write_cursor(ASKED, PLACE)
    with pytest.raises(Invalid, match="another search"):
        read_cursor(continued(ASKED.model_copy(update=other), cursor))


def _forged() -> str:
    told = base64.urlsafe_b64decode(write_cursor(ASKED, PLACE)).decode()
    return base64.urlsafe_b64encode(told.replace("n1", "n2").encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    ["", "nonsense", "ü", "AAAA", write_cursor(ASKED, PLACE)[:-4], _forged(), "bnVsbA=="],
)
def test_a_cursor_that_we_did_not_write_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid, match="cursor is not valid"):
        read_cursor(continued(ASKED, cursor))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("36C24726Q0269", ("36C24726Q0269",)),
        ("gloves 36c247-26-q-0269", ("36C24726Q0269",)),
        ("ddf5d3f4bfba49a29d28599a512eb8b9", ("DDF5D3F4BFBA49A29D28599A512EB8B9",)),
        ("nitrile gloves", ()),
        ("size 10", ()),
        ("2026", ()),
    ],
)
def test_identifiers(words: str, expected: tuple[str, ...]) -> None:
    assert identifiers(words) == expected


def test_a_stock_number_is_sought_in_both_spellings() -> None:
    both = '6515012345678 or "6515-01-234-5678" gloves'
    assert with_both_spellings("6515-01-234-5678 gloves") == both
    assert with_both_spellings("6515012345678 gloves") == both
    assert with_both_spellings("call 555-1234") == "call 555-1234"
