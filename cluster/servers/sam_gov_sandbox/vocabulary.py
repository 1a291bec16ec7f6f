"""What the generator speaks of: items, offices, and the sentences that notices are made of."""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Item:
    kind: str
    title: str
    psc: str
    naics: str
    unit: str
    features: str


@dataclass(frozen=True, slots=True)
class Office:
    kind: str
    cgac: str
    department: str
    fpds_code: str
    sub_tier: str
    aac_code: str
    office: str
    state: str
    city: str


SET_ASIDES = (
    ("", "", 38),
    ("SBA", "Total Small Business Set-Aside (FAR 19.5)", 34),
    ("NONE", "No Set aside used", 8),
    ("SDVOSBC", "Service-Disabled Veteran-Owned Small Business Set Aside", 11),
    ("WOSB", "Women-Owned Small Business", 3),
    ("HZC", "HUBZone Set Aside", 3),
    ("8A", "8a Competed", 2),
    ('["SBA"]', "", 1),
)
"""Code, description, and how many of a hundred notices have it."""

TYPES = (
    ("Combined Synopsis/Solicitation", 44),
    ("Solicitation", 26),
    ("Sources Sought", 13),
    ("Presolicitation", 10),
    ("Special Notice", 7),
)

FIRMS = (
    "BLUE HERON MEDICAL SUPPLY LLC",
    "CEDAR RIDGE INSTRUMENTS INC.",
    "FOUR LAKES SURGICAL CORPORATION",
    "HARBOR LIGHT LOGISTICS LLC",
    "IRONWOOD TECHNICAL SERVICES INC",
    "KESTREL VETERAN PRODUCTS LLC",
    "NORTHERN PLAINS DIAGNOSTICS INC.",
    "SADDLE CREEK MANUFACTURING CO.",
)

OPENINGS = (
    "{office} intends to buy {title} for the facility in {city}, {state}.",
    "This is a requirement for {title} at {city}, {state}.",
    "{office} has a need for {title}, to be delivered to {city}, {state}.",
    "Quotes are requested for {title} in support of {city}, {state}.",
)
QUANTITIES = (
    "The estimated quantity is {quantity} ({unit}), ordered as needed over {months} months.",
    "The base period covers {quantity} ({unit}) within {months} months, with four options.",
    "Line 0001 is {quantity} ({unit}); partial deliveries are accepted within {months} months.",
)
FEATURES = (
    "Each offered product must provide {features}.",
    "The salient characteristics are: {features}.",
    "Offerors shall show in their literature how they meet these points: {features}.",
)
MEDICAL_TERMS = (
    "Items must be cleared by the Food and Drug Administration where that applies, and free of "
    "open recalls on the day of delivery.",
    "Only products from countries that the Trade Agreements Act designates are acceptable. State "
    "the country of origin for every line.",
    "A reseller must be authorized by the manufacturer and supply a letter that says so.",
    "Lot numbers and expiry dates must be printed on the outer carton; at least twelve months of "
    "shelf life remain on receipt.",
    "On-site instruction of clinical staff is part of the price.",
)
OTHER_TERMS = (
    "The contractor shall follow the safety rules of the site and sign in each day.",
    "Inspection and acceptance take place at destination.",
    "Drawings are available on request to those who are registered for them.",
    "Work hours are Monday to Friday, without federal holidays.",
)
CLOSINGS = (
    "Award goes to the lowest-priced offer that is technically acceptable.",
    "Offers are compared by technical merit, past performance and price, in that order.",
    "The government may award without discussions and in part.",
    "Questions are due in writing five days before the closing date; answers are posted here.",
)


@cache
def items() -> tuple[Item, ...]:
    return tuple(Item(**row) for row in _read("items.csv"))


@cache
def offices() -> tuple[Office, ...]:
    """Real offices, as SAM.gov's public data names them; what they buy here is invented."""
    return tuple(Office(**row) for row in _read("offices.csv"))


def _read(name: str) -> "csv.DictReader[str]":
    text = files(__package__).joinpath("data", name).read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())
