"""Invented notices, the same for the same number: rows as in SAM.gov's bulk file."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TypeVar
from uuid import UUID

from cluster.clients.sam_gov_records import CSV_COLUMNS
from cluster.servers.sam_gov_sandbox import vocabulary
from cluster.servers.sam_gov_sandbox.vocabulary import Item, Office

Row = dict[str, str]
T = TypeVar("T")

MEDICAL_SHARE = 0.38
_ZONES = (-4, -5, -6, -7, -10, 9)
_EASTERN = timezone(timedelta(hours=-4))


@dataclass(frozen=True, slots=True)
class Draft:
    """What a notice and those that follow it up have in common."""

    item: Item
    office: Office
    solicitation_number: str
    title: str


def notice(number: int, posted: datetime, *, always_medical: bool = False) -> Row:
    """The notice of this number. One in five follows an earlier one up: an amendment, or an award.

    Such a one has a notice id of its own and shares the solicitation number.
    """
    dice = random.Random(f"notice {number}")  # noqa: S311 - it is to be the same each time
    roots = number - dice.randrange(1, 120)
    follows = not always_medical and dice.random() < 0.2 and roots >= 0
    draft = _draft(roots if follows else number, always_medical)
    row = dict.fromkeys(CSV_COLUMNS, "")
    row |= _identity(dice, draft, posted) | _buyer(dice, draft) | _codes(dice, draft)
    row |= _dates(dice, posted) | {"Description": _description(dice, draft)}
    if follows:
        row |= _award(dice, posted) if dice.random() < 0.4 else {"Title": _amended(dice, draft)}
    return row


def _draft(number: int, always_medical: bool) -> Draft:
    dice = random.Random(f"draft {number}")  # noqa: S311
    kind = "medical" if always_medical or dice.random() < MEDICAL_SHARE else "other"
    item = dice.choice([item for item in vocabulary.items() if item.kind == kind])
    office = dice.choice([office for office in vocabulary.offices() if office.kind == kind])
    year = 26
    serial = f"{office.aac_code}{year}{dice.choice('QRTQ')}{number % 10_000:04d}"
    style = dice.randrange(3)
    title = (
        item.title,
        f"{item.psc[:2]}--{item.title.upper()}",
        f"{item.title} - {office.city.title()}, {office.state}",
    )[style]
    return Draft(item, office, serial, title)


def _identity(dice: random.Random, draft: Draft, posted: datetime) -> Row:
    kind = _weighted(dice, vocabulary.TYPES)
    key = UUID(int=dice.getrandbits(128)).hex
    local = posted.astimezone(_EASTERN)
    return {
        "NoticeId": key,
        "Title": draft.title,
        "Sol#": draft.solicitation_number,
        "PostedDate": f"{local:%Y-%m-%d %H:%M:%S}.{local.microsecond // 1000:03d}-04",
        "Type": kind,
        "BaseType": kind,
        "Active": "Yes",
        "Link": f"https://sam.gov/workspace/contract/opp/{key}/view",
    }


def _buyer(dice: random.Random, draft: Draft) -> Row:
    office = draft.office
    zip_code = f"{dice.randrange(10000, 99999)}"
    plus = f"{dice.randrange(1000, 9999)}"
    row = {
        "Department/Ind.Agency": office.department,
        "CGAC": office.cgac,
        "Sub-Tier": office.sub_tier,
        "FPDS Code": office.fpds_code,
        "Office": office.office,
        "AAC Code": office.aac_code,
        "OrganizationType": "OFFICE",
        "State": office.state,
        "City": office.city,
        "ZipCode": dice.choice([zip_code, f"{zip_code}-{plus}", f"{zip_code}{plus}"]),
        "CountryCode": "US" if dice.random() < 0.01 else "USA",
        "PrimaryContactFullname": f"Contracting Officer {dice.randrange(100, 999)}",
        "PrimaryContactEmail": f"contracting.{dice.randrange(100, 999)}@agency.example",
    }
    if dice.random() < 0.4:
        place = {"PopState": office.state, "PopCity": office.city.title(), "PopZip": zip_code}
        row |= {**place, "PopCountry": "USA"}
    return row


def _codes(dice: random.Random, draft: Draft) -> Row:
    set_asides = [((code, name), weight) for code, name, weight in vocabulary.SET_ASIDES]
    code, name = _weighted(dice, set_asides)
    return {
        "SetASideCode": code,
        "SetASide": name,
        "NaicsCode": draft.item.naics[:4] if dice.random() < 0.01 else draft.item.naics,
        "ClassificationCode": draft.item.psc[:2] if dice.random() < 0.2 else draft.item.psc,
    }


def _dates(dice: random.Random, posted: datetime) -> Row:
    """Deadlines as SAM.gov tells them: mostly a minute with its offset, often just a day."""
    due = posted + timedelta(days=dice.randrange(5, 45))
    luck = dice.random()
    hour, offset = dice.choice((10, 12, 14, 16, 17)), dice.choice(_ZONES)
    minute = f"{due:%Y-%m-%d}T{hour:02d}:00:00"
    sign = "-" if offset < 0 else "+"
    told = f"{minute}{sign}{abs(offset):02d}:00"
    if luck < 0.085:
        told = ""
    elif luck < 0.4:
        told = f"{due:%Y-%m-%d}"
    elif luck < 0.405:
        told = minute
    archive = f"{due + timedelta(days=15):%Y-%m-%d}"
    archive_type = dice.choice(["auto15", "autocustom"])
    return {"ResponseDeadLine": told, "ArchiveType": archive_type, "ArchiveDate": archive}


def _award(dice: random.Random, posted: datetime) -> Row:
    amount = f"{dice.randrange(8_000, 4_000_000)}.{dice.randrange(100):02d}"
    return {
        "Type": "Award Notice",
        "ResponseDeadLine": "",
        "ArchiveDate": f"{posted + timedelta(days=30):%Y-%m-%d}",
        "AwardNumber": f"AW{dice.randrange(10**6):06d}P{dice.randrange(10**4):04d}",
        "AwardDate": f"{posted - timedelta(days=dice.randrange(1, 9)):%Y-%m-%d}",
        "Award$": f"{amount}000000" if dice.random() < 0.2 else amount,
        "Awardee": f"{dice.choice(vocabulary.FIRMS)} ",
    }


def _amended(dice: random.Random, draft: Draft) -> str:
    """One in four repeats its title to the letter; others say which amendment they are."""
    return (
        draft.title
        if dice.random() < 0.25
        else f"{draft.title} (Amendment 000{dice.choice('123')})"
    )


def _description(dice: random.Random, draft: Draft) -> str:
    """Three to seven sentences; one in three is HTML, and a few notices have no text."""
    if dice.random() < 0.015:
        return ""
    terms = vocabulary.MEDICAL_TERMS if draft.item.kind == "medical" else vocabulary.OTHER_TERMS
    chosen = [
        dice.choice(vocabulary.OPENINGS),
        dice.choice(vocabulary.QUANTITIES),
        dice.choice(vocabulary.FEATURES),
        *dice.sample(terms, k=dice.randrange(1, 4)),
        *dice.sample(vocabulary.CLOSINGS, k=dice.randrange(1, 3)),
    ]
    facts = {
        "office": draft.office.office,
        "title": draft.item.title,
        "city": draft.office.city.title(),
        "state": draft.office.state,
        "unit": draft.item.unit,
        "features": draft.item.features,
        "quantity": f"{dice.choice((6, 12, 24, 40, 120, 250, 500, 1_200, 5_000, 20_000)):,}",
        "months": str(dice.choice((3, 6, 12, 24))),
    }
    sentences = [sentence.format(**facts) for sentence in chosen]
    if dice.random() < 0.33:
        return "".join(f"<p>{sentence}</p>" for sentence in sentences)
    return " ".join(sentences)


def _weighted(dice: random.Random, choices: Sequence[tuple[T, int]]) -> T:
    values, weights = zip(*choices, strict=True)
    chosen: T = dice.choices(values, weights)[0]
    return chosen
