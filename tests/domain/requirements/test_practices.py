"""What the contractor does, told as practice: a duty where the work is described, no news."""

import pytest

from domain.requirements.duties import Setting, duty_of

TOLD = [
    ("C", "Supplier provides on-site training for up to twenty staff members at each location."),
    ("C", "Technicians performing service hold current manufacturer certification."),
    ("C", "The awardee has 30 days to complete installation."),
    ("C", "Deliveries are accepted Monday through Friday, 7:00 AM to 3:00 PM."),
    ("F", "All items shipped FOB Destination to the address below."),
    ("G", "Invoices are submitted electronically by May 31 of each year."),
    ("C", "A quarterly report of all service calls is submitted to the COR."),
    ("C", "Any damage to Government property is repaired at the Contractor's expense."),
    ("C", "Work outside these hours requires approval of the COR."),
    ("C", "The bed supports patients up to 500 pounds."),
]

NO_DUTY = [
    ("C", "The contractor currently provides two technicians."),
    ("C", "The clinic supports up to 300 patients a day."),
    ("C", "Shipments are delivered by the carrier."),
    ("C", "Item records are kept in three systems that do not agree."),
    ("C", "Sessions run from 7:30 a.m. to 4:00 p.m."),
    ("I", "Contractor furnishes all tools."),
    ("L", "Supplier provides on-site training."),
    ("C", "The ward holds about 20 beds, up to 25 in winter."),
]


@pytest.mark.parametrize(("section", "sentence"), TOLD)
def test_what_the_contractor_does_is_its_duty(section: str, sentence: str) -> None:
    duty = duty_of(sentence, Setting(section))
    assert duty is not None
    assert duty.actor == "contractor"


@pytest.mark.parametrize(("section", "sentence"), NO_DUTY)
def test_what_others_do_or_it_did_is_none(section: str, sentence: str) -> None:
    assert duty_of(sentence, Setting(section)) is None


@pytest.mark.parametrize(
    ("sentence", "modality"),
    [
        ("Written questions due February 13, 2026, 5:00 p.m. CST", "states"),
        ("Violation of this rule may lead to rejection of the proposal.", "consequence"),
        ("By signing the letter, the proposer accepts all terms in this RFP.", "agrees"),
        ("Only questions submitted in writing by February 20 will be answered.", "prohibited"),
    ],
)
def test_of_offers(sentence: str, modality: str) -> None:
    duty = duty_of(sentence, Setting("L"))
    assert duty is not None
    assert duty.modality == modality


@pytest.mark.parametrize("sentence", ["No site visit is planned.", "OFFER DUE DATE 03 Jun 2026"])
def test_news_about_offers_are_no_duty(sentence: str) -> None:
    assert duty_of(sentence, Setting("L")) is None
