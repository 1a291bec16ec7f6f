import pytest

from domain.pages import Box, Line, Page, Word
from domain.quotes import Quote, QuoteFinder


def line(text: str, top: float) -> Line:
    words = text.split()
    placed = tuple(
        Word(word, Box(at * 10.0, top, at * 10.0 + 9, top + 8)) for at, word in enumerate(words)
    )
    return Line(text, Box(0, top, len(words) * 10.0 - 1, top + 8), placed)


PAGES = [
    Page(1, (line("Quotes are due on", 10), line("02-12-2026 at “1300” EST.", 20))),
    Page(2, (line("Quotes are due on Friday.", 10),), running=(line("36C24726Q0269", 0),)),
]


def test_a_quote_over_two_lines_has_a_box_on_each() -> None:
    found = QuoteFinder(PAGES).find('due on 02-12-2026 at "1300"')
    assert found == Quote(
        1, "due on 02-12-2026 at “1300”", (Box(20, 10, 39, 18), Box(0, 20, 29, 28))
    )


def test_running_lines_are_searched_too() -> None:
    found = QuoteFinder(PAGES).find("36c24726q0269")
    assert found
    assert (found.page, found.text) == (2, "36C24726Q0269")


def test_a_page_that_is_asked_for_is_the_only_one() -> None:
    found = QuoteFinder(PAGES).find("Quotes are due on", page=2)
    assert found
    assert found.page == 2


@pytest.mark.parametrize("text", ["", "  ", "Quotes are not due", "Friday. Quotes"])
def test_what_does_not_stand_there_is_not_found(text: str) -> None:
    assert QuoteFinder(PAGES).find(text) is None


def test_a_format_without_places_has_no_boxes() -> None:
    found = QuoteFinder([Page(1, (Line("The offer shall be signed."),))]).find("shall be signed")
    assert found == Quote(1, "shall be signed")
