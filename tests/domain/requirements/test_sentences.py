import pytest

from domain.requirements.sentences import sentence_spans


@pytest.mark.parametrize(
    "sentences",
    [
        ["Send it to Acme Inc. in Ohio.", "Then wait."],
        ["See 41 U.S.C. 3901 note prec.", "The clause stands."],
        ["It applies (see par. 2. It is long) here.", "Next."],
        ["[Complete only if small.] The offeror represents that it is.", "Done."],
        ["It complies with (a) through (c).", "[The offeror shall enter the name: __.]"],
        ["Quotes are due at 2:00 p.m. local time.", "Late quotes are lost."],
        ["Ship F.O.B. Dest. to the dock.", "Mark it."],
        ["(Failure to sign means rejection.)", "Sign here."],
    ],
)
def test_sentences(sentences: list[str]) -> None:
    text = " ".join(sentences)
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences
