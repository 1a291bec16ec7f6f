import pytest

from domain.errors import Invalid
from domain.person import as_email, check_password


@pytest.mark.parametrize(
    "told",
    ["", "dana", "dana@", "@x.example", "a b@x.example", "dana@x", "<dana@x.example>", "a@b@c.de"],
)
def test_what_is_no_address_is_refused(told: str) -> None:
    with pytest.raises(Invalid):
        as_email(told)


def test_an_address_has_one_spelling() -> None:
    assert as_email("  Dana.O+va@Ortiz.EXAMPLE ") == "dana.o+va@ortiz.example"


@pytest.mark.parametrize(
    ("password", "reason"),
    [
        ("elevenchars", "at least 12"),
        ("x" * 257, "256"),
        ("aaaaaaaaaaaa", "guess"),
        ("danaortizmedical", "guess"),
        ("dana@ortizmedical.example", "guess"),
    ],
)
def test_a_password_that_is_guessed_at_once_is_refused(password: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        check_password(password, "Dana Ortiz", "dana@ortizmedical.example", "Ortiz Medical")


def test_a_few_words_are_a_password() -> None:
    check_password("correct horse battery", "Dana Ortiz", "dana@ortizmedical.example")
