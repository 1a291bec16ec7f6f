"""The quirks of SAM.gov's values, each as it was met."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from cluster.clients import sam_gov_values as values
from domain.precision import Place


@pytest.mark.parametrize(
    "absent",
    ["null", "", "  ", None, {}, [], {"city": {"name": ""}, "zip": "null"}, [None, ""]],
)
def test_quirk_4_everything_empty_means_absent(absent: Any) -> None:
    assert values.present(absent) is None


def test_quirk_4_what_holds_anything_is_there() -> None:
    assert values.present({"zip": "", "city": {"name": "Boise"}})
    assert values.present(" N00104 ") == "N00104"
    assert values.present(False) is False


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2026-03-23T17:00:00-04:00", datetime.fromisoformat("2026-03-23T17:00:00-04:00")),
        ("2026-02-10T10:00:00+09:00", datetime.fromisoformat("2026-02-10T10:00:00+09:00")),
        ("2026-02-10T10:00:00+05:30", datetime.fromisoformat("2026-02-10T10:00:00+05:30")),
        ("2026-03-23", date(2026, 3, 23)),
        ("2026-03-27T03:00:00", datetime(2026, 3, 27, 3)),  # noqa: DTZ001 - told without one
        ("", None),
        ("null", None),
    ],
)
def test_quirk_5_deadlines_are_told_in_four_ways(told: str, meant: Any) -> None:
    assert values.moment(told) == meant


@pytest.mark.parametrize("fraction", ["", ".6", ".64", ".649"])
def test_quirk_6_posted_dates_have_short_fractions_and_offsets(fraction: str) -> None:
    posted = values.moment(f"2026-04-24 23:24:04{fraction}-04")
    assert isinstance(posted, datetime)
    assert posted.isoformat(timespec="seconds") == "2026-04-24T23:24:04-04:00"


@pytest.mark.parametrize("told", ["SBA", '["SBA"]', ["SBA"], " SBA "])
def test_quirk_7_set_asides_are_sometimes_lists(told: Any) -> None:
    assert values.set_aside(told) == "SBA"


@pytest.mark.parametrize("told", ["NONE", "", None, "null", [], "[]"])
def test_quirk_7_no_set_aside_is_none(told: Any) -> None:
    assert values.set_aside(told) is None


def test_quirk_8_countries_states_amounts_and_awardees() -> None:
    assert values.place("Chinhae", "KR-48", None, "KOR") == Place(
        city="Chinhae", state="KR-48", country="KOR"
    )
    assert values.place(None, "N/A", "", "US") == Place(country="USA")
    assert values.place("", None, "null", {}) is None
    assert str(values.amount("280851.24000000")) == "280851.24"
    assert str(values.amount("4796303")) == "4796303.00"
    assert values.amount(5000000.5) == Decimal("5000000.5")
    assert values.awardee("A.M.S. NETWORK, LLC ") == "A.M.S. NETWORK, LLC"
    assert values.awardee("null 96349-1500") is None


def test_quirk_8_an_amount_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="'about 5' is no amount"):
        values.amount("about 5")


@pytest.mark.parametrize(
    ("told", "letter"),
    [
        ("Combined Synopsis/Solicitation", "k"),
        ("Consolidate/(Substantially) Bundle", "i"),
        ("Justification (J&A)", "u"),
        ("o", "o"),
        ("Something New", "Something New"),
        (None, None),
    ],
)
def test_quirk_11_types_are_letters_and_unknown_ones_stay_as_told(
    told: str | None, letter: str | None
) -> None:
    assert values.notice_type(told) == letter


@pytest.mark.parametrize(
    ("told", "text"),
    [
        ("<p>One &amp; two</p><p>three</p>", "One & two\n\nthree"),
        ("<div>A<br/>B</div><script>x()</script>", "A\nB"),
        ("size < 5 and > 3", "size < 5 and > 3"),
        ("a\xa0b\0  c", "a b c"),
        ("Rolla â€“ CBOC", "Rolla \u2013 CBOC"),
        ("Câmara and façade", "Câmara and façade"),
    ],
)
def test_quirk_10_html_becomes_text_and_nothing_is_garbled(told: str, text: str) -> None:
    assert values.readable(told) == text
