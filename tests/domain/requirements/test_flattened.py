"""Text without its line breaks: cut where a sentence begins, and nowhere else."""

import pytest

from domain.pages import Box, Line, Page, Word
from domain.requirements import extract
from domain.requirements.flattened import unflattened

_FILLER = "Delivery Terms: FOB Destination Attachments Attachment 1 - Price Schedule " * 4


def pieces(text: str) -> list[str]:
    return [line.text for line in unflattened([Page(1, (Line(text),))])[0].lines]


@pytest.mark.parametrize(
    "sentence",
    [
        "Offerors shall complete the schedule and send it back.",
        "The contractor shall furnish a certificate.",
        "All quoters shall list exceptions.",
        "In accordance with FAR 4.1102, offerors must be registered.",
        "Please send questions by noon.",
    ],
)
def test_a_sentence_behind_a_title_is_cut_off_from_it(sentence: str) -> None:
    assert pieces(f"{_FILLER}(PWS) {sentence}")[-1] == sentence


@pytest.mark.parametrize(
    "text",
    [
        f"{_FILLER}as told to the Offerors who were present.",
        f"{_FILLER}in the form that The Contractor has agreed to.",
        f"{_FILLER}ends here. The contractor shall furnish a certificate.",
        "Attachment 2 (PWS) Offerors shall complete the schedule.",
    ],
)
def test_what_goes_on_is_left_whole(text: str) -> None:
    assert pieces(text) == [text]


def test_no_word_is_lost() -> None:
    text = (
        f"{_FILLER}The vendor shall: a) Clean the tanks. b) Test the water. Note: Only firms bid."
    )
    assert " ".join(pieces(text)) == text


def test_items_that_end_in_full_stops_are_rows_under_their_lead_in() -> None:
    text = f"{_FILLER}The contractor shall: a) Clean the tanks. b) Test the water. c) Report leaks."
    found = extract([Page(1, (Line(text),))]).requirements
    assert [row.quote for row in found] == ["Clean the tanks.", "Test the water.", "Report leaks."]
    assert {row.lead_in for row in found} == {"The contractor shall:"}


def test_a_line_with_places_is_never_cut() -> None:
    text = f"{_FILLER}The contractor shall furnish a certificate."
    line = Line(text, words=(Word("Delivery", Box(0, 0, 1, 1)),))
    assert unflattened([Page(1, (line,))])[0].lines == (line,)
