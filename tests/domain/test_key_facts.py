from datetime import UTC, datetime

import pytest

from domain.key_facts import key_facts, moment_of
from domain.pages import Line, Page
from domain.requirements.models import Contact, Deadline, Factor, KeyFacts, PageLimit

PAGES = [
    Page(
        1,
        (
            Line("Solicitation 36C24726Q0269, NAICS: 333120"),
            Line("This acquisition is a total service-disabled veteran-owned small business"),
            Line("set-aside. Issued 02-01-2026."),
            Line("Offers are due 02-12-2026"),
            Line("1300"),
            Line("EST"),
        ),
    ),
    Page(
        2,
        (
            Line("Call Nemiah Mitchell, 334.727.0550, or mail buyer@va.gov."),
            Line("The technical volume shall not exceed ten (10) pages."),
            Line("Evaluation factors: Technical (60 %), Price"),
        ),
    ),
]


def test_each_fact_comes_with_its_page_and_its_words() -> None:
    facts = KeyFacts(
        solicitation_number="36C24726Q0269",
        response_deadline=Deadline("2026-02-12", "13:00", "EST"),
        set_aside="SDVOSBC",
        naics="333120",
        contacts=(Contact(phone="334-727-0550"), Contact(email="Buyer@VA.gov")),
        page_limits=(PageLimit("technical", 10),),
        evaluation_factors=(Factor("Technical", "60 %"),),
    )
    found = [(fact.name, fact.value, fact.quote.page) for fact in key_facts(PAGES, facts)]
    assert found == [
        ("solicitation_number", "36C24726Q0269", 1),
        ("response_deadline", "2026-02-12 13:00 EST", 1),
        ("set_aside", "SDVOSBC", 1),
        ("naics", "333120", 1),
        ("contact", "334-727-0550", 2),
        ("contact", "Buyer@VA.gov", 2),
        ("page_limit", "10", 2),
        ("evaluation_factor", "Technical", 2),
    ]


def test_a_deadline_is_quoted_with_its_time_and_zone_and_not_another_date() -> None:
    facts = KeyFacts(response_deadline=Deadline("2026-02-12", "13:00", "EST"))
    [fact] = key_facts(PAGES, facts)
    assert fact.quote.text == "Offers are due 02-12-2026 1300 EST"
    assert fact.at
    assert fact.at.astimezone(UTC) == datetime(2026, 2, 12, 18, tzinfo=UTC)


def test_what_is_not_in_the_pages_is_not_shown() -> None:
    facts = KeyFacts(
        solicitation_number="W9113M26R0001",
        response_deadline=Deadline("2027-01-01", "13:00", "EST"),
        naics="999999",
        contacts=(Contact(email="nobody@va.gov"), Contact(name="Nobody")),
        page_limits=(PageLimit("technical", 25),),
        evaluation_factors=(Factor("Sustainability"),),
    )
    assert key_facts(PAGES, facts) == ()


def test_a_form_that_prints_the_hour_first_has_a_deadline() -> None:
    form = Page(1, (Line("8. OFFER DUE DATE/LOCAL TIME"), Line("10:00 AM 24 Sep 2013")))
    [fact] = key_facts([form], KeyFacts())
    assert (fact.value, fact.at) == ("2013-09-24 10:00", None)


@pytest.mark.parametrize(
    ("zone", "hour"),
    [("EST", 17), ("EDT", 17), ("ET", 17), ("Eastern Time", 17), ("CST", 18), ("HST", 23)],
)
def test_a_printed_zone_is_the_time_that_its_city_has_then(zone: str, hour: int) -> None:
    moment = moment_of(Deadline("2026-07-01", "13:00", zone))
    assert moment
    assert moment.astimezone(UTC).hour == hour


def test_local_time_is_no_moment() -> None:
    assert moment_of(Deadline("2026-07-01", "13:00", None)) is None
