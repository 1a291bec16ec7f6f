"""Which pages are read again, and which reading is kept."""

from dataclasses import replace

import pytest

from domain.pages import Box, Figure, FormField, Line, Mark, Page, PageReading
from domain.second_reading import agreement, better, is_doubtful, judge, unanswered

_KNOWN = "the contractor shall deliver nitrile glove in box of to ship within day va q"
WORDS = frozenset(_KNOWN.split(" "))
GOOD = "The contractor shall deliver 500 boxes of nitrile gloves within 30 days"
BOX = Box(10, 10, 40, 20)
BAD = "Tbe contraclor shali de1iver 5O0 bcxes ol nltrile glcves wlthin 3O doys"


def page(text: str, engine: str = "tesseract", confidence: float | None = 0.6) -> Page:
    return Page(1, (Line(text),), engine=engine, confidence=confidence)


@pytest.mark.parametrize(
    ("read", "doubtful"),
    [
        (page(GOOD, confidence=0.95), False),
        (page(GOOD, confidence=0.89), True),
        (page("", confidence=0.0), True),
        (replace(page(GOOD, confidence=0.95), unread=0.6), True),
        (page(GOOD, "text", None), False),
        (page(GOOD, "rapidocr", 0.4), False),
    ],
)
def test_what_was_recognised_without_confidence_or_in_part_is_doubtful(
    read: Page, doubtful: bool
) -> None:
    assert is_doubtful(read) is doubtful


def test_letters_in_words_and_numbers_make_sense() -> None:
    assert judge(GOOD, WORDS).share == 1.0
    assert judge(BAD, WORDS).share < 0.4
    assert judge("VA-36C247-Q-0269, 10/31/2026 $1,200.00", WORDS).share == 1.0
    assert judge("", WORDS).share == 0.0


def test_words_agree_as_often_as_both_have_them() -> None:
    assert agreement("one two two", "Two, one; two.") == 1.0
    assert agreement("one two two", "one two") == pytest.approx(2 / 3)
    assert agreement("", "") == 1.0


def test_the_reading_that_makes_more_sense_is_kept_whichever_came_first() -> None:
    for first, second in ((BAD, GOOD), (GOOD, BAD)):
        kept = better(page(first), page(second, "rapidocr", 0.99), WORDS)
        assert kept.text == GOOD
        assert kept.engine == ("rapidocr" if second == GOOD else "tesseract")
        assert [one.kept for one in kept.readings] == [first == GOOD, second == GOOD]
        assert kept.readings[0].engine == "tesseract"
        assert any("read a second time by rapidocr" in note for note in kept.warnings)


def test_half_a_page_loses_against_a_whole_one() -> None:
    half = " ".join(GOOD.split()[:4])
    assert better(page(half, confidence=0.95), page(GOOD, "rapidocr", 0.9), WORDS).text == GOOD


def test_rubbish_in_plenty_wins_nothing() -> None:
    noise = f"{GOOD} {' '.join(['xqzv wkrt'] * 20)}"
    assert better(page(GOOD), page(noise, "rapidocr", 0.99), WORDS).engine == "tesseract"


def test_readings_that_agree_leave_the_first_with_its_places() -> None:
    kept = better(page(GOOD), page(f"{GOOD}.", "rapidocr", 0.99), WORDS)
    assert (kept.engine, kept.confidence) == ("tesseract", 0.6)
    assert kept.warnings == ("read a second time by rapidocr, which agrees",)
    assert kept.readings == (
        PageReading("tesseract", 0.6, 1.0, True),
        PageReading("rapidocr", 0.99, 1.0, False),
    )


def test_a_word_in_many_that_the_second_reads_better_is_not_worth_the_first_ones_places() -> None:
    many = " ".join([GOOD] * 6)
    first = page(f"{many} contraclor")
    kept = better(first, page(f"{many} contractor", "rapidocr", 0.99), WORDS)
    assert kept.engine == "tesseract"
    assert kept.warnings[-1] == "read a second time by rapidocr, which agrees"


def test_what_stands_beside_the_words_stays_and_doubts_about_them_go() -> None:
    first = replace(
        page(BAD),
        fields=(FormField("offeror", "Acme"),),
        marks=(Mark("stamp", BOX),),
        figures=(Figure(BOX),),
        warnings=("faint: read with 60% confidence", "2 of its figures left out: x"),
    )
    kept = better(first, page(GOOD, "rapidocr", 0.9), WORDS)
    assert (kept.fields, kept.marks, kept.figures) == (first.fields, first.marks, first.figures)
    assert kept.warnings[0] == "2 of its figures left out: x"
    assert not any(note.startswith("faint") for note in kept.warnings)


def test_who_could_not_answer_is_named_with_the_reason() -> None:
    told = unanswered(page(GOOD), "rapidocr", "it ended by SIGKILL")
    assert (told.text, told.engine) == (GOOD, "tesseract")
    assert told.warnings == ("a second reading by rapidocr was not had: it ended by SIGKILL",)
