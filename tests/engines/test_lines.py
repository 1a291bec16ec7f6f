"""Printed lines: where paragraphs begin, and how large letters of a scan are."""

import pytest

from cluster.engines.reading.fragments import opened
from cluster.engines.reading.letters import size_of
from domain.pages import Box, Line, Word

STEP, LETTER, SIZE = 14.0, 5.0, 11.0


def line(text: str, top: float) -> Line:
    words, left = [], 70.0
    for word in text.split():
        words.append(Word(word, Box(left, top, left + LETTER * len(word), top + SIZE)))
        left += LETTER * (len(word) + 1)
    box = Box(70.0, top, words[-1].box.right, top + SIZE)
    return Line(text, box, tuple(words), size=SIZE, indent=70.0)


COLUMN = (
    "Vendor shall set the clock of each unit to the",
    "Mountain Time of the park and run the first self",
    "test before it ships them to the five parks.",
)


def openings(*lines: Line) -> list[bool]:
    return [each.opens for each in opened(lines)]


def test_a_running_header_wider_than_the_column_cuts_no_paragraph() -> None:
    header = line(
        "National Park Service - Northern Parks - RFQ 140P8427Q0058 - page two of four", 28.0
    )
    body = [line(text, 80.0 + STEP * at) for at, text in enumerate(COLUMN)]
    assert openings(header, *body) == [True, True, False, False]


def test_a_short_line_of_the_same_column_still_ends_its_paragraph() -> None:
    texts = (*COLUMN, "Deliver by", "noon.")
    body = [line(text, 80.0 + STEP * at) for at, text in enumerate(texts)]
    assert openings(*body)[-1]


@pytest.mark.parametrize(
    ("texts", "high"),
    [
        (("Mop", "gape"), 0.93),
        (("Mode", "late"), 0.72),
        (("gown", "pump"), 0.69),
        (("a", "or", "as"), 0.48),
    ],
)
def test_letters_are_as_large_whatever_their_shape(texts: tuple[str, ...], high: float) -> None:
    size = 12.0
    heights = {"Mop": 0.93, "gape": 0.69}
    words = [Word(text, Box(0.0, 0.0, 10.0, size * heights.get(text, high))) for text in texts]
    assert size_of(words) == pytest.approx(size)


def test_no_words_have_no_size() -> None:
    assert size_of([]) == 0.0
