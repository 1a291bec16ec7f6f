"""Key facts, line items and deadlines."""

import pytest

from domain.pages import Cell, Line, Page
from domain.requirements import extract
from domain.requirements.deadlines import deadline_in
from domain.requirements.dues import due_of
from domain.requirements.line_items import line_items
from domain.requirements.models import Contact, Deadline, Factor, KeyFacts, LineItem, PageLimit


def lines(text: str) -> Page:
    return Page(1, tuple(Line(line) for line in text.splitlines()))


def table(*rows: tuple[str, ...]) -> Page:
    cells = [
        Line(text, cell=Cell(0, row, column))
        for row, texts in enumerate(rows)
        for column, text in enumerate(texts)
        if text
    ]
    return Page(1, tuple(cells))


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
    assert line_items([lines(text)]) == (
        LineItem("0001", "Rental of one mobile lab", 12, "MO"),
        LineItem("0002", "Spare filters", 4, "EA"),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "CLIN 0001: Monitor or equal. Quantity: 64 EA\nCLIN 0002 - Mount. Qty 8 each",
            [("0001", "Monitor or equal", 64, "EA"), ("0002", "Mount", 8, "EACH")],
        ),
        ("Item 1 \u2013 Gloves, medium, 100 boxes", [("1", "Gloves, medium", 100, "BOXES")]),
        (
            "CLIN 1001, Quantity 12 Unit: Months Description: Laundry",
            [("1001", "Laundry", 12, "MONTHS")],
        ),
        (
            "Item Description Qty Unit Price\n1 Exam table, power 4 EA $____\n2 Stool 4 EA $____",
            [("1", "Exam table, power", 4, "EA"), ("2", "Stool", 4, "EA")],
        ),
        ("Prices for CLIN 0001 shall include travel for 12 months.", []),
    ],
)
def test_line_items_in_running_text(text: str, expected: list[tuple[str, str, float, str]]) -> None:
    assert line_items([lines(text)]) == tuple(LineItem(*item) for item in expected)


def test_line_items_of_a_table_with_its_own_heads() -> None:
    page = table(
        ("CLIN", "Item", "Qty", "U/I", "Unit price"),
        ("0001", "Housekeeping", "12", "MO", ""),
        ("", "in two buildings", "", "", ""),
        ("1001 OPTION", "Housekeeping", "12 Months", "", "$"),
    )
    assert line_items([page]) == (
        LineItem("0001", "Housekeeping in two buildings", 12, "MO"),
        LineItem("1001", "Housekeeping", 12, "MONTHS"),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("This RFQ [X] is [ ] is not a small business set-aside.", "SBA"),
        ("This RFQ [ ] is [X] is not a small business set-aside.", "NONE"),
        ("[ ] UNRESTRICTED OR [X] SET ASIDE: 100 % FOR: [ ] HUBZONE [X] WOMEN-OWNED", "WOSB"),
        ("Set-aside: None (full and open)", "NONE"),
        (
            "The order is reserved for service-disabled veteran-owned small business firms.",
            "SDVOSBC",
        ),
        ("If an item is reserved for small business, the clause says so.", None),
    ],
)
def test_set_asides(text: str, expected: str | None) -> None:
    assert facts(text).set_aside == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Proposals are scored: Schedule 40 points; Technical Merit 35 points; Price 25 points.",
            [("Schedule", "40 points"), ("Technical Merit", "35 points"), ("Price", "25 points")],
        ),
        (
            "Approach is more important than Staffing, which is more important than Price.",
            [("Approach", None), ("Staffing", None), ("Price", None)],
        ),
    ],
)
def test_factors_in_a_sentence(text: str, expected: list[tuple[str, str | None]]) -> None:
    assert facts(text).evaluation_factors == tuple(Factor(*factor) for factor in expected)


def test_a_telephone_is_found_by_the_surname_of_the_address() -> None:
    found = facts(
        "Send quotes to rosa.quiller@va.gov by May 4, 2027, 2:00 PM CST.",
        "Rosa Quiller may be reached at 909-555-0100.",
    )
    assert found.contacts == (Contact("Rosa Quiller", "rosa.quiller@va.gov", "909-555-0100"),)
    assert found.response_deadline == Deadline("2027-05-04", "14:00", "CST")


@pytest.mark.parametrize(
    ("printed", "email", "name"),
    [
        ("Contract Specialist Ann B. Ollery", "aollery@army.mil", "Ann B. Ollery"),
        ("FOR INFORMATION: MARIT DUNLEAVY", "marit.dunleavy@dla.mil", "Marit Dunleavy"),
        ("Specialist: Delia Yazzie-Moore", "delia.yazziemoore@ihs.gov", "Delia Yazzie-Moore"),
        ("Contracting Officer: Tom Reede", "acquisition@ihs.gov", None),
        ("Contracting Officer: Tom Reede", "ann.reede@ihs.gov", None),
    ],
)
def test_a_name_is_that_which_the_address_is_made_of(
    printed: str, email: str, name: str | None
) -> None:
    found = facts(f"E-mail quotes to {email} before noon.", "No visit is held.", printed)
    assert [contact.name for contact in found.contacts] == [name]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("This is a competitive 8(a) set-aside.", "8A"),
        ("Simplified acquisition. Total small\nbusiness set-aside, NAICS 334510.", "SBA"),
        ("NAICS INFORMATION Set-Aside: Unrestricted (Full and Open) NAICS Code: 325120", "NONE"),
    ],
)
def test_a_set_aside_in_running_words(text: str, expected: str) -> None:
    assert facts(text).set_aside == expected


def test_weights_without_a_sign_in_a_column_of_points() -> None:
    page = table(("Factor", "Points"), ("Approach", "40"), ("Price", "60"))
    assert extract([page]).facts.evaluation_factors == (
        Factor("Approach", "40"),
        Factor("Price", "60"),
    )


def test_page_limits_of_a_table() -> None:
    page = table(
        ("Volume", "Title", "Page limit"),
        ("I", "Technical approach", "15 pages"),
        ("II", "Past performance", "5"),
        ("III", "Price", "No limit"),
    )
    assert extract([page]).facts.page_limits == (
        PageLimit("technical", 15),
        PageLimit("past performance", 5),
    )


def test_nothing_said_is_nothing_found() -> None:
    assert facts("The clinic is open all year.") == KeyFacts()
