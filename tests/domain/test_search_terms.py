import pytest

from domain.search_terms import bare_words


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("nitrile gloves", "nitrile gloves"),
        ("gloves -surgical", "gloves"),
        ('gloves -"for surgeons" masks', "gloves masks"),
        ('"hand protection" or gloves', "hand protection gloves"),
        ("follow-up x-ray", "follow-up x-ray"),
        ("6515012345678", "6515012345678 6515-01-234-5678"),
        ("-surgical", ""),
    ],
)
def test_words_are_left_without_operators(words: str, expected: str) -> None:
    assert bare_words(words) == expected
