import random

import pytest

from domain.chunking import CHUNK_CHARS, MOST_CHUNKS, notice_chunks, plain_text, windows

SENTENCES = "Gloves are needed. They must be of nitrile! Size L; boxes of 100.\nDeliver to Tampa."


def pieces(text: str, size: int, overlap: int) -> list[str]:
    return [text[start:end] for start, end in windows(text, size, overlap)]


@pytest.mark.parametrize(
    ("text", "size", "overlap", "expected"),
    [
        ("", 10, 2, []),
        (" \n ", 10, 2, []),
        ("one", 10, 2, ["one"]),
        ("One is here. Two is here.", 14, 0, ["One is here.", "Two is here."]),
        ("One is here. Two is here.", 99, 9, ["One is here. Two is here."]),
        ("A b. C d. E f. G h.", 9, 4, ["A b. C d.", "C d. E f.", "E f. G h."]),
        ("line one\nline two", 9, 0, ["line one", "line two"]),
        ("word word word", 9, 0, ["word word", "word"]),
        ("abcdefghij", 4, 0, ["abcd", "efgh", "ij"]),
        ("Ab. cdefghijkl", 10, 5, ["Ab.", "cdefghijkl"]),
    ],
)
def test_windows(text: str, size: int, overlap: int, expected: list[str]) -> None:
    assert pieces(text, size, overlap) == expected


@pytest.mark.parametrize("seed", range(20))
def test_windows_fit_and_lose_nothing(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    text = "".join(dice.choices("abc .\n", [5, 5, 5, 4, 1, 0.3], k=2_000))
    covered = [False] * len(text)
    for start, end in windows(text, 60, 20):
        assert 0 < end - start <= 60
        covered[start:end] = [True] * (end - start)
    assert not "".join(c for c, seen in zip(text, covered, strict=True) if not seen).strip()


def test_each_chunk_of_a_notice_begins_with_its_title() -> None:
    chunks = notice_chunks("65--Nitrile  gloves", SENTENCES * 60)
    assert len(chunks) > 1
    assert all(chunk.text.startswith("65--Nitrile gloves\n") for chunk in chunks)
    assert all(len(chunk.text) <= CHUNK_CHARS + 1 for chunk in chunks)
    assert chunks[1].text.endswith((SENTENCES * 60)[chunks[1].start : chunks[1].end])


def test_a_notice_without_description_is_its_title() -> None:
    assert [chunk.text for chunk in notice_chunks("Gloves", "")] == ["Gloves"]


def test_a_notice_has_a_bounded_number_of_chunks() -> None:
    assert len(notice_chunks("Gloves", SENTENCES * 5_000)) == MOST_CHUNKS


def test_equal_text_has_an_equal_digest() -> None:
    one, same, other = (notice_chunks("Gloves", text)[0] for text in ("a", "a", "b"))
    assert one.digest == same.digest != other.digest


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("plain, with 5 < 6 > 4", "plain, with 5 < 6 > 4"),
        ("<p>Gloves &amp; gowns</p><p>sterile<br/>large</p>", "Gloves & gowns\nsterile\nlarge"),
        ("<style>p { x }</style><b>only</b> this", "only this"),
        ("a&nbsp;b", "a b"),
        ("<ul><li>one<li>two</ul>", "one\ntwo"),
        ("<p>unclosed <b>", "unclosed"),
        ("  many\n\n\n  lines ", "many\nlines"),
    ],
)
def test_plain_text(source: str, expected: str) -> None:
    assert plain_text(source) == expected
