import pytest

from domain.codes import NOTICE_TYPES, naics_names, psc_names, state_names
from domain.medical import is_medical


@pytest.mark.parametrize(
    ("naics", "psc"),
    [
        ("339113", None),
        ("325411", None),
        ("622110", None),
        ("62311", None),
        ("456110", "7510"),
        (None, "6515"),
        (None, "65"),
        ("236220", "Q201"),
        ("236220", "q999"),
    ],
)
def test_these_codes_are_medical(naics: str | None, psc: str | None) -> None:
    assert is_medical(naics, psc)


@pytest.mark.parametrize(
    ("naics", "psc"),
    [(None, None), ("339111", "5305"), ("3391", None), ("332510", "66"), ("541990", "R499")],
)
def test_these_are_not(naics: str | None, psc: str | None) -> None:
    assert not is_medical(naics, psc)


def test_the_lists_name_what_notices_refer_to() -> None:
    assert naics_names()["339113"].startswith("Surgical Appliance")
    assert psc_names()["6515"].startswith("MEDICAL AND SURGICAL")
    assert state_names()["PR"] == "Puerto Rico"
    assert set(NOTICE_TYPES) == set("opkrsaugi")
