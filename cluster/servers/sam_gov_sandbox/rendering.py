"""Rows of the bulk file as the v2 API tells them: at its lower precision, with its quirks."""

from typing import Any

from cluster.clients.sam_gov_records import text_digest

Row = dict[str, str]

PROD = "https://api.sam.gov/prod/opportunities"
FILES = "https://sam.gov/api/prod/opps/v3/opportunities/resources/files"

# How SAM.gov says "absent"; which of these is as good as random, and always the same.
_ABSENT = (None, None, "", "null")
_EMPTY_PLACE = {
    "streetAddress": "",
    "streetAddress2": "",
    "city": {"name": ""},
    "state": {"name": ""},
    "zip": "",
    "country": {"name": ""},
}


def to_api(row: Row, links: tuple[str, ...] = ()) -> dict[str, Any]:
    """One record of `opportunitiesData`."""
    key = row["NoticeId"]
    absent = _ABSENT[int(text_digest(key)[:2], 16) % len(_ABSENT)]
    names, codes = _path(row)
    return {
        "noticeId": key,
        "title": row["Title"],
        "solicitationNumber": row["Sol#"] or absent,
        "fullParentPathName": names,
        "fullParentPathCode": codes,
        "postedDate": row["PostedDate"][: len("2026-03-23")],
        "type": row["Type"],
        "baseType": row["BaseType"],
        "archiveType": row["ArchiveType"],
        "archiveDate": row["ArchiveDate"] or None,
        "typeOfSetAsideDescription": row["SetASide"] or absent,
        "typeOfSetAside": row["SetASideCode"] or absent,
        "responseDeadLine": row["ResponseDeadLine"] or None,
        "naicsCode": row["NaicsCode"] or None,
        "naicsCodes": [row["NaicsCode"] or None],
        "classificationCode": row["ClassificationCode"] or absent,
        "active": row["Active"],
        "award": _award(row),
        "pointOfContact": _people(row) or None,
        "description": f"{PROD}/v1/noticedesc?noticeid={key}",
        "organizationType": row["OrganizationType"],
        "officeAddress": _office(row),
        "placeOfPerformance": _place(row, absent),
        "additionalInfoLink": row["AdditionalInfoLink"] or None,
        "uiLink": row["Link"],
        "links": [{"rel": "self", "href": f"{PROD}/v2/search?noticeid={key}&limit=1"}],
        "resourceLinks": list(links) or None,
    }


def file_link(key: str) -> str:
    return f"{FILES}/{key}/download"


def _path(row: Row) -> tuple[str, str]:
    """Names and codes from the department down. A sub command has no code but its name."""
    pairs = [(row["Department/Ind.Agency"], row["CGAC"]), (row["Sub-Tier"], row["FPDS Code"])]
    if row["Office"] not in (row["Sub-Tier"], row["Department/Ind.Agency"]) or row["AAC Code"]:
        pairs.append((row["Office"], row["AAC Code"] or row["Office"]))
    told = [(name, code) for name, code in pairs if name]
    return ".".join(name for name, _ in told), ".".join(code for _, code in told)


def _award(row: Row) -> dict[str, Any] | None:
    if not row["AwardNumber"]:
        return None
    return {
        "date": row["AwardDate"],
        "number": row["AwardNumber"],
        "amount": row["Award$"],
        "awardee": {"name": row["Awardee"], "location": _EMPTY_PLACE},
    }


def _people(row: Row) -> list[dict[str, str | None]]:
    return [
        {
            "type": kind.lower(),
            "title": row[f"{kind}ContactTitle"] or None,
            "fullName": row[f"{kind}ContactFullname"],
            "email": row[f"{kind}ContactEmail"],
            "phone": row[f"{kind}ContactPhone"],
            "fax": row[f"{kind}ContactFax"],
        }
        for kind in ("Primary", "Secondary")
        if row[f"{kind}ContactFullname"]
    ]


def _office(row: Row) -> dict[str, str] | None:
    address = {
        "zipcode": row["ZipCode"],
        "city": row["City"],
        "countryCode": row["CountryCode"],
        "state": row["State"],
    }
    return address if any(address.values()) else None


def _place(row: Row, absent: str | None) -> Any:
    if not any(row[column] for column in ("PopCity", "PopState", "PopZip", "PopCountry")):
        return None if absent is None else {} if absent == "" else _EMPTY_PLACE
    told: dict[str, Any] = {
        "streetAddress": row["PopStreetAddress"],
        "city": {"name": row["PopCity"]},
        "state": {"code": row["PopState"], "name": row["PopState"]},
        "zip": row["PopZip"],
        "country": {"code": row["PopCountry"], "name": row["PopCountry"]},
    }
    return {part: value for part, value in told.items() if any(_values(value))}


def _values(part: str | dict[str, str]) -> list[str]:
    return list(part.values()) if isinstance(part, dict) else [part]
