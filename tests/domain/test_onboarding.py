from domain.code_search import find_naics, find_psc
from domain.matching import fit, is_told
from domain.notice import Notice
from domain.onboarding import first_profile, phrases_of
from domain.profile import Certification
from domain.search import Fit


def test_codes_are_found_by_what_they_are_called() -> None:
    assert "339112" in [hit.code for hit in find_naics("surgical instruments")]
    assert "6515" in [hit.code for hit in find_psc("medical and surgical instrument")]
    assert [hit.code for hit in find_naics("3391")][:2] == ["339112", "339113"]
    assert find_naics("zzz qqq") == []


def test_phrases_are_told_apart() -> None:
    told = "Exam gloves, isolation gowns and wound care;  patient   monitors."
    assert phrases_of(told) == ("Exam gloves", "isolation gowns", "wound care", "patient monitors")


def test_a_few_words_make_a_profile_that_matches() -> None:
    words = "surgical instruments, dental equipment and patient monitors"
    small = (Certification.SMALL,)
    profile = first_profile("Ortiz", words, small, ("FL",))
    notice = Notice(
        notice_id="n1", title="SURGICAL INSTRUMENT SET", naics="339112", psc="6515", set_aside="SBA"
    )
    other = Notice(notice_id="n2", title="Road salt", naics="212390", psc="5610")
    assert is_told(_fit(profile, notice))
    assert not is_told(_fit(profile, other))


def _fit(profile: object, notice: Notice) -> Fit:
    return fit(profile, notice, is_closed=False, similarity=None)  # type: ignore[arg-type]
