"""Whose duty a sentence states, by tables: the guideline's cases in other words."""

import pytest

from domain.requirements.duties import Setting, duty_of
from domain.requirements.models import Duty


@pytest.mark.parametrize(
    ("section", "sentence", "expected"),
    [
        ("C", "The Contractor shall calibrate each pump every six months.", "contractor shall"),
        ("C", "Within five days of award, the vendor shall name a manager.", "contractor shall"),
        ("C", "The tubing must be latex free.", "contractor must"),
        ("C", "Travel must be approved by the COR before it is booked.", "contractor must"),
        ("C", "Training to be provided on site.", "contractor required"),
        ("C", "Current BLS certification required.", "contractor required"),
        ("C", "Proof of immunization is required for all staff.", "contractor required"),
        ("C", "Response time is 4 hours.", "contractor states"),
        ("L", "Offerors are reminded to sign the quote.", "offeror should"),
        ("L", "The Government requests that offerors hold prices.", "offeror should"),
        ("M", "The Government may use information from other sources.", "government states"),
        ("C", "The portal will display results within one second.", "contractor will"),
        ("C", "Contractor staff are required to wear badges.", "contractor required"),
        ("C", "The contractor is responsible for disposal of all waste.", "contractor required"),
        ("C", "The monitor should weigh less than 4 pounds.", "contractor should"),
        ("C", "The contractor shall not subcontract this work.", "contractor prohibited"),
        ("C", "Smoking is prohibited in all buildings.", "contractor prohibited"),
        ("C", "Deliver all items to the loading dock.", "contractor imperative"),
        ("C", "If the unit fails, replace it at no cost.", "contractor imperative"),
        ("I", "The Contractor agrees to hold the price firm.", "contractor agrees"),
        ("L", "Quotes shall be valid for 60 days.", "offeror shall"),
        ("L", "Please send questions to the buyer.", "offeror should"),
        ("L", "No late quotes will be accepted.", "offeror prohibited"),
        ("L", "Quotes are due by 2:00 PM ET on May 4, 2027.", "offeror states"),
        (
            "L",
            "Offers received after the closing time will not be considered.",
            "offeror consequence",
        ),
        ("L", "Failure to sign the form may result in rejection.", "offeror consequence"),
        ("K", "The offeror represents that it [ ] is, [ ] is not a small firm.", "offeror agrees"),
        (
            "L",
            "It is the responsibility of the offeror to check for amendments.",
            "offeror required",
        ),
        ("M", "Proposals will be evaluated for technical merit.", "government states"),
        ("M", "The Government intends to award without discussions.", "government states"),
        ("M", "Technical approach is more important than price.", "government states"),
        ("M", "A missing plan will be rated UNACCEPTABLE.", "government states"),
    ],
)
def test_duties(section: str, sentence: str, expected: str) -> None:
    duty = duty_of(sentence, Setting(section))
    assert duty is not None
    assert f"{duty.actor} {duty.modality}" == expected


@pytest.mark.parametrize(
    ("section", "sentence"),
    [
        ("C", "Day means a calendar day that shall be counted from award."),
        ("C", "The COR will inspect the work at each visit."),
        ("C", "Training dates will be set by the laboratory."),
        ("C", "If roads are closed, the clinic will tell you."),
        ("C", "Government furnished equipment to be returned is listed in Appendix A."),
        ("G", "The COR is not authorized to change the contract."),
        ("C", "The Government shall provide access to the building."),
        ("C", "The Contractor may use its own forms."),
        ("C", "The contractor need not keep paper copies."),
        ("C", "The contractor shall not be required to provide parking."),
        ("C", "The laboratory serves 40,000 patients a year."),
        ("C", "Keys will be provided by the Government."),
        ("I", "This clause shall apply to all orders."),
        ("I", "The Contractor shall be liable for loss."),
        ("I", "Title to the items shall pass to the Government upon acceptance."),
        ("I", "The Contractor shall be paid monthly."),
        ("I", "The Government may extend the term by written notice."),
        ("L", "Offers may be sent by courier."),
        ("L", "For more information contact the help desk."),
        ("L", "The full text may be accessed at the address below."),
    ],
)
def test_no_duties(section: str, sentence: str) -> None:
    assert duty_of(sentence, Setting(section)) is None


def test_a_short_name_of_the_agency_is_the_government() -> None:
    sentence = "CHMC shall provide a desk for the technician."
    assert duty_of(sentence, Setting("C", frozenset({"chmc"}))) is None
    assert duty_of(sentence, Setting("C")) == Duty("contractor", "shall")
