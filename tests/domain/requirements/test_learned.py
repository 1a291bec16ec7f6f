"""Sentences that the rules leave out: what the learned weights may add and what they may not."""

import pytest

from domain.pages import Line, Page
from domain.requirements import extract
from domain.requirements.duties import Setting, duty_of
from domain.requirements.learned import (
    Sentence,
    Weights,
    features,
    kind_of_duty,
    learned,
)
from domain.requirements.models import Duty

_MISSED = "Each requirement is set forth below for the awardee to meet without any delay."
_EVERYTHING = Weights(20.0, {})
_NOTHING = Weights(-20.0, {})


def quotes(weights: Weights, *texts: str) -> list[str]:
    page = Page(1, tuple(Line(text) for text in texts))
    return [row.quote for row in extract([page], weights).requirements]


def test_a_sentence_that_the_rules_leave_out_becomes_a_row() -> None:
    assert duty_of(_MISSED, Setting("C")) is None
    assert quotes(_NOTHING, _MISSED) == []
    assert quotes(_EVERYTHING, _MISSED) == [_MISSED]


@pytest.mark.parametrize(
    "text",
    [
        "Will there be a visit to the site?",
        "The goods in the groups below are as follows:",
        "For example, a kit holds two of each item.",
        "Past practice there.",
        "which it does not, as was said on the page before.",
        "In this clause the term depot means any of the five sites.",
    ],
)
def test_what_the_guideline_leaves_out_stays_out(text: str) -> None:
    assert quotes(_EVERYTHING, text) == []


def test_the_text_of_clauses_is_left_to_the_rules() -> None:
    clause = "52.212-4 Contract Terms and Conditions (NOV 2023)"
    assert quotes(_EVERYTHING, clause, f"(a) Inspection. {_MISSED}") == []


@pytest.mark.parametrize(
    ("texts", "row"),
    [
        (
            ["Offers must show—", "(1) A delivery date. It varies with the season and the road."],
            "A delivery date. It varies with the season and the road.",
        ),
        (
            ["Offers must show—", "(1) The firm shall name a price. It varies with the season."],
            "The firm shall name a price.",
        ),
        (
            ["SALIENT CHARACTERISTICS", "• Gloves without latex. They come in boxes of fifty."],
            "Gloves without latex. They come in boxes of fifty.",
        ),
    ],
)
def test_further_sentences_of_a_list_item_are_no_rows_of_their_own(
    texts: list[str], row: str
) -> None:
    assert quotes(_EVERYTHING, *texts) == [row]


@pytest.mark.parametrize(
    ("text", "section", "expected"),
    [
        ("A late quote may be thrown out.", "L", Duty("offeror", "consequence")),
        ("A second source is seen as a strength.", "M", Duty("government", "states")),
        ("Quotes rated low will be rejected.", "M", Duty("offeror", "consequence")),
        ("Gowns with seams are not acceptable.", "C", Duty("contractor", "prohibited")),
        ("The firm agrees to hold its prices.", "L", Duty("offeror", "agrees")),
        ("Crews are to wear badges.", "C", Duty("contractor", "required")),
        ("Trucks have lift gates.", "C", Duty("contractor", "states")),
    ],
)
def test_what_kind_of_row_a_sentence_is(text: str, section: str, expected: Duty) -> None:
    assert kind_of_duty(Sentence(text, section), Setting(section)) == expected


def test_numbers_bidders_and_buyers_are_one_word_each() -> None:
    one = features(Sentence("The Contractor shall answer the VA in 3 days.", "C"))
    other = features(Sentence("The Awardee shall answer the County in 12 days.", "C"))
    assert one == other
    assert "2:shall_answer" in one


def test_the_weights_tell_a_duty_from_background() -> None:
    weights = learned()
    duty = Sentence("Invoices must be sent to the buyer within ten days.", "G")
    past = Sentence("In the last three years the parks bought 17 units.", "C", title="Background")
    assert weights.probability(duty) > 0.9
    assert weights.probability(past) < 0.3
