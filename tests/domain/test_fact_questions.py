import pytest

from domain.fact_questions import asked_facts


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("When are offers due?", "response_deadline"),
        ("When is the quote due?", "response_deadline"),
        ("What is the deadline for proposals?", "response_deadline"),
        ("By what date must responses be received", "response_deadline"),
        ("until when can we submit a bid?", "response_deadline"),
        ("When does the solicitation close?", "response_deadline"),
        ("What is the due date?", "response_deadline"),
        ("Deadline?", "response_deadline"),
        ("When must we deliver our proposal?", "response_deadline"),
        ("When must we submit?", "response_deadline"),
        ("Until when may questions be asked?", "questions_due"),
        ("What is the cutoff for questions about the quote?", "questions_due"),
        ("How late can inquiries be sent?", "questions_due"),
        ("What is the page limit?", "page_limit"),
        ("How many pages may the technical volume have?", "page_limit"),
        ("How long may the proposal be?", "page_limit"),
        ("Which NAICS code applies?", "naics"),
        ("What is the size standard?", "naics"),
        ("Is this set aside?", "set_aside"),
        ("Is it a small business set-aside?", "set_aside"),
        ("Is it reserved for veteran-owned companies?", "set_aside"),
        ("Is it for small businesses only?", "set_aside"),
        ("How do I contact the buyer?", "contact"),
        ("What is the buyer's e-mail?", "contact"),
        ("Who is the point of contact?", "contact"),
        ("Whom do I contact?", "contact"),
        ("Who is the contracting officer?", "contact"),
        ("What is the email address of the buyer?", "contact"),
        ("What are the evaluation factors?", "evaluation_factor"),
        ("How will quotes be evaluated?", "evaluation_factor"),
        ("What is the solicitation number?", "solicitation_number"),
    ],
)
def test_a_question_for_a_fact_is_known_by_its_words(question: str, name: str) -> None:
    assert asked_facts(question) == (name,)


@pytest.mark.parametrize(
    "question",
    [
        "When must the scanners be delivered?",
        "When is the award made after quotes are in?",
        "When is payment due?",
        "When must reports be submitted?",
        "When is the pre-proposal conference?",
        "When is the site visit for this solicitation?",
        "How long must offers remain valid?",
        "When was the solicitation issued?",
        "When will quotes be evaluated?",
        "When will questions be answered?",
        "Who shall train the nurses?",
        "How long is the warranty?",
        "What does the offer have to contain?",
        "Which pages of the manual describe cleaning?",
        "Who pays for delivery?",
        "Must the contractor answer questions of the staff?",
    ],
)
def test_other_questions_ask_for_no_fact(question: str) -> None:
    assert asked_facts(question) == ()
