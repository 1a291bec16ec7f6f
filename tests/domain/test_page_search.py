"""Words found on pages."""

import pytest

from domain.page_search import hits_on, pattern_of, places_on
from domain.pages import Box, Line, Page, Word


def line(text: str, top: float) -> Line:
    words = tuple(
        Word(word, Box(10.0 * at, top, 10.0 * at + 8, top + 10))
        for at, word in enumerate(text.split())
    )
    return Line(text, Box(0, top, 100, top + 10), words)


PAGE = Page(4, (line("The offeror shall submit", 20), line("Volume I. Volume II follows", 40)))


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("volume", ["Volume", "Volume"]),
        ("SUBMIT  volume i.", ["submit Volume I."]),
        ("offer", ["offer"]),
        (".", ["."]),
        (".*", []),
        ("[a-z", []),
        ("  ", []),
        ("shall\x00submit", ["shall submit"]),
    ],
)
def test_words_are_found_as_words_and_not_as_patterns(words: str, found: list[str]) -> None:
    hits = hits_on(PAGE.number, PAGE.text, words)
    assert [hit.words for hit in hits] == found
    assert [hit.nth for hit in hits] == list(range(1, len(found) + 1))
    assert len(places_on(PAGE, words)) == len(found)


def test_a_hit_shows_what_stands_around_it() -> None:
    [hit] = hits_on(4, PAGE.text, "submit")
    assert (hit.page, hit.before, hit.after) == (
        4,
        "The offeror shall ",
        " Volume I. Volume II follows",
    )


def test_a_hit_over_two_lines_has_a_box_on_each() -> None:
    [boxes] = places_on(PAGE, "shall submit volume")
    assert boxes == (Box(20, 20, 38, 30), Box(0, 40, 8, 50))


def test_a_page_without_places_has_hits_without_boxes() -> None:
    assert places_on(Page(1, (Line("Gloves, gloves"),)), "gloves") == [(), ()]


def test_no_word_is_no_pattern() -> None:
    assert pattern_of(" \x00 ") == ""
