"""Given a profile and a notice, what fit."""

from typing import Any

import pytest

from domain.matching import THRESHOLD, could_suit, fit, is_told
from domain.notice import Notice
from domain.precision import Place
from domain.profile import SAMPLE, Certification, CompanyProfile
from domain.search import Fit

TAMPA = Place(state="FL", country="USA")
GLOVES: dict[str, Any] = {
    "notice_id": "n1",
    "title": "Nitrile Exam Gloves",
    "type": "k",
    "naics": "339113",
    "psc": "6515",
    "set_aside": "SDVOSBC",
    "place": TAMPA,
}


def suits(similarity: float | None = None, profile: CompanyProfile = SAMPLE, **facts: Any) -> Fit:
    notice = Notice(**{**GLOVES, **facts})
    return fit(profile, notice, is_closed=False, similarity=similarity)


def test_all_that_speaks_for_it_is_a_hundred() -> None:
    assert suits(0.7) == Fit(
        100,
        (),
        (
            "meaning:0.70",
            "naics:339113",
            "psc:6515",
            "set_aside:SDVOSBC",
            "state:FL",
            "keyword:glove",
        ),
    )


@pytest.mark.parametrize(
    ("facts", "gates"),
    [
        ({"set_aside": "ISBEE"}, ("set_aside:ISBEE",)),
        ({"set_aside": "8AN"}, ("set_aside:8AN",)),
        ({"set_aside": "HZC"}, ("set_aside:HZC",)),
        ({"set_aside": "WOSB"}, ("set_aside:WOSB",)),
        ({"set_aside": "EDWOSBSS"}, ("set_aside:EDWOSBSS",)),
        ({"type": "a"}, ("type:a",)),
        ({"type": "u"}, ("type:u",)),
        ({"type": "g", "set_aside": "IEE"}, ("type:g", "set_aside:IEE")),
        ({"title": "Radiopharmaceuticals for PET"}, ("excluded:radiopharmaceutical",)),
    ],
)
def test_not_eligible_has_no_number_and_says_why(
    facts: dict[str, Any], gates: tuple[str, ...]
) -> None:
    found = suits(0.9, **facts)
    assert (found.score, found.gates) == (None, gates)
    assert not is_told(found)


def test_what_is_closed_has_no_number() -> None:
    assert fit(SAMPLE, Notice(**GLOVES), is_closed=True).gates == ("closed",)


@pytest.mark.parametrize(
    "set_aside", [None, "NONE", "SBA", "SBP", "SDVOSBC", "SDVOSBS", "VSA", "VSS", "LAS"]
)
def test_a_small_firm_of_a_disabled_veteran_may_bid(set_aside: str | None) -> None:
    assert not suits(set_aside=set_aside).gates


@pytest.mark.parametrize(
    ("set_aside", "may_bid"), [(None, True), ("SBP", True), ("SBA", False), ("SDVOSBC", False)]
)
def test_a_large_firm_may_bid_where_all_may(set_aside: str | None, may_bid: bool) -> None:
    large = SAMPLE.model_copy(update={"certifications": ()})
    assert bool(suits(profile=large, set_aside=set_aside).gates) is not may_bid


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"naics": "541511"}, "not_naics:541511"),
        ({"naics": "3391"}, "naics_group:3391"),
        ({"naics": None}, "no_naics"),
        ({"psc": "65"}, "psc_group:65"),
        ({"psc": "D399"}, "not_psc:D399"),
        ({"set_aside": None}, "no_set_aside"),
        ({"place": Place(state="AZ", country="USA")}, "shipping:AZ"),
        ({"place": Place(city="Vicenza", country="ITA")}, "not_place:ITA"),
        ({"place": None}, "no_place"),
    ],
)
def test_what_speaks_less_for_it_costs_points_and_is_told(
    facts: dict[str, Any], reason: str
) -> None:
    found = suits(0.7, **facts)
    assert found.score is not None
    assert found.score < 100
    assert reason in found.reasons


@pytest.mark.parametrize(
    ("title", "keyword"),
    [
        ("GLOVES, PATIENT EXAM", "glove"),
        ("Bladder Scanner w/printer", "bladder scanner"),
        ("Dental stools", "dental"),
        ("Glovebox for a laboratory", None),
        ("Incidental repairs", None),
        ("Masks and gowns", "mask"),
    ],
)
def test_keywords_are_whole_words_in_singular_or_plural(title: str, keyword: str | None) -> None:
    found = [reason for reason in suits(title=title).reasons if reason.startswith("keyword:")]
    assert found == ([f"keyword:{keyword}"] if keyword else [])


def test_without_its_meaning_the_rest_counts_for_the_whole() -> None:
    assert suits().score == 100
    assert suits(0.1).score == 75


def test_nearer_in_meaning_is_never_worse() -> None:
    scores = [suits(step / 20).score or 0 for step in range(-20, 21)]
    assert scores == sorted(scores)


UNRELATED = Notice(notice_id="n2", title="Roof repair", type="o", naics="238160", psc="Z2AA")


def test_nobody_asks_for_the_meaning_of_what_cannot_suit() -> None:
    assert could_suit(SAMPLE, Notice(**GLOVES), is_closed=False)
    assert not could_suit(SAMPLE, Notice(**GLOVES), is_closed=True)
    assert not could_suit(SAMPLE, UNRELATED, is_closed=False)


@pytest.mark.parametrize("psc", ["6515", "Z2AA", None])
@pytest.mark.parametrize("naics", ["339113", "238160", None])
@pytest.mark.parametrize("set_aside", [None, "SBA", "SDVOSBC", "8A"])
def test_what_could_not_suit_is_not_told_without_meaning_either(
    psc: str | None, naics: str | None, set_aside: str | None
) -> None:
    notice = Notice(notice_id="n", title="x", psc=psc, naics=naics, set_aside=set_aside)
    if not could_suit(SAMPLE, notice, is_closed=False):
        assert not is_told(fit(SAMPLE, notice, is_closed=False))


def test_an_empty_profile_suits_nothing_well() -> None:
    found = suits(0.5, profile=CompanyProfile(name="Nobody"), set_aside=None)
    assert found.score is not None
    assert found.score < THRESHOLD


def test_the_sample_company_is_small_and_veteran_owned() -> None:
    assert Certification.SERVICE_DISABLED_VETERAN_OWNED in SAMPLE.certifications
    assert CompanyProfile.model_validate_json(SAMPLE.model_dump_json()) == SAMPLE
