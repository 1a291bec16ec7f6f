import pytest

from domain.code_search import find_naics, find_psc
from domain.codes import naics_names, psc_names
from domain.matching import fit, is_told
from domain.notice import Notice
from domain.onboarding import _CLASS_OF, _MADE_BY, WHOLESALE, first_profile, phrases_of
from domain.profile import Certification

SMALL = (Certification.SMALL,)


def test_codes_are_found_by_what_they_are_called() -> None:
    assert "339112" in [hit.code for hit in find_naics("surgical instruments")]
    assert "6515" in [hit.code for hit in find_psc("medical and surgical instrument")]
    assert [hit.code for hit in find_naics("3391")][:2] == ["339112", "339113"]
    assert find_naics("zzz qqq") == []


def test_phrases_are_told_apart() -> None:
    told = "Exam gloves, isolation gowns and wound care;  patient   monitors."
    assert phrases_of(told) == ("Exam gloves", "isolation gowns", "wound care", "patient monitors")


@pytest.mark.parametrize(
    ("words", "psc"),
    [
        ("exam gloves and isolation gowns", ("6515", "6532")),
        ("wound care, dental chairs", ("6510", "6520")),
        ("surgical instruments", ("6515",)),
        ("road salt", ()),
    ],
)
def test_words_of_buyers_stand_for_the_classes_in_which_they_buy(
    words: str, psc: tuple[str, ...]
) -> None:
    profile = first_profile("Ortiz", words, SMALL, ())
    assert profile.psc[: len(psc)] == psc
    assert bool(profile.psc) == (WHOLESALE in profile.naics) == bool(psc)


def test_a_few_words_make_a_profile_that_matches() -> None:
    words = "surgical instruments, dental equipment and patient monitors"
    profile = first_profile("Ortiz", words, SMALL, ("FL",))
    notice = Notice(
        notice_id="n1", title="SURGICAL INSTRUMENT SET", naics="339112", psc="6515", set_aside="SBA"
    )
    other = Notice(notice_id="n2", title="Road salt", naics="212390", psc="5610")
    assert "surgical instrument" in profile.keywords
    suits = fit(profile, notice, is_closed=False, similarity=None)
    assert is_told(suits)
    assert not is_told(fit(profile, other, is_closed=False, similarity=None))


def test_the_codes_behind_everyday_words_exist() -> None:
    assert set(_CLASS_OF.values()) <= set(psc_names())
    assert set(_CLASS_OF.values()) == set(_MADE_BY)
    assert {WHOLESALE, *(made for all_ in _MADE_BY.values() for made in all_)} <= set(naics_names())
