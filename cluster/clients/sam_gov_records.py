"""SAM.gov's records, from its API and its bulk file, as notices of ours."""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cluster.clients import sam_gov_values as values
from cluster.clients.sam_gov_values import DESCRIPTION_CUT, present
from domain.notice import Award, Notice

READER = 1
"""Version of this reading: when it learns to read more, every record counts as told anew."""

Record = Mapping[str, Any]

CSV_COLUMNS = tuple(
    """NoticeId,Title,Sol#,Department/Ind.Agency,CGAC,Sub-Tier,FPDS Code,Office,AAC Code,PostedDate,
    Type,BaseType,ArchiveType,ArchiveDate,SetASideCode,SetASide,ResponseDeadLine,NaicsCode,
    ClassificationCode,PopStreetAddress,PopCity,PopState,PopZip,PopCountry,Active,AwardNumber,
    AwardDate,Award$,Awardee,PrimaryContactTitle,PrimaryContactFullname,PrimaryContactEmail,
    PrimaryContactPhone,PrimaryContactFax,SecondaryContactTitle,SecondaryContactFullname,
    SecondaryContactEmail,SecondaryContactPhone,SecondaryContactFax,OrganizationType,State,City,
    ZipCode,CountryCode,AdditionalInfoLink,Link,Description""".replace("\n    ", "").split(",")
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one record of a source tells of a notice.

    `digest` is of the record itself: equal for a record told again. `contacts` hold people, firms
    and streets by kind, and belong into an erasable table.
    """

    notice: Notice
    digest: str
    description: str | None = None
    contacts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record as its source told it: the id that it claims, its place, and how to read it."""

    key: str
    place: str
    record: Record
    read: Callable[[Record], Sighting]


def digest_of(record: Record) -> str:
    text = json.dumps([READER, record], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def describe(text: str) -> dict[str, str | None]:
    """The fields of a notice that stand for a description, which itself lies elsewhere."""
    start = text[:DESCRIPTION_CUT] if len(text) > DESCRIPTION_CUT else None
    return {
        "description_digest": text_digest(text),
        "description_start": start and text_digest(start),
    }


def text_digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def from_csv(row: Record) -> Sighting:
    """One row of the bulk file, by column. Raises `ValueError` (pydantic's, too) if unreadable."""
    description = _bulk_description(row["Description"])
    told = {
        "notice_id": _required(row["NoticeId"], "NoticeId"),
        "title": present(row["Title"]) or "",
        "solicitation_number": present(row["Sol#"]),
        "type": values.notice_type(row["Type"]),
        "base_type": values.notice_type(row["BaseType"]),
        "posted_date": values.moment(row["PostedDate"]),
        "response_deadline": values.moment(row["ResponseDeadLine"]),
        "archive_date": values.day(row["ArchiveDate"]),
        "archive_type": (present(row["ArchiveType"]) or "").lower() or None,
        "set_aside": values.set_aside(row["SetASideCode"]),
        "naics": present(row["NaicsCode"]),
        "psc": present(row["ClassificationCode"]),
        "is_active": _yes(row["Active"]),
        "office_address": values.place(
            row["City"], row["State"], row["ZipCode"], row["CountryCode"]
        ),
        "place": values.place(row["PopCity"], row["PopState"], row["PopZip"], row["PopCountry"]),
        "award": _award(row["AwardNumber"], row["AwardDate"], row["Award$"]),
        "additional_info_link": present(row["AdditionalInfoLink"]),
        "ui_link": present(row["Link"]),
        **_if_told(
            organization_type=row["OrganizationType"],
            department=row["Department/Ind.Agency"],
            sub_tier=row["Sub-Tier"],
            office=row["Office"],
            cgac=row["CGAC"],
            fpds_code=row["FPDS Code"],
            aac_code=row["AAC Code"],
        ),
        **(describe(description) if description else {}),  # Its absence here erases none.
    }
    return Sighting(Notice.model_validate(told), digest_of(row), description, _csv_contacts(row))


def from_api(record: Record) -> Sighting:
    """One record of the v2 search. Raises `ValueError` (pydantic's, too) if it cannot be read."""
    told: dict[str, Any] = {
        "notice_id": _required(record.get("noticeId"), "noticeId"),
        **{name: read(record[key]) for key, name, read in _API_FIELDS if key in record},
        **_organisation(record),
        **_codes(record),
    }
    told["title"] = told.get("title") or ""
    if "placeOfPerformance" in record:
        told["place"] = _api_place(present(record["placeOfPerformance"]) or {})
    if "officeAddress" in record:
        office = present(record["officeAddress"]) or {}
        told["office_address"] = values.place(
            office.get("city"),
            office.get("state"),
            office.get("zipcode"),
            office.get("countryCode"),
        )
    if "award" in record:
        told["award"] = _api_award(present(record["award"]) or {})
    return Sighting(Notice.model_validate(told), digest_of(record), contacts=_api_contacts(record))


_API_FIELDS = (
    ("title", "title", present),
    ("solicitationNumber", "solicitation_number", present),
    ("type", "type", values.notice_type),
    ("baseType", "base_type", values.notice_type),
    ("postedDate", "posted_date", values.moment),
    ("responseDeadLine", "response_deadline", values.moment),
    ("archiveDate", "archive_date", values.day),
    ("archiveType", "archive_type", lambda value: (present(value) or "").lower() or None),
    ("typeOfSetAside", "set_aside", values.set_aside),
    ("classificationCode", "psc", present),
    ("active", "is_active", lambda value: _yes(value)),
    ("additionalInfoLink", "additional_info_link", present),
    ("uiLink", "ui_link", present),
    ("resourceLinks", "resource_links", lambda value: tuple(present(value) or ())),
)


def _bulk_description(value: Any) -> str | None:
    text = present(value)
    if text is None:
        return None
    if len(text) == DESCRIPTION_CUT + len("...") and text.endswith("..."):
        text = text[:DESCRIPTION_CUT]
    return values.readable(text) or None


def _required(value: Any, name: str) -> str:
    if not (told := present(value)):
        raise ValueError(f"{name} is missing")
    return str(told)


def _yes(value: Any) -> bool | None:
    return {"yes": True, "no": False}.get(str(value).strip().lower())


def _if_told(**told: Any) -> dict[str, Any]:
    return {name: value for name, raw in told.items() if (value := present(raw)) is not None}


def _codes(record: Record) -> dict[str, Any]:
    """`naicsCode` is the first of `naicsCodes`, and either may be missing."""
    if "naicsCode" not in record and "naicsCodes" not in record:
        return {}
    codes = tuple(code for raw in record.get("naicsCodes") or () if (code := present(raw)))
    first = present(record.get("naicsCode")) or (codes[0] if codes else None)
    return {"naics": first, "naics_codes": codes}


def _organisation(record: Record) -> dict[str, Any]:
    """Names and codes from the path. A name may hold the dot that divides names: codes do not."""
    codes = (present(record.get("fullParentPathCode")) or "").split(".")
    parts = (present(record.get("fullParentPathName")) or "").split(".")
    last = len(codes) - 1
    names = [*parts[:last], ".".join(parts[last:])] if len(parts) > len(codes) > 1 else parts
    kind = present(record.get("organizationType"))
    return _if_told(
        organization_type=kind,
        department=names[0],
        sub_tier=names[1] if len(names) > 1 else None,
        office=names[-1],
        cgac=codes[0],
        fpds_code=codes[1] if len(codes) > 1 else None,
        aac_code=codes[-1] if kind == "OFFICE" and len(codes) > 2 else None,
    )


def _api_place(told: Record) -> Any:
    city, state, country = (present(told.get(part)) or {} for part in ("city", "state", "country"))
    return values.place(city.get("name"), state.get("code"), told.get("zip"), country.get("code"))


def _award(number: Any, date: Any, amount: Any, uei: Any = None) -> Award | None:
    award = Award(
        number=present(number),
        date=values.moment(date),
        amount=values.amount(amount),
        awardee_uei=present(uei),
    )
    return None if award == Award() else award


def _api_award(told: Record) -> Award | None:
    uei = (present(told.get("awardee")) or {}).get("ueiSAM")
    return _award(told.get("number"), told.get("date"), told.get("amount"), uei)


def _csv_contacts(row: Record) -> dict[str, dict[str, str]]:
    people = {
        kind.lower(): _if_told(
            title=row[f"{kind}ContactTitle"],
            full_name=row[f"{kind}ContactFullname"],
            email=row[f"{kind}ContactEmail"],
            phone=row[f"{kind}ContactPhone"],
            fax=row[f"{kind}ContactFax"],
        )
        for kind in ("Primary", "Secondary")
    }
    others = {
        "awardee": _if_told(name=values.awardee(row["Awardee"])),
        "place": _if_told(street=row["PopStreetAddress"]),
    }
    return {kind: told for kind, told in (people | others).items() if told}


def _api_contacts(record: Record) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for person in present(record.get("pointOfContact")) or ():
        kind = "secondary" if person.get("type") == "secondary" else "primary"
        names = {"full_name": "fullName"}
        keys = ("title", "full_name", "email", "phone", "fax")
        found[kind] = _if_told(**{key: person.get(names.get(key, key)) for key in keys})
    won = present((present(record.get("award")) or {}).get("awardee")) or {}
    found["awardee"] = _if_told(name=values.awardee(won.get("name")))
    place = present(record.get("placeOfPerformance")) or {}
    found["place"] = _if_told(street=place.get("streetAddress"))
    return {kind: told for kind, told in found.items() if told}
