"""Companies that the sandbox knows: invented, and the same every time."""

import random
from collections.abc import Mapping
from typing import Any

COUNT = 50

_FIRST = ("Alder", "Bluff", "Cobalt", "Delta", "Ember", "Fairway", "Granite", "Harbor", "Iron")
_SECOND = ("Medical Supply", "Surgical", "Health Logistics", "Diagnostics", "Care Products")
_NAICS = ("339112", "339113", "339114", "423450", "424210", "325413", "621511")
_PSC = ("6505", "6510", "6515", "6520", "6525", "6530", "6532", "6550")
_TYPES = {
    "2X": "For Profit Organization",
    "A5": "Veteran Owned Business",
    "QF": "Service Disabled Veteran Owned Business",
    "A2": "Woman Owned Business",
    "8W": "Woman Owned Small Business",
}
_CERTIFIED = {
    "A6": "SBA Certified 8A Program Participant",
    "XX": "SBA Certified HUBZone Firm",
}


def uei_of(number: int) -> str:
    """From 1 to `COUNT`."""
    return f"SANDBOX{number:05d}"


def entities(uei: str) -> dict[str, Any]:
    """The envelope of `/entity-information/v3/entities?ueiSAM=`. No such company: no rows."""
    found = [_entity(number) for number in range(1, COUNT + 1) if uei_of(number) == uei]
    return {"totalRecords": len(found), "entityData": found, "links": {}}


def _entity(number: int) -> Mapping[str, Any]:
    chance = random.Random(number)  # noqa: S311 - no secret
    naics = chance.sample(_NAICS, 3)
    types = ["2X", *chance.sample(sorted(set(_TYPES) - {"2X"}), 2)]
    certified = chance.sample(sorted(_CERTIFIED), number % 2)
    return {
        "entityRegistration": {
            "samRegistered": "Yes",
            "ueiSAM": uei_of(number),
            "cageCode": f"{number:05d}",
            "legalBusinessName": f"{chance.choice(_FIRST)} {chance.choice(_SECOND)} {number}",
            "registrationStatus": "Active",
        },
        "coreData": {
            "physicalAddress": {"stateOrProvinceCode": "TX", "countryCode": "USA"},
            "businessTypes": {
                "businessTypeList": [
                    {"businessTypeCode": code, "businessTypeDesc": _TYPES[code]} for code in types
                ],
                "sbaBusinessTypeList": [
                    {"sbaBusinessTypeCode": code, "sbaBusinessTypeDesc": _CERTIFIED[code]}
                    for code in certified
                ]
                or None,
            },
        },
        "assertions": {
            "goodsAndServices": {
                "primaryNaics": naics[0],
                "naicsList": [
                    {"naicsCode": code, "sbaSmallBusiness": chance.choice("YN")} for code in naics
                ],
                "pscList": [{"pscCode": code} for code in chance.sample(_PSC, 3)],
            }
        },
    }
