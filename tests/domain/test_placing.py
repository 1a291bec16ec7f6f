"""Text without places, put where another reading saw its words."""

from domain.pages import Box, Line, Page, Word
from domain.placing import placed, plain_lines


def seen(*words: str) -> Page:
    """A line of words, each ten points wide."""
    placed_words = tuple(
        Word(word, Box(10.0 * at, 100, 10.0 * at + 9, 112)) for at, word in enumerate(words)
    )
    return Page(1, (Line(" ".join(words), Box(0, 100, 90, 112), placed_words),))


def test_markdown_becomes_lines_as_they_are_printed() -> None:
    markdown = (
        "# SECTION C\n\n**C.1** The *contractor* shall\n![img-0.jpeg](img-0.jpeg)\n"
        "| Item | Qty |\n| --- | :-: |\n| Gloves | 5\\* |\n> See [clause](https://x.test/a)\n---\n"
    )
    assert list(plain_lines(markdown)) == [
        "SECTION C",
        "C.1 The contractor shall",
        "Item Qty",
        "Gloves 5*",
        "See clause",
    ]


def test_what_both_have_stands_where_it_was_seen() -> None:
    [line] = placed(["The contractor shall"], seen("The", "contractor", "shall"))
    assert [word.box.left for word in line.words] == [0, 10, 20]
    assert line.box == Box(0, 100, 29, 112)


def test_a_word_that_was_misread_takes_the_place_of_its_misreading() -> None:
    [line] = placed(["The contractor shall"], seen("The", "contraclor", "shall"))
    assert [(word.text, word.box.left) for word in line.words][1] == ("contractor", 10)


def test_a_word_that_was_not_seen_stands_by_its_neighbour() -> None:
    [line] = placed(["The contractor always shall"], seen("The", "contractor", "shall"))
    assert line.text == " ".join(word.text for word in line.words)
    assert line.words[2].box.left in {10, 20}


def test_a_line_of_which_nothing_was_seen_has_no_place() -> None:
    first, second = placed(["The contractor", "Never mind"], seen("The", "contractor"))
    assert first.box
    assert (second.text, second.box, second.words) == ("Never mind", None, ())
