from domain.line_items import schedule_items
from domain.pages import Line, Page


def page(text: str, number: int = 1) -> Page:
    return Page(number, tuple(Line(line.strip()) for line in text.splitlines() if line.strip()))


SCHEDULE = """
    B.2 PRICE/COST SCHEDULE
    0001
    1.00
    EA
    Bladder scanner with printer, NSN: 6515-01-512-1234
    Deliver within 30 days after award
    0002
    1,200
    BX
    Nitrile gloves, size M
    GRAND TOTAL
    B.3 DELIVERY SCHEDULE
    0001
    ATTN: Warehouse
    1826 Veterans Blvd.
    Dublin, GA 31021-0000
"""


def test_an_item_has_number_description_quantity_and_unit_from_its_page() -> None:
    scanner, gloves = schedule_items([page("Nothing here."), page(SCHEDULE, 2)])
    assert (scanner.number, scanner.quantity, scanner.unit) == ("0001", 1.0, "EA")
    assert scanner.description.text.startswith("Bladder scanner with printer")
    assert scanner.description.page == 2
    assert (gloves.number, gloves.quantity, gloves.unit) == ("0002", 1200.0, "BX")


def test_stock_number_delivery_and_place_are_quotes() -> None:
    scanner, gloves = schedule_items([page(SCHEDULE)])
    assert scanner.nsn
    assert scanner.nsn.text == "6515-01-512-1234"
    assert scanner.delivery
    assert scanner.delivery.text == "30 days after award"
    assert scanner.place
    assert scanner.place.text == "1826 Veterans Blvd. Dublin, GA 31021-0000"
    assert (gloves.nsn, gloves.delivery, gloves.place) == (None, None, None)


def test_a_schedule_that_lost_its_columns_is_read_too() -> None:
    text = "ITEM NO 0003\nQUANTITY UNIT UNIT PRICE 12 Each RUNTIME LICENSES FOR TARGET FFP\n"
    [item] = schedule_items([page(text)])
    assert (item.number, item.quantity, item.unit) == ("0003", 12.0, "EA")
    assert item.description.text == "RUNTIME LICENSES FOR TARGET"


def test_what_only_looks_like_an_item_is_none() -> None:
    assert schedule_items([page("2026 was a good year for 3 reasons.\nCall 0800 for help.")]) == ()
