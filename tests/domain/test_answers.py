from domain.answers import Passage, candidates, rank, words
from tests.embedding import KeywordEmbedder

PASSAGES = [
    Passage("Delivery", "Scanners shall be delivered within 30 days. Boxes are marked.", 3),
    Passage("Offers", "Quotes are due on February 12 at noon. Sign them.", 5),
    Passage("Offers", "Quotes are due on February 12 at noon.", 6),
]


def answers(question: str) -> list[str]:
    found = candidates(PASSAGES)
    vector, *vectors = KeywordEmbedder().embed([question, *(one.text for one in found)])
    return [one.candidate.text for one in rank(question, vector, found, vectors)]


def test_the_sentence_that_answers_comes_first_and_once() -> None:
    assert answers("When are quotes due?") == ["Quotes are due on February 12 at noon."]


def test_what_the_passages_do_not_say_has_no_answer() -> None:
    assert answers("Is a site visit required?") == []


def test_a_question_without_words_of_its_own_has_no_answer() -> None:
    assert answers("What is it?") == []


def test_crumbs_are_no_candidates() -> None:
    assert "Sign them." not in [one.text for one in candidates(PASSAGES)]


def test_endings_are_no_difference() -> None:
    assert words("the scanners marked") == words("a scanner marking")
