"""Key facts, line items and deadlines."""

import pytest

from domain.pages import Line, Page
from domain.requirements import extract
from domain.requirements.deadlines import deadline_in
from domain.requirements.dues import due_of
from domain.requirements.line_items import line_items
from domain.requirements.models import Deadline, KeyFacts, LineItem, PageLimit


def facts(*texts: str) -> KeyFacts:
    return extract([Page(1, tuple(Line(text) for text in texts))]).facts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("by 2:00 PM ET on May 4, 2027", Deadline("2027-05-04", "14:00", "ET")),
        ("05/04/2027 at 1400 hours Eastern Time", Deadline("2027-05-04", "14:00", "Eastern Time")),
        ("4 May 2027, 9:30 a.m. local time", Deadline("2027-05-04", "09:30", None)),
        ("12:00 noon CST 2027-05-04", Deadline("2027-05-04", "12:00", "CST")),
        ("13/45/2027", None),
    ],
)
def test_deadlines(text: str, expected: Deadline | None) -> None:
    assert deadline_in(text) == expected


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        ("The plan is due within ten (10) days after award.", "within ten (10) days after award"),
        ("Report defects immediately.", "immediately"),
        ("Submit reports no later than 5/3/2027 to the COR.", "no later than 5/3/2027"),
        ("The unit shall be blue.", None),
    ],
)
def test_dues(quote: str, expected: str | None) -> None:
    assert due_of(quote) == expected


def test_key_facts() -> None:
    found = facts(
        "Solicitation Number: 36C24127Q0123",
        "This acquisition is a total small business set-aside under NAICS code 339112.",
        "Questions must be submitted by 10:00 AM EST on 04/20/2027 to jane.roe@va.gov, the buyer.",
        "Quotes must be received no later than 2:00 PM EST on 05/04/2027.",
        "The technical volume shall not exceed ten (10) pages.",
        "The following factors will be used to evaluate offers:",
        "(1) Technical (60%)",
        "(2) Price (40%)",
    )
    assert found.solicitation_number == "36C24127Q0123"
    assert (found.set_aside, found.naics) == ("SBA", "339112")
    assert found.response_deadline == Deadline("2027-05-04", "14:00", "EST")
    assert found.questions_due == Deadline("2027-04-20", "10:00", "EST")
    assert [contact.email for contact in found.contacts] == ["jane.roe@va.gov"]
    assert found.page_limits == (PageLimit("technical", 10),)
    assert [(f.name, f.weight) for f in found.evaluation_factors] == [
        ("Technical", "60%"),
        ("Price", "40%"),
    ]


def test_an_amendment_sets_a_new_deadline() -> None:
    found = facts(
        "The due date for offers is extended from May 4, 2027 to May 11, 2027 at 2:00 PM EST."
    )
    assert found.response_deadline == Deadline("2027-05-11", "14:00", "EST")


def test_line_items() -> None:
    first = "0001 12.00 MO ____ ____\nRental of one mobile lab\nLOCAL STOCK NUMBER: 7\n"
    text = f"{first}0002\nSpare filters\n4\nEA\n"
    assert line_items(text) == (
        LineItem("0001", "Rental of one mobile lab", 12, "MO"),
        LineItem("0002", "Spare filters", 4, "EA"),
    )


def test_nothing_said_is_nothing_found() -> None:
    assert facts("The clinic is open all year.") == KeyFacts()
