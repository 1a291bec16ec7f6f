from datetime import date, datetime
from typing import Any

import pytest

from domain.notice import Award, Notice
from domain.precision import Place, latest_moment

FULL = Place(city="Richmond", state="VA", zip="23237-1234", country="USA")


def notice(**fields: Any) -> Notice:
    return Notice.model_validate({"notice_id": "n1", "title": "Gloves", **fields})


@pytest.mark.parametrize(
    ("known", "seen"),
    [
        pytest.param("2026-03-23T17:00:00-04:00", "2026-03-23", id="its local day"),
        pytest.param("2026-03-23T17:00:00-04:00", "2026-03-23T17:00:00", id="without offset"),
        pytest.param("2026-03-23T17:00:00-04:00", "2026-03-23T21:00:00Z", id="another zone"),
        pytest.param("2026-03-24T03:00:00Z", "2026-03-23", id="a day in an office west of UTC"),
        pytest.param("2026-03-23T20:00:00Z", "2026-03-24", id="a day in an office east of UTC"),
        pytest.param("2026-03-24T03:00:00Z", "2026-03-23T23:00:00", id="a clock west of UTC"),
        pytest.param("2026-03-23T09:00:00+05:30", "2026-03-23", id="half an hour off"),
    ],
)
def test_a_deadline_told_less_exactly_is_no_change(known: str, seen: str) -> None:
    before = notice(response_deadline=known)
    assert (
        before.merge(notice(response_deadline=seen)).response_deadline == before.response_deadline
    )


@pytest.mark.parametrize(
    ("known", "seen"),
    [
        ("2026-03-23T17:00:00-04:00", "2026-03-24"),
        ("2026-03-23T17:00:00-04:00", "2026-03-23T18:00:00"),
        ("2026-03-24T12:00:00Z", "2026-03-26"),
        ("2026-03-23", "2026-03-23T17:00:00-04:00"),
    ],
)
def test_another_deadline_or_a_more_exact_one_is_news(known: str, seen: str) -> None:
    merged = notice(response_deadline=known).merge(notice(response_deadline=seen))
    assert merged == notice(response_deadline=seen)


def test_moments_survive_json_as_exactly_as_they_are_known() -> None:
    for told in ("2026-03-23", "2026-03-23T17:00:00", "2026-03-23T17:00:00-04:00"):
        before = notice(response_deadline=told)
        assert Notice.model_validate_json(before.model_dump_json()) == before
        assert type(before.response_deadline) is (date if len(told) == 10 else datetime)


def test_the_posted_day_of_a_timestamp_is_no_change() -> None:
    known = notice(posted_date="2026-03-07T23:40:11.048-05:00")
    assert known.merge(notice(posted_date="2026-03-07")) == known


@pytest.mark.parametrize(
    ("known", "seen", "merged"),
    [
        pytest.param(FULL, Place(state="VA"), FULL, id="a part of it"),
        pytest.param(FULL, Place(zip="23237"), FULL, id="a shorter zip"),
        pytest.param(FULL, Place(city="RICHMOND"), FULL, id="another spelling"),
        pytest.param(Place(state="VA"), FULL, FULL, id="more of it"),
        pytest.param(FULL, Place(state="TX"), Place(state="TX"), id="another place, taken whole"),
    ],
)
def test_places_merge_part_by_part(known: Place, seen: Place, merged: Place) -> None:
    assert known.merge(seen) == merged


def test_a_place_or_award_that_is_told_as_absent_stays() -> None:
    known = notice(place=FULL, award=Award(number="A1"))
    assert known.merge(notice(place=None, award=None)) == known


def test_an_award_keeps_what_a_source_leaves_out() -> None:
    known = notice(award={"number": "A1", "amount": "280851.24", "awardee_uei": "U1"})
    merged = known.merge(notice(award={"number": "A1", "amount": "280851.24"}))
    assert not known.changes(merged)


def test_the_name_of_the_same_office_in_other_words_is_no_change() -> None:
    known = notice(office="DLA LAND", aac_code="SPRDL1")
    same, other = ({"office": "DLA LAND WARREN", "aac_code": code} for code in ("SPRDL1", "SPE4A6"))
    assert known.merge(notice(**same)) == known
    assert known.changes(known.merge(notice(**other))) == ("aac_code", "office")


def test_a_description_cut_short_never_replaces_the_whole_one() -> None:
    whole = notice(description_digest="whole", description_start="start")
    cut = notice(description_digest="start")
    assert whole.merge(cut) == whole
    assert cut.merge(whole).description_digest == "whole"


def test_naics_codes_that_repeat_the_first_say_nothing_new() -> None:
    known = notice(naics="339113")
    assert known.merge(notice(naics="339113", naics_codes=("339113",))) == known
    merged = known.merge(notice(naics="339113", naics_codes=("339113", "423450")))
    assert known.changes(merged) == ("naics_codes",)


def test_the_digest_is_of_the_content_and_not_of_how_it_was_told() -> None:
    here = notice(response_deadline="2026-03-23T17:00:00-04:00", award={"amount": "5.10"})
    there = notice(response_deadline="2026-03-23T21:00:00Z", award={"amount": "5.1000"})
    assert here.digest() == there.digest()
    assert here.digest(1) != here.digest(3)
    assert here.digest() != notice(title="Masks").digest()


@pytest.mark.parametrize(
    ("told", "latest"),
    [
        ("2026-03-23T17:00:00-04:00", "2026-03-23T21:00:00+00:00"),
        ("2026-03-23T17:00:00", "2026-03-24T03:00:00+00:00"),
        ("2026-03-23", "2026-03-24T10:00:00+00:00"),
    ],
)
def test_a_deadline_counts_as_late_as_it_may_mean(told: str, latest: str) -> None:
    deadline = notice(response_deadline=told).response_deadline
    assert deadline is not None
    assert latest_moment(deadline) == datetime.fromisoformat(latest)
