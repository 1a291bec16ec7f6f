import pytest

from domain.fusion import fuse


@pytest.mark.parametrize(
    ("by_meaning", "by_words", "expected"),
    [
        ({}, {}, {}),
        ({"a": 0.4}, {}, {"a": 0.5}),
        ({}, {"a": 0.1}, {"a": 0.5}),
        ({"a": 0.9, "b": 0.5, "c": 0.7}, {}, {"a": 0.5, "c": 0.25, "b": 0.0}),
        ({"a": 0.9, "b": 0.5}, {"b": 2.0, "c": 1.0}, {"a": 0.5, "b": 0.5, "c": 0.25}),
    ],
)
def test_fused_scores(
    by_meaning: dict[str, float], by_words: dict[str, float], expected: dict[str, float]
) -> None:
    assert fuse(by_meaning, by_words, share=0.5) == pytest.approx(expected)


def test_the_share_decides_between_meaning_and_words() -> None:
    meaning, words = {"a": 1.0, "b": 0.0}, {"b": 1.0}
    mostly_meaning, mostly_words = fuse(meaning, words, 0.9), fuse(meaning, words, 0.1)
    assert max(mostly_meaning, key=mostly_meaning.__getitem__) == "a"
    assert max(mostly_words, key=mostly_words.__getitem__) == "b"
